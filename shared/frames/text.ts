/** UTF-8 for headers: strict, and without swallowing a byte order mark, which would change a value in passing. */
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

export const encodeUtf8 = (text: string): Uint8Array => encoder.encode(text)

/** @throws {TypeError} when the bytes are not UTF-8 */
export const decodeUtf8 = (bytes: Uint8Array): string => strictUtf8.decode(bytes)

/** Whether bytes are text. */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strictUtf8.decode(bytes)
    return true
  } catch {
    return false
  }
}

// Up to this length a loop beats the call into TextDecoder. Longer text of a loop is a tree of pieces, joined when it is looked up.
const shortBytes = 12

/** Text of `bytes[start, end)`, which is known to be valid UTF-8. */
export function textAt(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= shortBytes) {
    let text = ''
    let at = start
    for (; at < end; at++) {
      const byte = bytes[at]!
      if (byte > 0x7f) break
      text += String.fromCharCode(byte)
    }
    if (at === end) return text
  }
  return strictUtf8.decode(bytes.subarray(start, end))
}

/** Without blanks of ASCII around it. One of Unicode is part of a value, as it is to every broker, and makes it none of a number. */
export function unpadded(value: string): string {
  let from = 0
  let to = value.length
  // A pattern that ends with $ would look from each blank on to the next character: 60,000 of them take over a second
  while (from < to && value.charCodeAt(from) <= 32) from++
  while (to > from && value.charCodeAt(to - 1) <= 32) to--
  return value.slice(from, to)
}

/** Whether `text`, which is ASCII, stands in `bytes` at `start`. */
export function isAt(bytes: Uint8Array, text: string, start: number): boolean {
  for (let at = 0; at < text.length; at++) if (bytes[start + at] !== text.charCodeAt(at)) return false
  return true
}
