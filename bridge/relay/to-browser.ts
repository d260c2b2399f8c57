/**
 * What the broker's frames become on their way to the browser: passed on as the slices in which they came, neighbours
 * together, but for ERRORs, which are told anew, and jobs, which get a pass.
 */
import { encodeFrame, type FrameScanner, type ScannedFrame, type StompVersion, unescapeHeader } from '../frames/mod.ts'
import type { Policy } from '../grants/policy.ts'
import { editHead, readLines } from '../headers/lines.ts'
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
    this.#options.send(changed ?? frame.bytes)
  }

  #endRun(): void {
    if (this.#runEnd === 0) return
    const run = this.#chunk.subarray(this.#runStart, this.#runEnd)
    this.#runEnd = 0
    this.#options.send(run)
  }

  #change(frame: ScannedFrame): Uint8Array | undefined {
    const { jobSubscriptions, onError } = this.#options
    if (frame.command === 'ERROR') return onError(frame)
    if (frame.command !== 'MESSAGE' || jobSubscriptions.size === 0) return undefined
    const destination = jobSubscriptions.get(this.#header(frame, 'subscription') ?? '')
    return destination === undefined ? undefined : this.#withPass(frame, destination)
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
    const lines = readLines(frame)
    if (lines.hasCr) {
      const others = frame.headers().filter(([name]) => name !== 'drover-pass')
      const headers = others.map(
        ([name, value]) => [unescapeHeader(name, version), unescapeHeader(value, version)] as const,
      )
      return encodeFrame('MESSAGE', [['drover-pass', pass], ...headers], frame.body, version)
    }
    const dropped: number[] = []
    for (let mark = 0; mark < lines.marks.length; mark += 3) {
      if (isPassName(frame.bytes, lines.marks[mark]!, lines.marks[mark + 1]!)) dropped.push(mark)
    }
    return editHead(frame, lines, encoder.encode(`drover-pass:${pass}\n`), dropped)
  }
}

const encoder = new TextEncoder()
const passName = encoder.encode('drover-pass')

function isPassName(bytes: Uint8Array, start: number, colon: number): boolean {
  if (colon - start !== passName.length) return false
  for (let at = 0; at < passName.length; at++) if (bytes[start + at] !== passName[at]) return false
  return true
}
