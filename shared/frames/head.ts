/**
 * The head of a frame, byte by byte: its command and header lines, up to the blank one. scan.ts tells which heads are refused.
 */
import { DroverError } from '../contract/errors.ts'
import type { StompVersion } from '../stomp-versions.ts'
import type { FrameLimits } from './limits.ts'
import { decodeUtf8, isAt, textAt } from './text.ts'

const NUL = 0
const LF = 10
const CR = 13
const COLON = 58
const BACKSLASH = 92
const LETTER_C = 99
const maxCommandBytes = 16

/** The bytes that say nothing but themselves: all of ASCII but line ends, NUL, colon and backslash. */
const isPlain = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 128 && ![NUL, LF, CR, COLON, BACKSLASH].includes(byte) ? 1 : 0,
)
/** The marks of the head that is being read: an array that grows with each head would be made several times. */
const scratch: number[] = []

/** Limits and version in force; they may change between two bytes. */
export interface HeadRules {
  readonly limits: FrameLimits
  readonly version: StompVersion | undefined
  readonly isLenient: boolean
}

export class HeadScanner {
  /** Whether there was something in it that STOMP has not, and lenience took it for text. */
  sawOdd = false
  /** Whether there is a backslash in its header lines. */
  hasBackslash = false
  /** Whether there is an escape other than `\c` and `\\`, or one that a chunk ended in. */
  mayHaveOddEscape = false
  /** Whether its first line is one such as STOMP's. */
  hasCommand = false
  /** Name start, colon and value end of each header line. Offsets count from the frame's first byte. */
  marks: number[] = []
  commandEnd = 0
  /** Where the body starts; 0 while the head is not complete. */
  bodyStart = 0
  readonly #rules: HeadRules
  #lineStart = 0
  #colon = -1
  #isAfterCr = false
  #lineEnd: 'unknown' | 'LF' | 'CR LF' = 'unknown'
  #isAscii = true

  constructor(rules: HeadRules) {
    this.#rules = rules
  }

  /** A frame begins. */
  begin(): void {
    this.hasCommand = false
    this.marks = []
    this.sawOdd = false
    this.bodyStart = 0
    this.#colon = -1
    this.#isAfterCr = false
    this.#lineEnd = 'unknown'
    this.#isAscii = true
    this.hasBackslash = false
    this.mayHaveOddEscape = false
  }

  /**
   * Reads on in a chunk.
   * @param origin where the frame starts, as a chunk index: below 0 when it started in an earlier chunk
   * @returns the index behind the last byte read
   * @throws {DroverError} `frame_invalid` or `frame_too_large`
   */
  read(chunk: Uint8Array, from: number, origin: number): number {
    const at = this.hasCommand ? from : this.#readCommand(chunk, from, origin)
    return this.hasCommand ? this.#readHeaders(chunk, at, origin) : at
  }

