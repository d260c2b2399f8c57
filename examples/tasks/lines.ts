/** The lines of a stream of bytes, of which none takes more memory than it is allowed. */

/**
 * Reads lines that end in LF or CRLF.
 * @param pieces UTF-8; bytes that are not become U+FFFD
 * @param maxLength characters kept of a line; the rest of it is passed over
 */
export async function* linesOf(pieces: AsyncIterable<Uint8Array>, maxLength: number): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let kept = ''
  let isEmpty = true
  const keep = (text: string): void => {
    if (kept.length < maxLength) kept += text.slice(0, maxLength - kept.length)
    isEmpty &&= text === ''
  }
  for await (const piece of pieces) {
    const text = decoder.decode(piece, { stream: true })
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      keep(text.slice(start, end))
      yield kept.endsWith('\r') ? kept.slice(0, -1) : kept
      kept = ''
      isEmpty = true
      start = end + 1
    }
    keep(text.slice(start))
  }
  keep(decoder.decode())
  if (!isEmpty) yield kept.endsWith('\r') ? kept.slice(0, -1) : kept
}
