/** How long a frame says that its body is. STOMP 1.2, 'Header content-length'. */
import { DroverError } from '../contract/errors.ts'
import type { StompVersion } from '../stomp-versions.ts'
import { headerValues } from './frame.ts'
import { isAt, textAt, unpadded } from './text.ts'

const name = 'content-length'

/**
 * @param bytes that hold the frame's head
 * @param start where the frame starts in `bytes`
 * @param marks name start, colon and value end of each header, as offsets from there
 * @param version 1.0 minds no blanks around a name either
 * @param isStrict whether blanks around the number are an error; they mean nothing, but not every reader takes them
 * @returns bytes; `undefined` where the frame does not say
 * @throws {DroverError} `frame_invalid`
 */
export function readContentLength(
  bytes: Uint8Array,
  start: number,
  marks: readonly number[],
  version: StompVersion | undefined,
  isStrict: boolean,
): number | undefined {
  if (version === '1.0') return judge(paddedValues(bytes.subarray(start), marks), isStrict)
  let length: number | undefined
  for (let mark = 0; mark < marks.length; mark += 3) {
    const colon = marks[mark + 1]!
    if (colon - marks[mark]! !== name.length || !isAt(bytes, name, start + marks[mark]!)) continue
    // One that is digits, and once, is most of them
    if (length === undefined) length = digitsAt(bytes, start + colon + 1, start + marks[mark + 2]!)
    else length = Number.NaN
    if (Number.isNaN(length)) return judge(headerValues(bytes.subarray(start), marks, name), isStrict)
  }
  return length
}

/** The number in `bytes[from, to)`, or `NaN` where that is not 1 to 15 digits. */
function digitsAt(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || to - from > 15) return Number.NaN
  let number = 0
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 48
    if (digit < 0 || digit > 9) return Number.NaN
    number = number * 10 + digit
  }
  return number
}

function judge(found: readonly string[], isStrict: boolean): number | undefined {
  const [first, ...others] = isStrict ? found : found.map(unpadded)
  if (first === undefined) return undefined
  if (!/^[0-9]{1,15}$/.test(first)) {
    throw new DroverError(
      'frame_invalid',
      `content-length is ${JSON.stringify(first.slice(0, 40))}; write the body's bytes in digits`,
    )
  }
  if (others.some(length => length !== first)) {
    throw new DroverError('frame_invalid', 'A frame has two different content-length headers')
  }
  return Number(first)
}

function paddedValues(head: Uint8Array, marks: readonly number[]): string[] {
  const values: string[] = []
  for (let mark = 0; mark < marks.length; mark += 3) {
    const colon = marks[mark + 1]!
    // The name and some blanks; a longer one is another
    if (textAt(head, marks[mark]!, colon).trim() === name) values.push(textAt(head, colon + 1, marks[mark + 2]!))
  }
  return values
}
