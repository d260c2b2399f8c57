/**
 * Finds frames in a byte stream, however it is cut, without decoding bodies.
 *
 * Any broker must find the same frames in the same bytes; where implementations differ it refuses. So:
 * - a command is capital letters only; an HTTP request line fails at its first blank;
 * - all lines of a frame end alike, LF or CR LF (Classic ends a head at LF LF or CR LF CR LF, and at no mixture), and CR
 *   stands nowhere else. A peer that agreed on 1.0 or 1.1 may not use CR LF at all (Artemis reads CR as part of the value);
 * - a NUL, an empty name, or no colon in a header line is an error, as is text that is not UTF-8;
 * - `content-length` is digits, of a client also with blanks around them, the same each time it is repeated, and the byte after
 *   the body is NUL. Without it the body ends at the first NUL.
 *
 * @see STOMP 1.2, 'Augmented BNF', 'Header content-length'
 */
import { DroverError } from '../contract/errors.ts'
import type { StompVersion } from '../stomp-versions.ts'
import { readContentLength } from './content-length.ts'
import { ScannedFrame } from './frame.ts'
import { commandAt, HeadScanner } from './head.ts'
import { HeldBytes } from './held-bytes.ts'
import { defaultFrameLimits, type FrameLimits } from './limits.ts'

const NUL = 0
const LF = 10
const CR = 13

/** Between frames: those of the last one are the frame's. */
const noMarks: number[] = []
const none: readonly Uint8Array[] = []

type Phase = 'between' | 'head' | 'counted_body' | 'nul_body' | 'spent'

/**
 * An incremental scanner; one a direction of a connection.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { encodeFrame, FrameScanner } from 'drover/frames'
 * const scanner = new FrameScanner()
 * const bytes = encodeFrame('SEND', [['destination', '/queue/myapp.x']], 'hi')
 * assert.deepEqual(scanner.push(bytes.subarray(0, 9)), [])
 * const [frame] = scanner.push(bytes.subarray(9))
 * assert.equal(frame?.header('destination'), '/queue/myapp.x')
 * ```
 */
export class FrameScanner {
  /** In force from the next byte on; set larger ones once a peer has logged in. */
  limits: FrameLimits
  /** The version agreed on, once it is: 1.0 and 1.1 forbid CR LF. */
  version: StompVersion | undefined
  /** For a broker's side: takes CR (before 1.2), NUL and bytes beyond UTF-8 in a head as text; `sawOddHead` tells of it. */
  isLenient = false
  /** Line ends read between frames: heart-beats, and those that peers put behind a NUL. */
  heartBeats = 0

  #phase: Phase = 'between'
  #failure: DroverError | undefined
  // The frame under way: offsets count from its first byte
  #held: HeldBytes | undefined
  readonly #head = new HeadScanner(this)
  #isAfterCr = false
  #command = ''
  #counted = 0
  #bodyEnd = 0

  constructor(limits: FrameLimits = defaultFrameLimits) {
    this.limits = limits
  }

  /** Whether the last frame that began has a first line such as STOMP's: without one it is another protocol. */
  get hasCommand(): boolean {
    return this.#head.hasCommand
  }

  get sawOddHead(): boolean {
    return this.#head.sawOdd
  }

  /** Bytes of an unfinished frame that are kept until the rest comes. */
  get heldBytes(): number {
    return this.#held?.length ?? 0
  }

  /** Whether a frame has begun that is not complete. */
  get isInsideFrame(): boolean {
    return this.#phase !== 'between'
  }

  /**
   * The frames that the chunk completes.
   * @throws {DroverError} `frame_invalid` or `frame_too_large`, then and at every later call. Frames that the chunk held
   * before the fault are lost with it; `read` hands them over.
   */
  push(chunk: Uint8Array): readonly ScannedFrame[] {
    const frames: ScannedFrame[] = []
    this.read(chunk, frame => void frames.push(frame))
    return frames
  }

