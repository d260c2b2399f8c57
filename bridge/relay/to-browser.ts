/**
 * The broker's frames on their way to the browser. They are passed on as the slices in which they came, neighbours together, but
 * for ERRORs, which end the session, and jobs whose pass is not there or does not fit. The frames of one chunk leave as one
 * message, since a message costs more than the copy.
 */

import { type FrameScanner, type ScannedFrame, type StompVersion, unescapeHeader } from '../../shared/frames/mod.ts'
import type { SessionPasses } from '../grants/passes.ts'
import { DeliveryReader } from './headers/delivery-head.ts'
import { editHead, endsWithCr } from './headers/edit-head.ts'
import { rewriteFrame } from './headers/rewrite.ts'
import type { InFlight } from './in-flight.ts'
import { headerOf, judgeJob } from './job-delivery.ts'
import type { JobSubscription, JobSubscriptions } from './job-subscriptions.ts'
import type { Letter } from './letters.ts'
import type { Misfits } from './misfits.ts'
import { type Stomp10, scan } from './stomp-1-0.ts'
import { headersWithout, isWholeWithout, nameAt, unencodableLines } from './unsayable-headers.ts'

export interface ToBrowserOptions {
  readonly scanner: FrameScanner
  readonly version: StompVersion
  readonly passes: SessionPasses
  /** Takes away the jobs whose pass does not fit. */
  readonly misfits: Pick<Misfits, 'isWaiting' | 'sendToDead' | 'leaveToBroker' | 'confirmed'>
  /** Destinations of the session's job subscriptions, by id. */
  readonly jobSubscriptions: Pick<JobSubscriptions, 'size' | 'get'>
  /** Gets to know each message that the session may acknowledge. */
  readonly inFlight: InFlight
  /** @param parts of one or more whole frames */
  readonly send: (parts: readonly Uint8Array[]) => void
  /** Where the browser speaks another version than the broker. */
  readonly stomp10: Stomp10 | undefined
  /** Told of each frame that goes on. */
  readonly onPassed: (command: string, bytes: number) => void
  /** Told of headers that do not go on. */
  readonly onLeftOut: (names: readonly string[]) => void
}

/** How a job came. */
interface CameBy {
  readonly subscription: string
  /** By which it is acknowledged, where it is. */
  readonly id: string | undefined
  /** As its pass says it. */
  readonly destination: string
  /** Of the subscription. */
  readonly ended: JobSubscription['ended']
}

