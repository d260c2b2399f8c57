/** A relay's words to and about its browser: ERRORs and the close behind them, and the operator's events. */
import { DroverError } from '../../shared/contract/errors.ts'
import { type ByteLink, FrameTooLarge } from '../../shared/frames/byte-link.ts'
import { encodeFrame, type ScannedFrame, type StompVersion } from '../../shared/frames/mod.ts'
import { isSampled } from '../../shared/sampling.ts'
import type { BridgeEvent, SessionEnd } from '../events.ts'
import { limitIn, settingOf } from '../limit-reached.ts'
import type { DispatchedJob } from '../metrics/dispatches.ts'
import { closeCodeOf, closeCodes } from './close-codes.ts'
import type { RelayContext } from './context.ts'
import { writeError } from './handshake.ts'
import { factsOf, headerText } from './refused-frame.ts'
import type { Slowdown } from './shares/session-share.ts'

/** A browser's link; told when its session is known, so that it may then let larger messages in. */
export interface BrowserLink extends ByteLink {
  admitted?(): void
  /** Asks the peer for a sign of life that no program sees, so that no proxy takes the connection for idle. */
  ping?(): void
  /** As `send`, of one message in parts, where that can be without copying them. */
  sendParts?(parts: readonly Uint8Array[]): void
  /** Bytes of a message that has begun and not ended. */
  readonly unfinishedBytes?: number
}

/** The other end of a connection. */
export interface Peer {
  readonly address: string
  /** The page's, where it is one. */
  readonly origin?: string | undefined
  /** That a proxy gave the request for this WebSocket. */
  readonly httpRequestId?: string | undefined
}

export class BrowserSide {
  readonly link: BrowserLink
  readonly peer: Peer
  /** Names the session, in its CONNECTED and in each event about it. */
  readonly id: string
  /** Once it is known who it is. */
  owner: string | undefined
  /** Once its version is known. */
  version: StompVersion | undefined
  readonly #context: Pick<RelayContext, 'onEvent' | 'counts' | 'clock' | 'newId'>
  readonly #since: number
  #framesIn = 0
  #bytesIn = 0
  #framesOut = 0
  #bytesOut = 0

  constructor(link: BrowserLink, peer: Peer, context: Pick<RelayContext, 'onEvent' | 'counts' | 'clock' | 'newId'>) {
    this.id = context.newId()
    this.link = link
    this.peer = peer
    this.#context = context
    this.#since = context.clock.steady()
  }

  /** Counts a frame of the session. */
  received({ command, length }: ScannedFrame): void {
    this.#framesIn++
    this.#bytesIn += length
    this.#context.counts.in.add(command, length)
  }

  /** Counts a frame for the session. */
  passed(command: string, bytes: number): void {
    this.#framesOut++
    this.#bytesOut += bytes
    this.#context.counts.out.add(command, bytes)
  }

  /** Whether it was told a RECEIPT of the bridge's own since that was looked at last. */
  hasConfirmed = false

  /** Tells a RECEIPT of the bridge's own. @param receipt absent: nobody asked for one */
  confirm(receipt: string | undefined): void {
    if (receipt === undefined) return
    this.hasConfirmed = true
    const frame = encodeFrame('RECEIPT', [['receipt-id', receipt]], undefined, this.version)
    this.passed('RECEIPT', frame.length)
    this.link.send(frame)
  }

  #leftOut = 0

