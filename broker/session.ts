/**
 * One connection, from its first byte to its end.
 *
 * awaiting_connect → open ⇄ waiting_for_room → closed. It waits for room, with its link paused and later frames held, when
 * the policy is `wait` and a message did not fit. Every ERROR ends the connection, as STOMP 1.2, 'ERROR' says; bytes that
 * are not STOMP, to their first line, end it without a word before the login.
 */

import type { Clock } from '../shared/clock.ts'
import { DroverError } from '../shared/contract/errors.ts'
import type { ByteLink, ByteSink } from '../shared/frames/byte-link.ts'
import { connectFrameLimits, encodeFrame, FrameScanner, type ScannedFrame } from '../shared/frames/mod.ts'
import type { Keeper } from '../shared/frames/unfinished.ts'
import { stompVersions } from '../shared/stomp-versions.ts'
import type { Commons } from './commons.ts'
import { HeartBeats } from './heart-beats.ts'
import type { FullPolicy } from './limits.ts'
import { readLogin } from './login.ts'
import type { Message } from './message.ts'
import { OpenSession } from './open-session.ts'
import { Outbox } from './outbox.ts'
import { ReaderPace } from './reader-pace.ts'
import { refusalReceipt, wantsRefusalReceipt } from './refusal-receipt.ts'
import type { Delivery, Reader, Subscription } from './subscription.ts'
import type { BrokerUser, LoginAttempts } from './users.ts'

export interface SessionOptions {
  readonly commons: Commons
  readonly clock: Clock
  readonly users: readonly BrokerUser[]
  readonly attempts: LoginAttempts | undefined
  readonly policy: FullPolicy
  readonly id: string
  readonly server: string
  /** Makes the names of temporary queues unguessable. */
  readonly token: string
  readonly onOpen: (session: Session) => void
  /** Called once. */
  readonly onEnd: (session: Session, error: Error | undefined) => void
}

type SessionState =
  | { readonly at: 'awaiting_connect' }
  | { readonly at: 'open'; readonly open: OpenSession }
  | {
      readonly at: 'waiting_for_room'
      readonly open: OpenSession
      /** The frame that did not fit, and those behind it. */
      readonly frames: ScannedFrame[]
      readonly stopWaiting: () => void
    }
  | { readonly at: 'closed' }

const encoder = new TextEncoder()

export class Session implements Reader, ByteSink, Keeper {
  readonly id: string
  readonly #link: ByteLink
  readonly #options: SessionOptions
  readonly #scanner = new FrameScanner(connectFrameLimits)
  readonly #outbox: Outbox
  readonly #pace: ReaderPace
  #state: SessionState = { at: 'awaiting_connect' }
  #stopConnectTimer: () => void
  #heartBeats: HeartBeats | undefined

