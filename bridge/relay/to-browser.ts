/**
 * What the broker's frames become on their way to the browser: passed on as the slices in which they came, neighbours
 * together, but for ERRORs, which end the session, and jobs, which get a pass. What one chunk of the broker's brings leaves as
 * one message, since a message costs more than the copy.
 */
import { type FrameScanner, type ScannedFrame, type StompVersion, unescapeHeader } from '../frames/mod.ts'
import type { Policy } from '../grants/policy.ts'
import { editHead, endsWithCr } from '../headers/lines.ts'
import { rewriteFrame } from '../headers/rewrite.ts'
import type { Passes } from '../passes.ts'
import { type FirstVersion, scan } from './first-version.ts'
import type { HandedOut } from './handed-out.ts'
import { headersWithout, isWholeWithout, nameAt, unsayableLines } from './left-out.ts'

export interface ToBrowserOptions {
  readonly scanner: FrameScanner
  readonly version: StompVersion
  readonly policy: Policy
  readonly passes: Passes
  /** Destinations of the session's job subscriptions, by id. */
  readonly jobSubscriptions: ReadonlyMap<string, string>
  /** Gets to know each message that the session may acknowledge. */
  readonly handedOut: HandedOut
  /** @param frames one or more whole frames */
  readonly send: (frames: Uint8Array) => void
  /** Where the browser speaks another version than the broker. */
  readonly firstVersion: FirstVersion | undefined
  /** Told of headers that do not go on. */
  readonly onLeftOut: (names: readonly string[]) => void
}

export class ToBrowser {
  readonly #options: ToBrowserOptions
  // The run of untouched frames in the chunk being read: chunk indexes, none when the end is 0
  #chunk: Uint8Array = new Uint8Array(0)
  #runStart = 0
  #runEnd = 0
  // What the chunk has become so far
  #pieces: Uint8Array[] = []
  #error: ScannedFrame | undefined

  constructor(options: ToBrowserOptions) {
    this.#options = options
  }

  /**
   * Passes on the frames that a chunk completes.
   * @returns the broker's ERROR, when it comes to one: nothing behind that is read
   * @throws {DroverError} when the broker's bytes are not STOMP, or a frame is over the limits
   */
  read(chunk: Uint8Array): ScannedFrame | undefined {
    this.#chunk = chunk
    this.#runStart = this.#runEnd = 0
    try {
      this.#options.scanner.read(chunk, this.#onFrame)
    } finally {
      this.#endRun()
      this.#flush()
    }
    return this.#error
  }