  /**
   * Like `push`, one frame at a time, so that limits and version may change between two frames of one chunk.
   * @param onFrame may return false: then nothing further is read, now or later
   * @throws {DroverError} as `push`, after the frames before the fault were given to `onFrame`
   */
  read(chunk: Uint8Array, onFrame: (frame: ScannedFrame) => boolean | undefined): void {
    if (this.#failure) throw this.#failure
    let held = this.#held
    // Where the frame under way starts, as a chunk index: below 0 when it started in an earlier chunk
    let origin = held ? -held.length : 0
    // Chunk bytes before this index are in `held` already
    let copied = 0
    let at = 0
    while (at < chunk.length) {
      switch (this.#phase) {
        case 'spent':
          return
        case 'between':
          at = this.#skipLineEnds(chunk, at)
          origin = at
          break
        case 'head':
          at = this.#readHead(chunk, at, origin)
          if (this.#head.bodyStart > 0) {
            if (held) {
              held.append(chunk, copied, at, true)
              copied = at
            }
            if (held) this.#startBody(held.first, 0)
            else this.#startBody(chunk, origin)
          }
          break
        default:
          at = this.#phase === 'counted_body' ? this.#readCounted(chunk, origin) : this.#readToNul(chunk, at, origin)
          if (this.#bodyEnd > 0) {
            held?.append(chunk, copied, at, false)
            const frame = held ? this.#frame(held.first, 0, held.parts.slice(1)) : this.#frame(chunk, origin, none)
            held = this.#held = undefined
            this.#head.marks = noMarks
            // Spent while the holder acts on it: should that throw, the rest of the chunk is gone
            this.#phase = 'spent'
            if (onFrame(frame) !== false) this.#phase = 'between'
          }
      }
    }
    if (this.#phase === 'between' || this.#phase === 'spent') return
    held ??= this.#held = new HeldBytes()
    held.append(chunk, Math.max(copied, origin), chunk.length, this.#phase === 'head')
  }

  #skipLineEnds(chunk: Uint8Array, from: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (byte === LF) {
        this.heartBeats++
        this.#isAfterCr = false
      } else if (this.#isAfterCr) {
        throw this.#fail('frame_invalid', 'Between two frames there is a carriage return without its line feed')
      } else if (byte === CR) {
        this.#isAfterCr = true
      } else {
        this.#phase = 'head'
        this.#head.begin()
        this.#bodyEnd = 0
        return at
      }
    }
    return chunk.length
  }

  #readHead(chunk: Uint8Array, from: number, origin: number): number {
    try {
      return this.#head.read(chunk, from, origin)
    } catch (error) {
      throw this.#failed(error as DroverError)
    }
  }

  #frame(source: Uint8Array, start: number, rest: readonly Uint8Array[]): ScannedFrame {
    const { bodyStart, marks, hasBackslash, mayHaveOddEscape } = this.#head
    const length = this.#bodyEnd + 1
    return new ScannedFrame({
      command: this.#command,
      source,
      start,
      length,
      rest,
      bodyStart,
      marks,
      hasBackslash,
      mayHaveOddEscape,
    })
  }

  /** @param start where the frame starts in `bytes` */
  #startBody(bytes: Uint8Array, start: number): void {
    this.#checkText(bytes, start)
    this.#command = commandAt(bytes, start, start + this.#head.commandEnd, this.#command)
    const length = this.#lengthSaid(bytes, start)
    if (length === undefined) {
      this.#phase = 'nul_body'
      return
    }
    this.#phase = 'counted_body'
    const { maxBodyBytes } = this.limits
    if (length > maxBodyBytes) {
      throw this.#fail(
        'frame_too_large',
        `A ${this.#command} frame announces a body of ${length} bytes; the limit is ${maxBodyBytes}`,
      )
    }
    this.#counted = length
  }

  #checkText(bytes: Uint8Array, start: number): void {
    try {
      this.#head.checkText(bytes, start)
    } catch (error) {
      throw this.#failed(error as DroverError)
    }
  }

  #lengthSaid(bytes: Uint8Array, start: number): number | undefined {
    try {
      // A broker's frames are passed on as they came, to readers of every kind
      return readContentLength(bytes, start, this.#head.marks, this.version, this.isLenient)
    } catch (error) {
      throw this.#fail('frame_invalid', (error as Error).message)
    }
  }

  /** Ends the frame at the NUL that `content-length` leads to; sets `#bodyEnd`. */
  #readCounted(chunk: Uint8Array, origin: number): number {
    const bodyEnd = this.#head.bodyStart + this.#counted
    const at = origin + bodyEnd
    if (at >= chunk.length) return chunk.length
    if (chunk[at] !== NUL) {
      throw this.#fail(
        'frame_invalid',
        `A ${this.#command} frame has content-length ${this.#counted} and no NUL behind those bytes`,
      )
    }
    this.#bodyEnd = bodyEnd
    return at + 1
  }

  /** Ends the frame at the first NUL; sets `#bodyEnd`. */
  #readToNul(chunk: Uint8Array, from: number, origin: number): number {
    const found = chunk.indexOf(NUL, from)
    const end = found < 0 ? chunk.length : found
    const { maxBodyBytes } = this.limits
    if (end - origin - this.#head.bodyStart > maxBodyBytes) {
      throw this.#fail('frame_too_large', `A ${this.#command} frame has a body of more than ${maxBodyBytes} bytes`)
    }
    if (found < 0) return end
    this.#bodyEnd = end - origin
    return end + 1
  }

  #fail(code: 'frame_invalid' | 'frame_too_large', message: string): DroverError {
    return this.#failed(new DroverError(code, message))
  }

  #failed(failure: DroverError): DroverError {
    this.#held = undefined
    this.#phase = 'spent'
    this.#failure = failure
    return failure
  }
}
