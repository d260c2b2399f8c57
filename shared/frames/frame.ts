/** One frame as it came: where its parts lie, decoded only when somebody asks. */
import { textAt } from './text.ts'

/**
 * A complete frame in the bytes that carried it. Nothing is copied: `bytes` is a slice of the chunk wherever the frame
 * lay in one chunk, so neighbouring frames can be passed on as one piece.
 */
export class ScannedFrame {
  readonly command: string
  /** From the first byte of the command to the NUL, both included. */
  readonly bytes: Uint8Array
  /** Where the body starts in `bytes`: the head, blank line included, is before it. */
  readonly bodyStart: number
  // name start, colon, value end; three numbers a header, offsets into bytes
  readonly #marks: readonly number[]

  constructor(command: string, bytes: Uint8Array, bodyStart: number, marks: readonly number[]) {
    this.command = command
    this.bytes = bytes
    this.bodyStart = bodyStart
    this.#marks = marks
  }

  /** Name start, colon and value end of each header line, as offsets into `bytes`, to edit a head as bytes. */
  get marks(): readonly number[] {
    return this.#marks
  }

  /** Without the NUL behind it. */
  get body(): Uint8Array {
    return this.bytes.subarray(this.bodyStart, this.bytes.length - 1)
  }

  /** Whether it has a body. Line breaks alone are none: programs write a blank line too many. */
  get hasBody(): boolean {
    for (let at = this.bodyStart; at < this.bytes.length - 1; at++) {
      if (this.bytes[at] !== 10 && this.bytes[at] !== 13) return true
    }
    return false
  }

  /**
   * The first value of a header, still escaped: of repeated headers only the first counts.
   * @param name as it stands on the wire; ASCII
   * @see STOMP 1.2, 'Repeated Header Entries'
   */
  header(name: string): string | undefined {
    const marks = this.#marks
    for (let mark = 0; mark < marks.length; mark += 3) {
      const start = marks[mark]!
      const colon = marks[mark + 1]!
      if (colon - start === name.length && isAt(this.bytes, name, start))
        return textAt(this.bytes, colon + 1, marks[mark + 2]!)
    }
    return undefined
  }

  /** Every value of a header, in order; the first is the one that counts. */
  headerValues(name: string): string[] {
    return headerValues(this.bytes, this.#marks, name)
  }

  /** Every header line in order, repeats included, still escaped. */
  headers(): [name: string, value: string][] {
    const marks = this.#marks
    const headers: [string, string][] = []
    for (let mark = 0; mark < marks.length; mark += 3) {
      const colon = marks[mark + 1]!
      headers.push([textAt(this.bytes, marks[mark]!, colon), textAt(this.bytes, colon + 1, marks[mark + 2]!)])
    }
    return headers
  }

  /**
   * The header lines, where every version writes them the same: for passing on without decoding.
   * @param isLeftOut by name; repeats are left out as well
   * @returns slices of `bytes`, lines without their ends; `undefined` when a line has a backslash or a second colon, so
   * that it must be decoded and escaped for its reader
   */
  plainLines(isLeftOut: (name: string) => boolean): Uint8Array[] | undefined {
    const { bytes } = this
    const marks = this.#marks
    const backslash = bytes.indexOf(92)
    if (backslash >= 0 && backslash < this.bodyStart) return undefined
    const lines: Uint8Array[] = []
    const names: string[] = []
    for (let mark = 0; mark < marks.length; mark += 3) {
      const start = marks[mark]!
      const colon = marks[mark + 1]!
      const end = marks[mark + 2]!
      const name = textAt(bytes, start, colon)
      if (isLeftOut(name) || names.includes(name)) continue
      const secondColon = bytes.indexOf(58, colon + 1)
      if (secondColon >= 0 && secondColon < end) return undefined
      names.push(name)
      lines.push(bytes.subarray(start, end))
    }
    return lines
  }
}

/** @param marks name start, colon and value end of each header, as offsets into `bytes` */
export function headerValues(bytes: Uint8Array, marks: readonly number[], name: string): string[] {
  const values: string[] = []
  for (let mark = 0; mark < marks.length; mark += 3) {
    const start = marks[mark]!
    const colon = marks[mark + 1]!
    if (colon - start === name.length && isAt(bytes, name, start)) {
      values.push(textAt(bytes, colon + 1, marks[mark + 2]!))
    }
  }
  return values
}

function isAt(bytes: Uint8Array, name: string, start: number): boolean {
  for (let at = 0; at < name.length; at++) if (bytes[start + at] !== name.charCodeAt(at)) return false
  return true
}