  /** Passes on frames that were read before. @returns as `read` */
  take(frames: readonly ScannedFrame[]): ScannedFrame | undefined {
    for (const frame of frames) if (this.#onFrame(frame) === false) break
    this.#endRun()
    this.#flush()
    return this.#error
  }

  readonly #onFrame = (frame: ScannedFrame): false | undefined => {
    if (frame.command === 'ERROR') {
      this.#error = frame
      return false
    }
    const { firstVersion } = this.#options
    const lines = unsayableLines(frame, this.#options.scanner.sawOddHead)
    if (lines !== undefined) {
      this.#options.onLeftOut(lines.map(mark => nameAt(frame, mark)))
      if (!isWholeWithout(frame, lines, this.#options.version)) return
    }
    const changed = this.#change(frame, lines ?? none)
    if (firstVersion !== undefined) {
      this.#pieces.push(firstVersion.toBrowser(changed === undefined ? frame : scan(changed)))
      return
    }
    if (changed === undefined && frame.bytes.buffer === this.#chunk.buffer) {
      const start = frame.bytes.byteOffset - this.#chunk.byteOffset
      if (this.#runEnd === 0) this.#runStart = start
      this.#runEnd = start + frame.bytes.length
      return
    }
    this.#endRun()
    this.#pieces.push(changed ?? frame.bytes)
    return
  }

  #endRun(): void {
    if (this.#runEnd === 0) return
    this.#pieces.push(this.#chunk.subarray(this.#runStart, this.#runEnd))
    this.#runEnd = 0
  }

  #flush(): void {
    const pieces = this.#pieces
    if (pieces.length === 0) return
    this.#pieces = []
    this.#options.send(pieces.length === 1 ? pieces[0]! : concat(pieces))
  }

  /** @param lines that stay behind: indexes into the frame's marks, ascending */
  #change(frame: ScannedFrame, lines: readonly number[]): Uint8Array | undefined {
    const { jobSubscriptions, handedOut } = this.#options
    if (frame.command === 'MESSAGE' && (jobSubscriptions.size > 0 || handedOut.isWanted)) {
      const subscription = this.#header(frame, 'subscription', lines) ?? ''
      if (handedOut.counts(subscription)) {
        const id = this.#header(frame, handedOut.idHeader, lines)
        if (id !== undefined) handedOut.add(subscription, id)
      }
      const destination = jobSubscriptions.get(subscription)
      // An id may be of another subscription by now than when the broker sent this: what came from elsewhere is no job
      if (destination !== undefined && this.#header(frame, 'destination', lines) === destination) {
        return this.#withPass(frame, destination, lines)
      }
    }
    return lines.length === 0 ? undefined : without(frame, nothing, lines, this.#options.version)
  }

  /** The first value of a header that goes on. */
  #header(frame: ScannedFrame, name: string, lines: readonly number[]): string | undefined {
    const values = lines.length === 0 ? undefined : headersWithout(frame, lines)
    const value = values === undefined ? frame.header(name) : values.find(([found]) => found === name)?.[1]
    return value?.includes('\\') ? unescapeHeader(value, this.#options.version) : value
  }

  #withPass(frame: ScannedFrame, destination: string, lines: readonly number[]): Uint8Array {
    const { passes, policy, version } = this.#options
    const { marks } = frame
    const dropped = [...lines]
    const routing: number[] = []
    const seen = new Set<string>()
    let isDoubtful = false
    for (let mark = 0; mark < marks.length; mark += 3) {
      const known = routingAt(frame.bytes, marks[mark]!, marks[mark + 1]!)
      if (known === undefined || lines.includes(mark)) continue
      if (known === 'drover-pass') dropped.push(mark)
      else {
        routing.push(mark)
        isDoubtful ||= seen.has(known)
        seen.add(known)
      }
    }
    // The bridge writes each of them once. Where one stands twice, none of them vouches for anybody
    if (isDoubtful) {
      dropped.push(...routing)
      this.#options.onLeftOut([...seen])
    }
    const said = (name: string): string => (isDoubtful ? '' : (this.#header(frame, name, lines) ?? ''))
    const job = { destination, replyTo: said('reply-to'), sender: said('drover-sender') }
    const pass = passes.issue(job, said('correlation-id'), policy.owner)
    dropped.sort((a, b) => a - b)
    return without(frame, encoder.encode(`drover-pass:${pass}\n`), dropped, version)
  }
}

const none: readonly number[] = []
const nothing = new Uint8Array(0)

/** @param inserted whole lines, LF included */
function without(
  frame: ScannedFrame,
  inserted: Uint8Array,
  dropped: readonly number[],
  version: StompVersion,
): Uint8Array {
  if (!endsWithCr(frame)) return editHead(frame, inserted, dropped)
  const kept = headersWithout(frame, dropped)
  const lines = kept.map(([name, value]) => [unescapeHeader(name, version), unescapeHeader(value, version)] as const)
  const bytes = rewriteFrame(frame, lines, version)
  return inserted.length === 0 ? bytes : editHead(scan(bytes), inserted, none)
}

const encoder = new TextEncoder()
const routingNames = ['drover-pass', 'drover-sender', 'reply-to', 'correlation-id'].map(name => ({
  name,
  bytes: encoder.encode(name),
}))

/** Which of the headers that say whose job it is stands there. */
function routingAt(bytes: Uint8Array, start: number, colon: number): string | undefined {
  for (const { name, bytes: wanted } of routingNames) {
    if (colon - start !== wanted.length) continue
    let at = 0
    while (at < wanted.length && bytes[start + at] === wanted[at]) at++
    if (at === wanted.length) return name
  }
  return undefined
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    joined.set(piece, at)
    at += piece.length
  }
  return joined
}