  constructor(link: ByteLink, options: SessionOptions) {
    this.#link = link
    this.#options = options
    this.id = options.id
    this.#outbox = new Outbox(link, () => {
      this.#heartBeats?.sent()
      this.#pace.taken()
    })
    const { clock, commons } = options
    this.#pace = new ReaderPace({
      link,
      outbox: this.#outbox,
      clock,
      limits: commons.limits,
      room: commons.routes.room,
      shares: commons.routes.shares,
      owner: () => this.owner ?? '',
      subscriptions: () => ('open' in this.#state ? this.#state.open.subscriptions : []),
      mayBeRead: () => this.#state.at === 'open',
      refuse: error => this.refuse(error),
    })
    this.#stopConnectTimer = clock.timer(commons.limits.connectMs, () =>
      this.#end(new DroverError('timed_out', 'No CONNECT came in time')),
    )
  }

  get owner(): string | undefined {
    return 'open' in this.#state ? this.#state.open.login.owner : undefined
  }

  get unfinishedBytes(): number {
    return 'open' in this.#state ? this.#scanner.heldBytes : 0
  }

  end(error: DroverError): void {
    this.refuse(error)
  }

  get login(): string | undefined {
    return 'open' in this.#state ? this.#state.open.login.user.login : undefined
  }

  bytes(chunk: Uint8Array): void {
    if (this.#state.at === 'closed') return
    this.#heartBeats?.received()
    try {
      this.#scanner.read(chunk, frame => this.#take(frame))
    } catch (error) {
      const isStomp = this.#state.at !== 'awaiting_connect' || this.#scanner.hasCommand
      if (isStomp) this.refuse(error)
      else this.#end(error as Error)
    }
    this.#options.commons.unfinished.look(this)
    this.#pace.resumeReaders()
    this.#pace.holdBack()
  }

  drained(): void {
    this.#pace.taken()
  }

  closed(reason?: Error): void {
    this.#end(reason)
  }

  get hasRoom(): boolean {
    return this.#pace.hasRoom
  }

  deliver(subscription: Subscription, message: Message, from: Delivery['from']): void {
    if ('open' in this.#state) this.#outbox.add(...this.#state.open.deliver(subscription, message, from))
  }

  countBacklog(messages: number, bytes: number): void {
    this.#pace.countBacklog(messages, bytes)
  }

  /**
   * Sends an ERROR and ends the connection.
   * @param error what was wrong; anything but a DroverError is the broker's own fault
   * @param frame the one that was refused, where it was one
   */
  refuse(error: unknown, frame?: ScannedFrame): void {
    if (this.#state.at === 'closed') return
    const version = 'open' in this.#state ? this.#state.open.login.version : '1.0'
    const shown =
      error instanceof DroverError
        ? error
        : new DroverError('broker_error', 'The broker failed at this frame', { cause: error })
    const message = shown.message.replaceAll(/[\0\r\n]+/g, ' ')
    const headers: [string, string][] = [
      ['message', message],
      ['drover-code', shown.code],
      ['content-type', 'text/plain'],
    ]
    if (shown.code === 'unsupported_version') headers.push(['version', stompVersions.toReversed().join(',')])
    const receipt = frame?.header('receipt')
    // As it came: what the peer wrote, the peer can read
    const receiptLine = receipt === undefined ? '' : `receipt-id:${receipt}\n`
    const about = frame ? `The ${frame.command} frame was refused and the connection ends.` : 'The connection ends.'
    const bytes = encodeFrame('ERROR', headers, `${message}\n${about}\n`, version)
    this.#outbox.add('ERROR\n', encoder.encode(receiptLine), bytes.subarray('ERROR\n'.length))
    this.#end(shown, error instanceof DroverError ? shown.message : undefined)
  }

  /** Ends the connection in good order. */
  close(reason: string): void {
    this.#end(new DroverError('closed', reason), reason)
  }

  #take(frame: ScannedFrame): boolean {
    const state = this.#state
    switch (state.at) {
      case 'awaiting_connect':
        this.#connect(frame)
        break
      case 'open':
        this.#attempt(state.open.asMeant(frame), state.open, false)
        break
      case 'waiting_for_room':
        state.frames.push(state.open.asMeant(frame))
        break
      case 'closed':
        break
      default:
        state satisfies never
    }
    return (this.#state as SessionState).at !== 'closed'
  }

  #connect(frame: ScannedFrame): void {
    const { users, attempts, commons, clock, server, token, onOpen } = this.#options
    this.#stopConnectTimer()
    try {
      const { address, owner } = this.#link
      const login = readLogin(frame, { users, attempts, address, owner }, commons.limits.heartBeatMs)
      commons.routes.shares.connections.take(login.owner, 1)
      this.#state = { at: 'open', open: new OpenSession(login, token, commons, this) }
      this.#scanner.limits = commons.limits.frame
      this.#scanner.version = login.version
      const { sendMs, receiveMs } = login.heartBeats
      this.#heartBeats = new HeartBeats(
        clock,
        login.heartBeats,
        () => this.#outbox.add('\n'),
        () => this.#onSilence(receiveMs),
      )
      const own = commons.limits.heartBeatMs
      const headers = [
        ['version', login.version],
        ['session', this.id],
        ['server', server],
        ['drover-run', commons.run],
        ['heart-beat', frame.header('heart-beat') === undefined ? '0,0' : `${sendMs || own},${receiveMs || own}`],
      ] as const
      this.#outbox.add(encodeFrame('CONNECTED', headers))
      onOpen(this)
    } catch (error) {
      this.refuse(error, frame)
    }
  }

  #onSilence(receiveMs: number): void {
    // Its link is paused then, and its heart-beats with it
    if (this.#state.at === 'waiting_for_room') this.#heartBeats?.received()
    else this.refuse(new DroverError('timed_out', `Nothing came for twice the agreed heart-beat of ${receiveMs} ms`))
  }

  /** Obeys a frame and confirms it. */
  #attempt(frame: ScannedFrame, open: OpenSession, isLastTry: boolean): void {
    try {
      open.obey(frame)
    } catch (error) {
      const isFull = error instanceof DroverError && error.code === 'queue_full'
      const canWait = isFull && this.#options.policy === 'wait' && !isLastTry
      if (isFull && wantsRefusalReceipt(frame)) this.#outbox.add(...refusalReceipt(frame, error, open.login.version))
      else if (canWait && (frame.command === 'SEND' || frame.command === 'COMMIT')) this.#waitForRoom(frame, open)
      else this.refuse(error, frame)
      return
    }
    const receipt = frame.header('receipt')
    if (receipt !== undefined) this.#outbox.add(encoder.encode(`RECEIPT\nreceipt-id:${receipt}\n\n\0`))
    if (frame.command === 'SUBSCRIBE') open.startSubscription()
    if (frame.command === 'DISCONNECT') this.#end(undefined, 'DISCONNECT')
  }

  #waitForRoom(frame: ScannedFrame, open: OpenSession): void {
    const { clock, commons } = this.#options
    const stopListening = commons.routes.room.wait(() => this.#retry(false))
    const stopTimer = clock.timer(commons.limits.maxWaitMs, () => this.#retry(true))
    const stopWaiting = () => {
      stopListening()
      stopTimer()
    }
    const held = this.#state.at === 'waiting_for_room' ? this.#state.frames : []
    this.#state = { at: 'waiting_for_room', open, frames: [frame, ...held], stopWaiting }
    this.#link.pause()
  }

  #retry(isLastTry: boolean): void {
    const state = this.#state
    if (state.at !== 'waiting_for_room') return
    state.stopWaiting()
    const { open, frames } = state
    this.#state = { at: 'open', open }
    while (frames.length > 0 && (this.#state as SessionState).at === 'open') {
      this.#attempt(frames.shift()!, open, isLastTry)
    }
    const next = this.#state as SessionState
    if (next.at === 'waiting_for_room') next.frames.push(...frames)
    if (next.at !== 'open') return
    // Its heart-beats could not come while it was paused
    this.#heartBeats?.received()
    if (!this.#pace.isHeldBack) this.#link.resume()
  }

  #end(error: Error | undefined, reason?: string): void {
    const state = this.#state
    if (state.at === 'closed') return
    this.#state = { at: 'closed' }
    this.#stopConnectTimer()
    this.#pace.end()
    this.#options.commons.unfinished.forget(this)
    this.#heartBeats?.stop()
    if (state.at === 'waiting_for_room') state.stopWaiting()
    if ('open' in state) {
      state.open.end()
      this.#options.commons.routes.shares.connections.release(state.open.login.owner, 1)
    }
    this.#outbox.flush()
    this.#link.close(error ? 1008 : 1000, reason?.slice(0, 120))
    this.#options.onEnd(this, error)
  }
}
