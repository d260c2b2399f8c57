/**
 * Finds frames in a byte stream, however it is cut, without decoding bodies.
 *
 * What it takes for one frame, any broker must take for the same one; where implementations differ it refuses. So:
 * - a command is capital letters only; an HTTP request line fails at its first blank;
 * - all lines of a frame end alike, LF or CR LF (Classic ends a head at LF LF or CR LF CR LF, and at no mixture), and CR
 *   stands nowhere else. A peer that agreed on 1.0 or 1.1 may not use CR LF at all (Artemis reads CR as part of the value);
 * - a NUL, an empty name, or no colon in a header line is an error, as is text that is not UTF-8;
 * - `content-length` is digits, of a client also with blanks around them, the same each time it is repeated, and the byte after the body is NUL. Without it the
 *   body ends at the first NUL.
 *
 * @see STOMP 1.2, 'Augmented BNF', 'Header content-length'
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { commandAt } from './command.ts'
import { readContentLength } from './content-length.ts'
import type { StompVersion } from './escape.ts'
import { ScannedFrame } from './frame.ts'
import { HeldBytes } from './held.ts'
import { defaultFrameLimits, type FrameLimits } from './limits.ts'
import { decodeUtf8 } from './text.ts'

const NUL = 0
const LF = 10
const CR = 13
const COLON = 58
const maxCommandBytes = 16

type Phase = 'between' | 'command' | 'headers' | 'counted_body' | 'nul_body' | 'spent'

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
  /** For a broker's side: takes CR (before 1.2), NUL and what is not UTF-8 in a head for text, and `sawOddHead` tells of it. */
  isLenient = false
  sawOddHead = false
  /** Line ends read between frames: heart-beats, and those that peers put behind a NUL. */
  heartBeats = 0

  /** Whether the last frame that began has a first line such as STOMP's: what does not is another protocol. */
  hasCommand = false

  #phase: Phase = 'between'
  #failure: DroverError | undefined
  // The frame under way: offsets count from its first byte
  #held: HeldBytes | undefined
  #marks: number[] = []
  #lineStart = 0
  #colon = -1
  #isAfterCr = false
  #lineEnd: 'unknown' | 'LF' | 'CR LF' = 'unknown'
  // The bits of all header bytes: under 128, the headers are ASCII
  #highBits = 0
  #commandEnd = 0
  #command = ''
  #bodyStart = 0
  #counted = 0
  #bodyEnd = 0

  constructor(limits: FrameLimits = defaultFrameLimits) {
    this.limits = limits
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
        case 'command':
          at = this.#readCommand(chunk, at, origin)
          break
        case 'headers':
          at = this.#readHeaders(chunk, at, origin)
          if (this.#bodyStart > 0) {
            if (held) {
              held.append(chunk, copied, at)
              copied = at
            }
            this.#startBody(held ? held.bytes : chunk.subarray(origin, at))
          }
          break
        default:
          at = this.#phase === 'counted_body' ? this.#readCounted(chunk, origin) : this.#readToNul(chunk, at, origin)
          if (this.#bodyEnd > 0) {
            held?.append(chunk, copied, at)
            const bytes = held ? held.bytes : chunk.subarray(origin, at)
            const frame = new ScannedFrame(this.#command, bytes, this.#bodyStart, this.#marks)
            held = this.#held = undefined
            // Spent while the holder acts on it: should that throw, the rest of the chunk is gone
            this.#phase = 'spent'
            if (onFrame(frame) !== false) this.#phase = 'between'
          }
      }
    }
    if (this.#phase === 'between' || this.#phase === 'spent') return
    held ??= this.#held = new HeldBytes()
    held.append(chunk, Math.max(copied, origin), chunk.length)
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
        this.#phase = 'command'
        this.hasCommand = false
        this.#marks = []
        this.#colon = -1
        this.#lineEnd = 'unknown'
        this.#highBits = 0
        this.sawOddHead = false
        this.#bodyStart = this.#bodyEnd = 0
        return at
      }
    }
    return chunk.length
  }

  #readCommand(chunk: Uint8Array, from: number, origin: number): number {
    for (let at = from; at < chunk.length; at++) {
      const byte = chunk[at]!
      if (byte === LF) {
        this.#commandEnd = at - origin - (this.#isAfterCr ? 1 : 0)
        if (this.#commandEnd === 0) throw this.#fail('frame_invalid', 'A frame begins without a command')
        this.#endLine()
        this.#lineStart = at + 1 - origin
        this.#phase = 'headers'
        this.hasCommand = true
        return at + 1
      }
      if (byte === CR && !this.#isAfterCr) this.#isAfterCr = true
      else if (this.#isAfterCr || byte < 65 || byte > 90) {
        const found = byte > 32 && byte < 127 ? `"${String.fromCharCode(byte)}"` : `byte ${byte}`
        throw this.#fail('frame_invalid', `A frame's first line has ${found} in it; a STOMP command is capital letters`)
      }
      if (at - origin >= maxCommandBytes) {
        throw this.#fail(
          'frame_invalid',
          `A frame's first line has over ${maxCommandBytes} bytes; no STOMP command has`,
        )
      }
    }
    return chunk.length
  }

  /** Reads header lines up to the blank one, at which it sets `#bodyStart`. */
  #readHeaders(chunk: Uint8Array, from: number, origin: number): number {
    const { maxHeaders, maxHeaderBytes } = this.limits
    const marks = this.#marks
    const end = Math.min(chunk.length, origin + maxHeaderBytes)
    // Locals, since this loop sees every header byte and private fields cost three times as much
    let colon = this.#colon
    let isAfterCr = this.#isAfterCr
    let highBits = this.#highBits
    let at = from
    for (; at < end; at++) {
      const byte = chunk[at]!
      if (byte > COLON && !isAfterCr) {
        highBits |= byte
      } else if (byte === LF) {
        const lineEnd = at - origin - (isAfterCr ? 1 : 0)
        this.#isAfterCr = isAfterCr
        this.#endLine()
        isAfterCr = false
        if (lineEnd === this.#lineStart) {
          this.#highBits = highBits
          this.#bodyStart = at + 1 - origin
          return at + 1
        }
        if (colon < 0) throw this.#fail('frame_invalid', 'A header line has no colon; write name:value')
        if (colon === this.#lineStart) {
          throw this.#fail('frame_invalid', 'A header line has no name before its colon')
        }
        marks.push(this.#lineStart, colon, lineEnd)
        if (marks.length > maxHeaders * 3) {
          throw this.#fail('frame_too_large', `A frame has more than ${maxHeaders} headers`)
        }
        this.#lineStart = at + 1 - origin
        colon = -1
      } else if (isAfterCr) {
        throw this.#fail('frame_invalid', 'A header has a carriage return inside its line; write it as \\r')
      } else if (byte === COLON) {
        if (colon < 0) colon = at - origin
      } else if (this.isLenient && (byte === NUL || (byte === CR && this.version !== '1.2'))) {
        this.sawOddHead = true
      } else if (byte === CR) {
        isAfterCr = true
      } else if (byte === NUL) {
        throw this.#fail('frame_invalid', 'A frame ends before the blank line behind its headers')
      }
    }
    this.#colon = colon
    this.#isAfterCr = isAfterCr
    this.#highBits = highBits
    if (at < chunk.length) throw this.#fail('frame_too_large', `A frame's headers have over ${maxHeaderBytes} bytes`)
    return at
  }

  #endLine(): void {
    const found = this.#isAfterCr ? 'CR LF' : 'LF'
    this.#isAfterCr = false
    if (this.#lineEnd === 'unknown') {
      if (found === 'CR LF' && (this.version === '1.0' || this.version === '1.1')) {
        throw this.#fail(
          'frame_invalid',
          `A line ends with CR LF, which STOMP ${this.version} does not have; end it with LF`,
        )
      }
      this.#lineEnd = found
    } else if (this.#lineEnd !== found) {
      throw this.#fail('frame_invalid', 'Some lines of a frame end with LF and some with CR LF; use one of them')
    }
  }

  #startBody(head: Uint8Array): void {
    if (this.#highBits > 127) {
      try {
        decodeUtf8(head)
      } catch (cause) {
        if (!this.isLenient) throw this.#fail('frame_invalid', "A frame's headers are not UTF-8", cause)
        this.sawOddHead = true
      }
    }
    this.#command = commandAt(head, this.#commandEnd)
    const length = this.#lengthSaid(head)
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

  #lengthSaid(head: Uint8Array): number | undefined {
    try {
      // What a broker sends is passed on as it came, to readers of every kind
      return readContentLength(head, this.#marks, this.version, this.isLenient)
    } catch (error) {
      throw this.#fail('frame_invalid', (error as Error).message)
    }
  }

  /** Ends the frame at the NUL that `content-length` leads to; sets `#bodyEnd`. */
  #readCounted(chunk: Uint8Array, origin: number): number {
    const bodyEnd = this.#bodyStart + this.#counted
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
    if (end - origin - this.#bodyStart > maxBodyBytes) {
      throw this.#fail('frame_too_large', `A ${this.#command} frame has a body of more than ${maxBodyBytes} bytes`)
    }
    if (found < 0) return end
    this.#bodyEnd = end - origin
    return end + 1
  }

  #fail(code: 'frame_invalid' | 'frame_too_large', message: string, cause?: unknown): DroverError {
    this.#held = undefined
    this.#phase = 'spent'
    this.#failure = new DroverError(code, message, cause === undefined ? undefined : { cause })
    return this.#failure
  }
}
