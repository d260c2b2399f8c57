/** One frame as it came: where its parts lie, decoded only when somebody asks. */
import { joinBytes } from '../bytes.ts'
import { isAt, textAt } from './text.ts'

export type FrameParts = Pick<
  ScannedFrame,
  'command' | 'source' | 'start' | 'length' | 'rest' | 'bodyStart' | 'marks' | 'hasBackslash' | 'mayHaveOddEscape'
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
  /** Whether one may begin an escape other than `\c` and `\\`, which nearly none does. */
  readonly mayHaveOddEscape: boolean
  /** The bytes in which it lies, its head at the least, and where it starts there. */
  readonly source: Uint8Array
  readonly start: number
  /** The bytes behind the end of `source`, of a large frame that came in several chunks. */
  readonly rest: readonly Uint8Array[]
  /** Of `bytes`. */
  readonly length: number
  #bytes: Uint8Array | undefined

  constructor({ command, source, start, length, rest, bodyStart, marks, hasBackslash, mayHaveOddEscape }: FrameParts) {
    this.command = command
    this.source = source
    this.start = start
    this.length = length
    this.rest = rest
    this.bodyStart = bodyStart
    this.marks = marks
    this.hasBackslash = hasBackslash
    this.mayHaveOddEscape = mayHaveOddEscape
  }

  /** From the first byte of the command to the NUL, both included. Made when it is asked for: most frames need none of their own. */
  get bytes(): Uint8Array {
    this.#bytes ??= joinBytes(this.parts)
    return this.#bytes
  }

  /** Its bytes in the parts in which they came. */
  get parts(): readonly Uint8Array[] {
    return [this.source.subarray(this.start, this.start + this.length), ...this.rest]
  }

  /** The same command and headers without the body. */
  get head(): ScannedFrame {
    return new ScannedFrame({ ...this, length: this.bodyStart, rest: [] })
  }

  /** The bytes behind the head, with the NUL, in the parts in which they came. */
  get bodyParts(): readonly Uint8Array[] {
    return [this.source.subarray(this.start + this.bodyStart, this.start + this.length), ...this.rest]
  }

  /** Without the NUL behind it. */
  get body(): Uint8Array {
    if (this.rest.length > 0) return this.bytes.subarray(this.bodyStart, this.length - 1)
    return this.source.subarray(this.start + this.bodyStart, this.start + this.length - 1)
  }

  /** Whether it has a body. Line breaks alone are none: programs write a blank line too many. */
  get hasBody(): boolean {
    if (this.length - this.bodyStart === 1) return false
    const { body } = this
    for (let at = 0; at < body.length; at++) {
      if (body[at] !== 10 && body[at] !== 13) return true
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