  /**
   * Makes sure that a complete head is text.
   * @param start where the frame starts in `bytes`
   * @throws {DroverError} `frame_invalid`
   */
  checkText(bytes: Uint8Array, start: number): void {
    if (this.#isAscii) return
    try {
      decodeUtf8(bytes.subarray(start, start + this.bodyStart))
    } catch (cause) {
      if (!this.#rules.isLenient) throw invalid("A frame's headers are not UTF-8", cause)
      this.sawOdd = true
    }
  }

  #readCommand(chunk: Uint8Array, from: number, origin: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (byte === LF) {
        this.commandEnd = at - origin - (this.#isAfterCr ? 1 : 0)
        if (this.commandEnd === 0) throw invalid('A frame begins without a command')
        this.#endLine(this.#isAfterCr)
        this.#isAfterCr = false
        this.#lineStart = at + 1 - origin
        this.hasCommand = true
        return at + 1
      }
      if (byte === CR && !this.#isAfterCr) this.#isAfterCr = true
      else if (this.#isAfterCr || byte < 65 || byte > 90) {
        const found = byte > 32 && byte < 127 ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`
        throw invalid(`A frame's first line has ${found} in it; a STOMP command is capital letters`)
      }
      if (!this.#isAfterCr && at - origin >= maxCommandBytes) {
        throw invalid(`A frame's first line has over ${maxCommandBytes} bytes; no STOMP command has`)
      }
    }
    return chunk.length
  }

  /** Reads header lines up to the blank one, at which it sets `bodyStart`. */
  #readHeaders(chunk: Uint8Array, from: number, origin: number): number {
    const { limits, isLenient, version } = this.#rules
    const { maxHeaders, maxHeaderBytes } = limits
    const end = Math.min(chunk.length, origin + maxHeaderBytes)
    // Locals, since this loop sees every header byte and private fields cost three times as much
    let marked = this.#takeUpMarks()
    let lineStart = this.#lineStart
    let colon = this.#colon
    let isAfterCr = this.#isAfterCr
    let at = from
    for (; at < end; at++) {
      let byte = chunk[at]!
      // Behind a CR only LF may come
      if (!isAfterCr) {
        while (isPlain[byte] === 1 && ++at < end) byte = chunk[at]!
        if (at >= end) break
      }
      if (byte === LF) {
        const lineEnd = at - origin - (isAfterCr ? 1 : 0)
        if (isAfterCr || this.#lineEnd !== 'LF') this.#endLine(isAfterCr)
        isAfterCr = false
        if (lineEnd === lineStart) {
          this.marks = scratch.slice(0, marked)
          this.bodyStart = at + 1 - origin
          return at + 1
        }
        if (colon < 0) throw invalid('A header line has no colon; write name:value')
        if (colon === lineStart) throw invalid('A header line has no name before its colon')
        scratch[marked] = lineStart
        scratch[marked + 1] = colon
        scratch[marked + 2] = lineEnd
        marked += 3
        if (marked > maxHeaders * 3) throw tooLarge(`A frame has more than ${maxHeaders} headers`)
        lineStart = at + 1 - origin
        colon = -1
      } else if (isAfterCr) {
        throw invalid('A header has a carriage return inside its line; leave it out')
      } else if (byte === COLON) {
        if (colon < 0) colon = at - origin
      } else if (byte > 127) {
        this.#isAscii = false
      } else if (byte === BACKSLASH) {
        this.hasBackslash = true
        const next = at + 1 < end ? chunk[at + 1] : undefined
        if (next === LETTER_C || next === BACKSLASH) at++
        else this.mayHaveOddEscape = true
      } else if (isLenient && (byte === NUL || version !== '1.2')) {
        this.sawOdd = true
      } else if (byte === CR) {
        isAfterCr = true
      } else {
        throw invalid('A frame ends before the blank line behind its headers')
      }
    }
    this.marks = scratch.slice(0, marked)
    this.#lineStart = lineStart
    this.#colon = colon
    this.#isAfterCr = isAfterCr
    if (at < chunk.length) throw tooLarge(`A frame's headers have over ${maxHeaderBytes} bytes`)
    return at
  }

  /** Those of an earlier chunk. @returns how many numbers they are */
  #takeUpMarks(): number {
    const { marks } = this
    for (let mark = 0; mark < marks.length; mark++) scratch[mark] = marks[mark]!
    return marks.length
  }

  #endLine(isAfterCr: boolean): void {
    const found = isAfterCr ? 'CR LF' : 'LF'
    if (this.#lineEnd === 'unknown') {
      const { version } = this.#rules
      if (found === 'CR LF' && (version === '1.0' || version === '1.1')) {
        throw invalid(`A line ends with CR LF, which STOMP ${version} does not have; end it with LF`)
      }
      this.#lineEnd = found
    } else if (this.#lineEnd !== found) {
      throw invalid('Some lines of a frame end with LF and some with CR LF; use one of them')
    }
  }
}

const invalid = (message: string, cause?: unknown): DroverError =>
  new DroverError('frame_invalid', message, cause === undefined ? undefined : { cause })

const tooLarge = (message: string): DroverError => new DroverError('frame_too_large', message)

// Frames share these strings, so that comparing commands compares pointers
const shared = new Map(
  'SEND MESSAGE ACK NACK RECEIPT SUBSCRIBE UNSUBSCRIBE BEGIN COMMIT ABORT CONNECT STOMP CONNECTED DISCONNECT ERROR'
    .split(' ')
    .map(command => [command, command]),
)

/**
 * The command in `bytes[start, end)`.
 * @param last the command of the frame before: mostly it is the same
 */
export function commandAt(bytes: Uint8Array, start: number, end: number, last: string): string {
  if (end - start === last.length && isAt(bytes, last, start)) return last
  const command = textAt(bytes, start, end)
  return shared.get(command) ?? command
}
