/** How long a frame says that its body is. STOMP 1.2, 'Header content-length'. */
import { DroverError } from '../contract/errors.ts'
import type { StompVersion } from '../stomp-versions.ts'
import { headerValues } from './frame.ts'
import { textAt, unpadded } from './text.ts'

const name = 'content-length'

/**
 * @param marks name start, colon and value end of each header, as offsets into `head`
 * @param version 1.0 minds no blanks around a name either
 * @param isStrict whether blanks around the number are an error; they mean nothing, but not every reader takes them
 * @returns bytes; `undefined` where the frame does not say
 * @throws {DroverError} `frame_invalid`
 */
export function readContentLength(
  head: Uint8Array,
  marks: readonly number[],
  version: StompVersion | undefined,
  isStrict: boolean,
): number | undefined {
  const found = version === '1.0' ? paddedValues(head, marks) : headerValues(head, marks, name)
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
