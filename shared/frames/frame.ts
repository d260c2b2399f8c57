/** One frame as it came: where its parts lie, decoded only when somebody asks. */
import { isAt, textAt } from './text.ts'

export type FrameParts = Pick<
  ScannedFrame,
  'command' | 'source' | 'start' | 'length' | 'bodyStart' | 'marks' | 'hasBackslash'
>

/**
 * A complete frame in the bytes that carried it. Nothing is copied: it is a part of the chunk wherever it lay in one chunk, so
 * neighbouring frames can be passed on as one piece.
 */
export class ScannedFrame {
  readonly command: string
  /** Where the body starts: the head, blank line included, is before it. */
  readonly bodyStart: number
  /** Name start, colon and value end of each header line, as offsets into `bytes`, to edit a head as bytes. */
  readonly marks: readonly number[]
  /** Whether there is a backslash in a header line. */
  readonly hasBackslash: boolean
  /** The bytes in which it lies, and where it starts there. */
  readonly source: Uint8Array
  readonly start: number
  /** Of `bytes`. */
  readonly length: number
  #bytes: Uint8Array | undefined

  constructor({ command, source, start, length, bodyStart, marks, hasBackslash }: FrameParts) {
    this.command = command
    this.source = source
    this.start = start
    this.length = length
    this.bodyStart = bodyStart
    this.marks = marks
    this.hasBackslash = hasBackslash
  }

  /** From the first byte of the command to the NUL, both included. Made when it is asked for: most frames need none of their own. */
  get bytes(): Uint8Array {
    this.#bytes ??= this.source.subarray(this.start, this.start + this.length)
    return this.#bytes
  }

  /** Without the NUL behind it. */
  get body(): Uint8Array {
    return this.source.subarray(this.start + this.bodyStart, this.start + this.length - 1)
  }

  /** Whether it has a body. Line breaks alone are none: programs write a blank line too many. */
  get hasBody(): boolean {
    const { source, start } = this
    for (let at = start + this.bodyStart; at < start + this.length - 1; at++) {
      if (source[at] !== 10 && source[at] !== 13) return true
    }
    return false
  }

  /**
   * The first value of a header, still escaped: of repeated headers only the first counts.
   * @param name as it stands on the wire; ASCII
   * @see STOMP 1.2, 'Repeated Header Entries'
   */
  header(name: string): string | undefined {
    const { marks, source, start } = this
    for (let mark = 0; mark < marks.length; mark += 3) {
      const colon = marks[mark + 1]!
      if (colon - marks[mark]! === name.length && isAt(source, name, start + marks[mark]!))
        return textAt(source, start + colon + 1, start + marks[mark + 2]!)
    }
    return undefined
  }

  /** Every value of a header, in order; the first is the one that counts. */
  headerValues(name: string): string[] {
    return headerValues(this.bytes, this.marks, name)
  }

  /** Every header line in order, repeats included, still escaped. */
  headers(): [name: string, value: string][] {
    const { marks, source, start } = this
    const headers: [string, string][] = []
    for (let mark = 0; mark < marks.length; mark += 3) {
      const colon = marks[mark + 1]!
      headers.push([
        textAt(source, start + marks[mark]!, start + colon),
        textAt(source, start + colon + 1, start + marks[mark + 2]!),
      ])
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
    const { bytes, marks } = this
    if (this.hasBackslash) return undefined
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
