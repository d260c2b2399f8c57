/**
 * One connection, from its first byte to its end. Once it is logged in it has a session, which is in `session.ts`.
 *
 * awaiting_connect → open ⇄ waiting_for_room → closed. It waits for room, with its link paused and later frames held, when
 * the policy is `wait` and a message did not fit. Every ERROR ends the connection, as STOMP 1.2, 'ERROR' says; bytes that
 * are not STOMP, to their first line, end it without a word before the login.
 */

import { DroverError } from '../shared/contract/errors.ts'
import type { ByteLink, ByteSink } from '../shared/frames/byte-link.ts'
import { connectFrameLimits, encodeFrame, FrameScanner, type ScannedFrame } from '../shared/frames/mod.ts'
import type { BufferingSession } from '../shared/frames/unfinished-frames.ts'
import { unreachable } from '../shared/unreachable.ts'
import { BackPressure } from './back-pressure.ts'
import type { ConnectionOptions, ConnectionState } from './connection-state.ts'
import { errorFrame } from './error-frame.ts'
import { HeartBeats } from './heart-beats.ts'
import { readLogin } from './login.ts'
import type { Message } from './message.ts'
import { refusalReceipt, wantsRefusalReceipt } from './refusal-receipt.ts'
import { Session } from './session.ts'
import { Awaited } from './store/awaited.ts'
import type { Journal } from './store/journal.ts'
import type { Reader, Subscription, UnackedDelivery } from './subscription.ts'
import { WriteBuffer } from './write-buffer.ts'

const encoder = new TextEncoder()

/** Whether more than obeying it is due: a RECEIPT, the first messages of a subscription, the end. */
const saysSomething = (frame: ScannedFrame): boolean =>
  frame.header('receipt') !== undefined || frame.command === 'SUBSCRIBE' || frame.command === 'DISCONNECT'

export class Connection implements Reader, ByteSink, BufferingSession {
  readonly id: string
  readonly #link: ByteLink
  readonly #options: ConnectionOptions
  readonly #scanner = new FrameScanner(connectFrameLimits)
  readonly #writes: WriteBuffer
  readonly #backPressure: BackPressure
  #state: ConnectionState = { at: 'awaiting_connect' }
  #stopConnectTimer: () => void
  #heartBeats: HeartBeats | undefined
  readonly #awaited = new Awaited()