  /** Counts headers of the broker's that do not go on. */
  leftOut(headers: readonly string[]): void {
    this.#leftOut++
    if (isSampled(this.#leftOut)) {
      this.report({ type: 'header_left_out', ...this.#whose(), headers, count: this.#leftOut })
    }
  }

  #misfits = 0

  /** Counts jobs that the session was not handed, since their pass does not fit. */
  misfit(destination: string, reason: string): void {
    this.#misfits++
    this.#context.counts.misfits++
    if (isSampled(this.#misfits)) {
      this.report({ type: 'pass_misfit', ...this.#whose(), destination, reason, count: this.#misfits })
    }
  }

  #slowed = 0

  /** Counts how often the session was slowed down. */
  slowed({ limit, waitMs }: Slowdown): void {
    const name = settingOf(limit)
    this.#context.counts.limitHits.of(name).n++
    this.#slowed++
    if (!isSampled(this.#slowed)) return
    const how = { limit: name, wait_ms: Math.ceil(waitMs), count: this.#slowed }
    this.report({ type: 'session_slowed', ...this.#whose(), ...this.#where(), ...how })
  }

  /** Tells the operator. */
  report(event: BridgeEvent): void {
    this.#context.onEvent(event)
  }

  /** @param sessions how many there are now */
  opened(sessions: number): void {
    this.link.admitted?.()
    const { address, httpRequestId: http_request_id } = this.peer
    const proxied = http_request_id === undefined ? {} : { http_request_id }
    this.report({ type: 'session_opened', ...this.#whose(), address, ...proxied, sessions })
  }

  /** A job went to the broker. */
  dispatched(job: DispatchedJob): void {
    this.report({ type: 'job_dispatched', ...this.#whose(), ...this.#where(), ...job })
  }

  /**
   * @param reason for people
   * @param sessions how many are left
   */
  ended(reason: string, by: SessionEnd, sessions: number): void {
    this.report({
      type: 'session_closed',
      ...this.#who(),
      reason,
      ended_by: by,
      ...(by === 'gone' ? {} : { close_code: by === 'disconnected' ? closeCodes.normal : closeCodeOf(by) }),
      sessions,
      duration_ms: Math.round(this.#context.clock.steady() - this.#since),
      frames_in: this.#framesIn,
      bytes_in: this.#bytesIn,
      frames_out: this.#framesOut,
      bytes_out: this.#bytesOut,
    })
  }

  /** The broker said ERROR. */
  brokerRefused(message: string, body: string): void {
    this.report({ type: 'broker_error', ...this.#whose(), message, body })
  }

  /**
   * Says why it is ended, with an ERROR, a close behind it, and an event.
   * @param error anything; the operator alone is told one that is not a `DroverError`
   * @param refused the frame that was, if one was, and the namespace of an open session
   * @param receipt where it is not the frame's own
   * @returns the reason, for people, and its code
   */
  refuse(
    error: unknown,
    refused?: { readonly frame: ScannedFrame; readonly namespace: string | undefined },
    receipt: string | undefined = refused && this.receiptOf(refused.frame),
  ): DroverError {
    const known =
      error instanceof DroverError
        ? error
        : new DroverError('closed', 'The bridge failed; connect again', { cause: error })
    const { code, message, cause } = known
    const detail = cause === undefined ? {} : { detail: String(cause) }
    const about = refused && factsOf(refused.frame, this.version, refused.namespace)
    this.report({ type: 'refused', ...this.#who(), code, message, ...limitIn(known), ...detail, ...about })
    this.tell(known, receipt)
    return known
  }

  /** Sends an ERROR, and closes. */
  tell({ code, message, cause }: DroverError, receipt?: string): void {
    const maxFrameBytes = cause instanceof FrameTooLarge ? cause.bytes - 1 : undefined
    const frame = writeError({ code, message, receipt, version: this.version, maxFrameBytes })
    this.passed('ERROR', frame.length)
    this.link.send(frame)
    // A close has room for 123 bytes
    this.link.close(closeCodeOf(code), message.slice(0, 120).replace(/[^ -~]/g, '?'))
  }

  /** A frame's receipt, unescaped. */
  receiptOf(
    frame: ScannedFrame,
    header: 'receipt' | 'receipt-id' = 'receipt',
    version: StompVersion = this.version ?? '1.0',
  ): string | undefined {
    return headerText(frame, header, version)
  }

  #whose(): { session: string; owner: string } {
    return { session: this.id, owner: this.owner ?? '' }
  }

  #who(): { session: string; owner?: string; address: string; origin?: string } {
    return { session: this.id, ...(this.owner === undefined ? {} : { owner: this.owner }), ...this.#where() }
  }

  #where(): { address: string; origin?: string } {
    const { address, origin } = this.peer
    return origin === undefined ? { address } : { address, origin }
  }
}
