/**
 * What the broker's frames become on their way to the browser: passed on as the slices in which they came, neighbours
 * together, but for ERRORs, which are told anew, and jobs, which get a pass. What one chunk of the broker's brings leaves as
 * one message, since a message costs more than the copy.
 */
import { encodeFrame, type FrameScanner, type ScannedFrame, type StompVersion, unescapeHeader } from '../frames/mod.ts'
import type { Policy } from '../grants/policy.ts'
import { editHead, endsWithCr } from '../headers/lines.ts'
import type { Passes } from '../passes.ts'

export interface ToBrowserOptions {
  readonly scanner: FrameScanner
  readonly version: StompVersion
  readonly policy: Policy
  readonly passes: Passes
  /** Destinations of the session's job subscriptions, by id. */
  readonly jobSubscriptions: ReadonlyMap<string, string>
  /** @param frames one or more whole frames */
  readonly send: (frames: Uint8Array) => void
  /** An ERROR of the broker: what goes to the browser instead. */
  readonly onError: (frame: ScannedFrame) => Uint8Array
}

export class ToBrowser {
  readonly #options: ToBrowserOptions
  // The run of untouched frames in the chunk being read: chunk indexes, none when the end is 0
  #chunk: Uint8Array = new Uint8Array(0)
  #runStart = 0
  #runEnd = 0
  // What the chunk has become so far
  #pieces: Uint8Array[] = []

  constructor(options: ToBrowserOptions) {
    this.#options = options
  }

  /**
   * Passes on the frames that a chunk completes.
   * @throws {DroverError} when the broker's bytes are not STOMP, or a frame is over the limits
   */
  read(chunk: Uint8Array): void {
    this.#chunk = chunk
    this.#runStart = this.#runEnd = 0
    try {
      this.#options.scanner.read(chunk, this.#onFrame)
    } finally {
      this.#endRun()
      this.#flush()
    }
  }

  readonly #onFrame = (frame: ScannedFrame): undefined => {
    const changed = this.#change(frame)
    if (changed === undefined && frame.bytes.buffer === this.#chunk.buffer) {
      const start = frame.bytes.byteOffset - this.#chunk.byteOffset
      if (this.#runEnd === 0) this.#runStart = start
      this.#runEnd = start + frame.bytes.length
      return
    }
    this.#endRun()
    this.#pieces.push(changed ?? frame.bytes)
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

  #change(frame: ScannedFrame): Uint8Array | undefined {
    const { jobSubscriptions, onError } = this.#options
    if (frame.command === 'ERROR') return onError(frame)
    if (frame.command !== 'MESSAGE' || jobSubscriptions.size === 0) return undefined
    const destination = jobSubscriptions.get(this.#header(frame, 'subscription') ?? '')
    // An id may be of another subscription by now than when the broker sent this: what came from elsewhere is no job
    if (destination === undefined || this.#header(frame, 'destination') !== destination) return undefined
    return this.#withPass(frame, destination)
  }

  #header(frame: ScannedFrame, name: string): string | undefined {
    const value = frame.header(name)
    return value?.includes('\\') ? unescapeHeader(value, this.#options.version) : value
  }

  #withPass(frame: ScannedFrame, destination: string): Uint8Array {
    const { passes, policy, version } = this.#options
    const job = {
      destination,
      replyTo: this.#header(frame, 'reply-to') ?? '',
      sender: this.#header(frame, 'drover-sender') ?? '',
    }
    const pass = passes.issue(job, this.#header(frame, 'correlation-id') ?? '', policy.owner)
    if (endsWithCr(frame)) {
      const others = frame.headers().filter(([name]) => name !== 'drover-pass')
      const headers = others.map(
        ([name, value]) => [unescapeHeader(name, version), unescapeHeader(value, version)] as const,
      )
      return encodeFrame('MESSAGE', [['drover-pass', pass], ...headers], frame.body, version)
    }
    const { marks } = frame
    const dropped: number[] = []
    for (let mark = 0; mark < marks.length; mark += 3) {
      if (isPassName(frame.bytes, marks[mark]!, marks[mark + 1]!)) dropped.push(mark)
    }
    return editHead(frame, encoder.encode(`drover-pass:${pass}\n`), dropped)
  }
}

const encoder = new TextEncoder()
const passName = encoder.encode('drover-pass')

function isPassName(bytes: Uint8Array, start: number, colon: number): boolean {
  if (colon - start !== passName.length) return false
  for (let at = 0; at < passName.length; at++) if (bytes[start + at] !== passName[at]) return false
  return true
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