  constructor(link: ByteLink, options: ConnectionOptions) {
    this.#link = link
    this.#options = options
    this.id = options.id
    this.#writes = new WriteBuffer(link, () => {
      this.#heartBeats?.sent()
      this.#backPressure.taken()
    })
    const { clock, context } = options
    this.#backPressure = new BackPressure({
      link,
      writes: this.#writes,
      clock,
      limits: context.limits,
      room: context.routes.rooms.memory,
      quotas: context.routes.quotas,
      owner: () => this.owner ?? '',
      resume: () => ('session' in this.#state ? this.#state.session.resume() : undefined),
      mayBeRead: () => this.#state.at === 'open',
      refuse: error => this.refuse(error),
    })
    this.#stopConnectTimer = clock.timer(context.limits.connectMs, () =>
      this.#end(new DroverError('timed_out', 'No CONNECT came in time')),
    )
  }

  get owner(): string | undefined {
    return 'session' in this.#state ? this.#state.session.login.owner : undefined
  }

  get unfinishedBytes(): number {
    return 'session' in this.#state ? this.#scanner.heldBytes : 0
  }

  end(error: DroverError): void {
    this.refuse(error)
  }

  get login(): string | undefined {
    return 'session' in this.#state ? this.#state.session.login.user.login : undefined
  }

  bytes(chunk: Uint8Array): void {
    if (this.#state.at === 'closed') return
    this.#heartBeats?.received()
    try {
      this.#scanner.read(chunk, frame => this.#onFrame(frame))
    } catch (error) {
      const isStomp = this.#state.at !== 'awaiting_connect' || this.#scanner.hasCommand
      if (isStomp) this.refuse(error)
      else this.#end(error as Error)
    }
    this.#options.context.unfinished.look(this)
    this.#backPressure.resumeReaders()
    this.#backPressure.holdBack()
  }

  drained(): void {
    this.#backPressure.taken()
  }

  closed(reason?: Error): void {
    this.#end(reason)
  }

  get hasRoom(): boolean {
    return this.#backPressure.hasRoom
  }

  readonly mayHear = (changes: number): boolean => this.#awaited.mayHear(changes)

  deliver(subscription: Subscription, message: Message, from: UnackedDelivery['from']): void {
    if ('session' in this.#state) this.#writes.add(...this.#state.session.deliver(subscription, message, from))
  }

  countBacklog(messages: number, bytes: number): void {
    this.#backPressure.countBacklog(messages, bytes)
  }

  /**
   * Sends an ERROR and ends the connection.
   * @param error the fault; anything but a DroverError is the broker's own
   * @param frame the one that was refused, where it was one
   */
  refuse(error: unknown, frame?: ScannedFrame): void {
    if (this.#state.at === 'closed') return
    const version = 'session' in this.#state ? this.#state.session.login.version : '1.0'
    const shown =
      error instanceof DroverError
        ? error
        : new DroverError('broker_error', 'The broker failed at this frame', { cause: error })
    this.#writes.add(...errorFrame(shown, frame, version))
    this.#end(shown, error instanceof DroverError ? shown.message : undefined)
  }

  /** Ends the connection in good order. */
  close(reason: string): void {
    this.#end(new DroverError('closed', reason), reason)
  }

  #onFrame(frame: ScannedFrame): boolean {
    const state = this.#state
    switch (state.at) {
      case 'awaiting_connect':
        this.#connect(frame)
        break
      case 'open':
        this.#obey(state.session.asMeant(frame), state.session, false)
        break
      case 'waiting_for_room':
        state.frames.push(state.session.asMeant(frame))
        break
      case 'closed':
        break
      default:
        unreachable(state)
    }
    return (this.#state as ConnectionState).at !== 'closed'
  }

  #connect(frame: ScannedFrame): void {
    const { users, attempts, context, clock, server, token, onOpen } = this.#options
    this.#stopConnectTimer()
    try {
      const { address, owner } = this.#link
      const login = readLogin(frame, { users, attempts, address, owner }, context.limits.heartBeatMs)
      context.routes.quotas.connections.acquire(login.owner, 1)
      this.#state = { at: 'open', session: new Session(login, token, context, this) }
      this.#scanner.limits = context.limits.frame
      this.#scanner.version = login.version
      const { sendMs, receiveMs } = login.heartBeats
      this.#heartBeats = new HeartBeats(
        clock,
        login.heartBeats,
        () => this.#writes.add('\n'),
        () => this.#onSilence(receiveMs),
      )
      const own = context.limits.heartBeatMs
      const headers = [
        ['version', login.version],
        ['session', this.id],
        ['server', server],
        ['drover-run', context.run],
        ['heart-beat', frame.header('heart-beat') === undefined ? '0,0' : `${sendMs || own},${receiveMs || own}`],
      ] as const
      this.#writes.add(encodeFrame('CONNECTED', headers))
      onOpen()
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
  #obey(frame: ScannedFrame, session: Session, isLastTry: boolean): void {
    const { journal } = this.#options.context.routes
    const before = journal?.changes
    try {
      session.obey(frame)
    } catch (error) {
      const isFull = error instanceof DroverError && error.code === 'queue_full'
      const canWait = isFull && this.#options.policy === 'wait' && !isLastTry
      if (canWait && !wantsRefusalReceipt(frame) && (frame.command === 'SEND' || frame.command === 'COMMIT'))
        this.#waitForRoom(frame, session)
      else this.#refuseFrame(frame, error, session)
      return
    }
    if (journal) this.#confirmOnceWritten(frame, session, journal, before)
    else this.#confirm(frame, session)
  }

  #confirmOnceWritten(frame: ScannedFrame, session: Session, journal: Journal, before: number | undefined): void {
    if (journal.changes !== before) this.#awaited.lastBatch = journal.number
    if (!saysSomething(frame)) return
    const batch = this.#awaited.lastBatch
    this.#awaited.add(batch, journal.changes)
    journal.whenWritten(batch, error => {
      if (this.#state.at === 'closed') return
      if (error === undefined) this.#confirm(frame, session)
      else {
        // Once told, it is no reason to refuse a frame that changes nothing there
        this.#awaited.lastBatch = 0
        this.#refuseFrame(frame, error, session)
      }
      if (this.#awaited.answered(batch)) session.resume()
    })
  }

  /** By a RECEIPT, where its sender asked for that and the refusal is for the moment; else by the ERROR that ends it all. */
  #refuseFrame(frame: ScannedFrame, error: unknown, session: Session): void {
    const isForNow = error instanceof DroverError && (error.code === 'queue_full' || error.code === 'store_failed')
    if (isForNow && wantsRefusalReceipt(frame)) this.#writes.add(...refusalReceipt(frame, error, session.login.version))
    else this.refuse(error, frame)
  }

  #confirm(frame: ScannedFrame, session: Session): void {
    const receipt = frame.header('receipt')
    if (receipt !== undefined) this.#writes.add(encoder.encode(`RECEIPT\nreceipt-id:${receipt}\n\n\0`))
    if (frame.command === 'SUBSCRIBE') session.startSubscription()
    if (frame.command === 'DISCONNECT') this.#end(undefined, 'DISCONNECT')
  }

  #waitForRoom(frame: ScannedFrame, session: Session): void {
    const { clock, context } = this.#options
    const { memory, disk } = context.routes.rooms
    const stops = [memory, disk].map(room => room.wait(() => this.#retry(false)))
    const stopTimer = clock.timer(context.limits.maxWaitMs, () => this.#retry(true))
    const stopWaiting = () => {
      for (const stop of stops) stop()
      stopTimer()
    }
    this.#state = { at: 'waiting_for_room', session, frames: [frame], stopWaiting }
    this.#link.pause()
  }

  #retry(isLastTry: boolean): void {
    const state = this.#state
    if (state.at !== 'waiting_for_room') return
    state.stopWaiting()
    const { session, frames } = state
    this.#state = { at: 'open', session }
    while (frames.length > 0 && (this.#state as ConnectionState).at === 'open') {
      this.#obey(frames.shift()!, session, isLastTry)
    }
    const next = this.#state as ConnectionState
    if (next.at === 'waiting_for_room') next.frames.push(...frames)
    if (next.at !== 'open') return
    // Its heart-beats could not come while it was paused
    this.#heartBeats?.received()
    if (!this.#backPressure.isHeldBack) this.#link.resume()
  }

  #end(error: Error | undefined, reason?: string): void {
    const state = this.#state
    if (state.at === 'closed') return
    this.#state = { at: 'closed' }
    this.#stopConnectTimer()
    this.#backPressure.end()
    this.#options.context.unfinished.forget(this)
    this.#heartBeats?.stop()
    if (state.at === 'waiting_for_room') state.stopWaiting()
    if ('session' in state) {
      state.session.end()
      this.#options.context.routes.quotas.connections.release(state.session.login.owner, 1)
    }
    this.#writes.flush()
    this.#link.close(error ? 1008 : 1000, reason?.slice(0, 120))
    this.#options.onEnd(error)
  }
}