export class ToBrowser {
  readonly #options: ToBrowserOptions
  /** Of the MESSAGE that is looked at; absent until one is. */
  #head: DeliveryReader | undefined
  // The run of untouched frames in the chunk being read: chunk indexes, none when the end is 0
  #chunk: Uint8Array = nothing
  #runStart = 0
  #runEnd = 0
  // The output of the chunk so far
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
      // Or they would stay until the next ones
      this.#chunk = nothing
      this.#head?.forget()
    }
    return this.#error
  }

  /** Passes on frames that came in one piece with CONNECTED. @returns as `read` */
  passEarly(frames: readonly ScannedFrame[]): ScannedFrame | undefined {
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
    const { stomp10 } = this.#options
    const lines = unencodableLines(frame, this.#options.scanner.sawOddHead)
    if (lines !== undefined) {
      this.#options.onLeftOut(lines.map(mark => nameAt(frame, mark)))
      if (!isWholeWithout(frame, lines, this.#options.version)) return this.#endRun()
    }
    const changed = this.#change(frame, lines ?? none)
    if (changed === kept) return this.#endRun()
    this.#options.onPassed(frame.command, (changed ?? frame).length)
    if (stomp10 !== undefined) {
      this.#pieces.push(stomp10.toBrowser(changed === undefined ? frame : scan(changed)))
      return
    }
    if (changed === undefined && frame.source === this.#chunk) {
      if (this.#runEnd === 0) this.#runStart = frame.start
      this.#runEnd = frame.start + frame.length
      return
    }
    this.#endRun()
    if (changed === undefined) this.#pieces.push(...frame.parts)
    else this.#pieces.push(changed)
    return
  }

  /** A frame that does not go on as it came ends the run, or it would go on within it. */
  #endRun(): undefined {
    if (this.#runEnd === 0) return
    this.#pieces.push(this.#chunk.subarray(this.#runStart, this.#runEnd))
    this.#runEnd = 0
  }

  #flush(): void {
    const pieces = this.#pieces
    if (pieces.length === 0) return
    this.#pieces = []
    this.#options.send(pieces)
  }

  /** @param lines that stay behind: indexes into the frame's marks, ascending */
  #change(frame: ScannedFrame, lines: readonly number[]): Uint8Array | typeof kept | undefined {
    const { jobSubscriptions, inFlight, misfits, version } = this.#options
    if (frame.command === 'MESSAGE' && (jobSubscriptions.size > 0 || inFlight.isWanted)) {
      this.#head ??= new DeliveryReader(version, inFlight.idHeader)
      const head = this.#head
      head.read(frame, lines)
      const { subscription = '' } = head
      const id = inFlight.counts(subscription) ? head.id : undefined
      const source = jobSubscriptions.get(subscription)
      const destination = source && head.destination
      // An id may be of another subscription by now than when the broker sent this. A message from elsewhere is no job
      const isFromThere = destination !== undefined && source?.destinations.includes(destination) === true
      if (isFromThere && isJobOf(source, frame)) {
        return this.#job(
          frame,
          head,
          { subscription, id, destination: source.passOf ?? destination, ended: source.ended },
          lines,
        )
      }
      if (id !== undefined) {
        const isLetter = inFlight.letters.isFrom(subscription)
        inFlight.add(subscription, id, undefined, isLetter ? letterIn(frame, lines, version) : undefined)
      }
    }
    if (misfits.isWaiting && frame.command === 'RECEIPT') {
      const isRefused = headerOf(frame, 'drover-code', lines, version) !== undefined
      if (misfits.confirmed(headerOf(frame, 'receipt-id', lines, version) ?? '', isRefused)) return kept
    }
    return lines.length === 0 ? undefined : without(frame, nothing, lines, version)
  }

  #job(
    frame: ScannedFrame,
    head: DeliveryReader,
    { subscription, id, destination, ended }: CameBy,
    lines: readonly number[],
  ): Uint8Array | typeof kept | undefined {
    const { inFlight, misfits, passes, version, onLeftOut } = this.#options
    const job = judgeJob(frame, head, destination, lines, passes)
    if (job.is === 'misfit') {
      const { said, reason } = job
      if (ended === 'goes back') {
        misfits.leaveToBroker(said, reason)
        return kept
      }
      const ackId = id !== undefined && ended === undefined && inFlight.mayPassOver(subscription) ? id : undefined
      const header = (name: string): string | undefined => headerOf(frame, name, lines, version)
      misfits.sendToDead({ frame, subscription, ackId, said, reason, header })
      return kept
    }
    if (id !== undefined) inFlight.add(subscription, id, job.pass)
    if (job.is === 'fits') return lines.length === 0 ? undefined : without(frame, nothing, lines, version)
    if (job.leftOut.length > 0) onLeftOut(job.leftOut)
    const dropped = [...lines, ...job.dropped].toSorted((a, b) => a - b)
    return without(frame, encoder.encode(`drover-pass:${job.pass}\n`), dropped, version)
  }
}

function letterIn(frame: ScannedFrame, lines: readonly number[], version: StompVersion): Letter {
  const header = (name: string): string | undefined => headerOf(frame, name, lines, version)
  return {
    correlationId: header('correlation-id') ?? '',
    replyTo: header('reply-to') ?? '',
    pass: header('drover-pass'),
    messageId: header('message-id') ?? '',
  }
}

/**
 * A message of a control topic is a job, a broadcast again, where it is to be answered. With a sender and without a pass it
 * came by a bridge of before, which did not ask for the right to broadcast: it gets no pass, and no worker takes it.
 */
function isJobOf({ passOf }: JobSubscription, frame: ScannedFrame): boolean {
  if (passOf === undefined || frame.header('drover-pass') !== undefined) return true
  return frame.header('reply-to') !== undefined && frame.header('drover-sender') === undefined
}

/** Of a frame that does not go on. */
const kept = Symbol('kept')
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
