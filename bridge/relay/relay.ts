/**
 * The relay: one WebSocket joined to one broker session. It authenticates CONNECT, checks each frame of the browser,
 * passes on the broker's, and keeps both sides no faster than the slower one. Design sections 4 and 6, promises 7 and 8.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import type { Credentials, Identity } from '../access/identity.ts'
import { closeCodeOf, closeCodes } from '../close-codes.ts'
import { errorForBrowser } from '../errors-for-browsers.ts'
import type { OnEvent } from '../events.ts'
import { encodeFrame, FrameScanner, type ScannedFrame } from '../frames/mod.ts'
import type { Limits } from '../limits.ts'
import type { Accept, ByteSink } from '../link.ts'
import type { Passes } from '../passes.ts'
import type { Upstream } from '../upstream.ts'
import { type BothSides, joinSides } from './both-sides.ts'
import { openBroker } from './broker-side.ts'
import { type BrowserLink, BrowserSide } from './browser-side.ts'
import { type ConnectRequest, readConnect, writeError } from './handshake.ts'
import { HeldFrames } from './held-frames.ts'
import { pulse } from './pulse.ts'
import type { Session, Sessions } from './sessions.ts'
import { Valve } from './valve.ts'

/** What all relays of a bridge share. */
export interface RelayContext {
  readonly limits: Limits
  readonly onEvent: OnEvent
  readonly upstream: Upstream
  readonly sessions: Sessions
  readonly passes: Passes
  /** @throws {DroverError} `not_authenticated` or `too_many_attempts` */
  authenticate(credentials: Credentials, address: string): Promise<Identity>
  /** ms since the epoch */
  now(): number
}

type State =
  | { readonly at: 'awaiting_connect' }
  /** Authenticating, or waiting for the broker's CONNECTED. */
  | { readonly at: 'connecting'; readonly held: HeldFrames }
  | { readonly at: 'open'; readonly both: BothSides }
  /** An older session of the same master has to go first. */
  | { readonly at: 'taking_over'; readonly both: BothSides; readonly held: HeldFrames }
  /** DISCONNECT was passed on: only the broker still has something to say. */
  | { readonly at: 'disconnecting'; readonly both: BothSides }
  /** Ended for a newer session: what the broker sends goes nowhere. */
  | { readonly at: 'replaced'; readonly both: BothSides }
  | { readonly at: 'closed' }

/**
 * Accepts browsers' connections.
 * @param address of the peer, for limits and events
 */
export const createRelay =
  (context: RelayContext, address: string): Accept =>
  link =>
    new Relay(context, link, address)

class Relay implements ByteSink, Session {
  readonly #context: RelayContext
  readonly #browser: BrowserSide
  readonly #scanner: FrameScanner
  readonly #valve: Valve<'connecting' | 'broker_is_slow'>
  readonly #gone = new AbortController()
  readonly #brokerGone = Promise.withResolvers<void>()
  readonly #masters: Set<string> = new Set()
  #state: State = { at: 'awaiting_connect' }
  #waitedMs = 0
  #brokerError: { readonly code: DroverError['code']; readonly message: string } | undefined

  constructor(context: RelayContext, browser: BrowserLink, address: string) {
    this.#context = context
    this.#browser = new BrowserSide(browser, address, context.onEvent)
    this.#scanner = new FrameScanner(context.limits.connectFrame)
    this.#valve = new Valve(browser)
    context.sessions.add(this)
  }

  // The browser's side

  bytes(chunk: Uint8Array): void {
    const state = this.#state
    if (state.at === 'closed' || state.at === 'replaced') return
    if ('both' in state) state.both.browserBeat.heard()
    let frame: ScannedFrame | undefined
    try {
      this.#scanner.read(chunk, found => {
        frame = found
        this.#onBrowserFrame(found)
        frame = undefined
        return isReading(this.#state)
      })
    } catch (error) {
      this.#fail(error, frame)
    }
    this.#watchBroker()
  }

  drained(): void {
    const state = this.#state
    if ('both' in state && this.#browser.link.unsentBytes <= this.#context.limits.maxUnsentBytes / 2) {
      state.both.brokerValve.open('browser_is_slow')
    }
  }

  closed(reason?: Error): void {
    this.#end(reason?.message ?? 'the browser closed the connection')
  }

  #onBrowserFrame(frame: ScannedFrame): void {
    const state = this.#state
    switch (state.at) {
      case 'awaiting_connect':
        this.#connect(frame)
        break
      case 'connecting':
      case 'taking_over':
        state.held.add(frame)
        break
      case 'open':
        this.#forward(frame, state.both)
        break
      case 'disconnecting':
      case 'replaced':
      case 'closed':
        break
      default:
        unreachable(state)
    }
  }

  #connect(frame: ScannedFrame): void {
    const request = readConnect(frame)
    const held = new HeldFrames(this.#context.limits.maxHeldBytes)
    this.#browser.version = this.#scanner.version = request.version
    this.#scanner.limits = this.#context.limits.frame
    this.#state = { at: 'connecting', held }
    this.#valve.close('connecting')
    void this.#open(request, held).catch(error => this.#onNotOpened(error, frame))
  }

  async #open(request: ConnectRequest, held: HeldFrames): Promise<void> {
    const { limits, upstream, onEvent, authenticate, passes, now, sessions } = this.#context
    const identity = await authenticate(request.credentials, this.#browser.address)
    if (this.#state.at !== 'connecting') return
    sessions.admit(this)
    this.#browser.owner = identity.owner
    const side = await openBroker({
      upstream,
      version: request.version,
      frameLimits: limits.brokerFrame,
      timeoutMs: limits.brokerMs,
      signal: this.#gone.signal,
      listener: {
        bytes: chunk => this.#onBrokerBytes(chunk),
        drained: () => this.#onBrokerDrained(),
        closed: reason => this.#onBrokerClosed(reason),
      },
      onRefusal: (message, body) => onEvent({ type: 'broker_error', owner: identity.owner, message, body }),
    })
    if (this.#state.at !== 'connecting') {
      side.link.close()
      return
    }
    const both = joinSides({
      identity,
      request,
      side,
      browser: this.#browser.link,
      passes,
      limits,
      now: now(),
      onBrokerError: frame => this.#onBrokerError(frame),
    })
    this.#state = { at: 'open', both }
    this.#browser.opened(sessions.size)
    this.#release(held)
  }

  #onNotOpened(error: unknown, frame: ScannedFrame): void {
    if (!(error instanceof DroverError) || error.code !== 'broker_unreachable') {
      this.#fail(error, frame)
      return
    }
    // Where the broker is concerns nobody who comes from outside
    this.#context.onEvent({ type: 'broker_lost', message: error.message })
    this.#fail(new DroverError('broker_unreachable', 'The bridge cannot reach its broker now; try again later'), frame)
  }

  /** Goes on with the frames that had to wait. */
  #release({ frames }: HeldFrames): void {
    this.#valve.open('connecting')
    for (const frame of frames) {
      try {
        this.#onBrowserFrame(frame)
      } catch (error) {
        this.#fail(error, frame)
        return
      }
    }
  }

  #forward(frame: ScannedFrame, both: BothSides): void {
    const checked = both.toBroker.check(frame)
    if (checked instanceof Uint8Array) {
      this.#toBroker(both, checked)
      if (frame.command === 'DISCONNECT') this.#state = { at: 'disconnecting', both }
      return
    }
    const { master, bytes } = checked
    const { maxSubscriptions } = this.#context.limits
    // Also of those that were ended: a broker may keep what they had in hand with this connection
    if (this.#masters.add(master).size > maxSubscriptions) {
      throw new DroverError(
        'forbidden',
        `SUBSCRIBE to "${master}" is one too many: a session may read the replies of ${maxSubscriptions} masters`,
      )
    }
    const older = this.#context.sessions.claim(this, master)
    if (older === undefined) {
      this.#toBroker(both, bytes)
      return
    }
    const held = new HeldFrames(this.#context.limits.maxHeldBytes)
    this.#state = { at: 'taking_over', both, held }
    this.#valve.close('connecting')
    void older.then(() => {
      if (this.#state.at !== 'taking_over') return
      this.#toBroker(both, bytes)
      this.#state = { at: 'open', both }
      this.#release(held)
      this.#watchBroker()
    })
  }

  #toBroker(both: BothSides, frame: Uint8Array): void {
    both.broker.send(frame)
    both.brokerBeat.sent()
  }

  /** Holds the browser back while the broker has much to take. */
  #watchBroker(): void {
    const state = this.#state
    if (!('both' in state)) return
    const { maxBrokerUnsentBytes, maxBrokerBacklogBytes } = this.#context.limits
    const { unsentBytes } = state.both.broker
    if (unsentBytes <= maxBrokerUnsentBytes) return
    this.#valve.close('broker_is_slow')
    if (unsentBytes <= maxBrokerBacklogBytes) return
    this.#fail(
      new DroverError(
        'queue_full',
        'The broker takes messages more slowly than they come; send fewer, or wait for RECEIPTs',
      ),
    )
  }

  // The broker's side

  #onBrokerBytes(chunk: Uint8Array): void {
    const state = this.#state
    if (state.at !== 'open' && state.at !== 'taking_over' && state.at !== 'disconnecting') {
      // For a replaced session the RECEIPT of its DISCONNECT is all that can matter
      if (state.at === 'replaced') this.#awaitLastReceipt(chunk, state.both)
      return
    }
    const { both } = state
    both.brokerBeat.heard()
    both.browserBeat.sent()
    this.#brokerError = undefined
    try {
      both.toBrowser.read(chunk)
    } catch (error) {
      this.#onUnreadable(error)
      return
    }
    if (this.#browser.link.unsentBytes > this.#context.limits.maxUnsentBytes) both.brokerValve.close('browser_is_slow')
  }

  #onBrokerError(frame: ScannedFrame): Uint8Array {
    const message = frame.header('message') ?? ''
    const body = new TextDecoder().decode(frame.body)
    this.#context.onEvent({ type: 'broker_error', owner: this.#browser.owner ?? '', message, body })
    const error = errorForBrowser(message, body)
    this.#brokerError = error
    const { version } = this.#browser
    return writeError(error.code, error.message, this.#browser.receiptOf(frame, 'receipt-id'), version)
  }

  #onUnreadable(cause: unknown): void {
    this.#context.onEvent({ type: 'broker_lost', message: String(cause) })
    const isTooLarge = cause instanceof DroverError && cause.code === 'frame_too_large'
    this.#fail(
      isTooLarge
        ? new DroverError('frame_too_large', 'A message for this session is larger than the bridge passes on', {
            cause,
          })
        : new DroverError('broker_error', 'The broker sent something that is not STOMP; connect again', { cause }),
    )
  }

  #onBrokerDrained(): void {
    const state = this.#state
    if (!('both' in state)) return
    if (state.both.broker.unsentBytes <= this.#context.limits.maxBrokerUnsentBytes / 2)
      this.#valve.open('broker_is_slow')
  }

  #onBrokerClosed(reason: Error | undefined): void {
    this.#brokerGone.resolve()
    const state = this.#state
    if (state.at === 'disconnecting') {
      this.#browser.link.close(closeCodes.normal)
      this.#end('disconnected')
    } else if (state.at === 'open' || state.at === 'taking_over') {
      this.#onBrokerLost(reason)
    }
  }

  #onBrokerLost(reason: Error | undefined): void {
    if (this.#brokerError) {
      // It closes after its ERROR, which the browser has been told of
      const { code, message } = this.#brokerError
      this.#browser.link.close(closeCodeOf(code), message.slice(0, 120))
      this.#end(message)
      return
    }
    this.#context.onEvent({ type: 'broker_lost', message: reason?.message ?? 'The broker closed the connection' })
    this.#fail(new DroverError('connection_lost', 'The broker ended this session; connect again'))
  }

  // Ending

  tick(elapsedMs: number): void {
    const state = this.#state
    if (state.at === 'awaiting_connect') {
      const { connectMs } = this.#context.limits
      this.#waitedMs += elapsedMs
      if (this.#waitedMs >= connectMs) {
        this.#fail(new DroverError('timed_out', `No CONNECT came within ${connectMs} ms`))
      }
    } else if ('both' in state && state.at !== 'replaced') {
      const error = pulse(state.both, this.#browser.link, this.#valve.isClosed, elapsedMs, this.#context.now())
      if (error !== undefined) this.#fail(error)
    }
  }

  get address(): string {
    return this.#browser.address
  }

  giveWay(): void {
    this.#fail(new DroverError('queue_full', 'Too many connections wait to log in here; connect again'))
  }

  stop(): void {
    this.#fail(new DroverError('closed', 'The bridge is shutting down; connect again'))
  }

  async replace(): Promise<void> {
    const state = this.#state
    if (state.at !== 'open' && state.at !== 'taking_over' && state.at !== 'disconnecting') {
      return state.at === 'replaced' ? this.#brokerGone.promise : undefined
    }
    const { both } = state
    const error = new DroverError('session_replaced', 'A newer session of this master took its place')
    this.#browser.tell(error)
    this.#state = { at: 'replaced', both }
    this.#forget(error.message)
    both.brokerValve.open('browser_is_slow')
    both.broker.send(encodeFrame('DISCONNECT', [['receipt', lastReceipt]], undefined, both.version))
    const timer = setTimeout(() => this.#brokerGone.resolve(), this.#context.limits.brokerMs)
    await this.#brokerGone.promise
    clearTimeout(timer)
    both.broker.close()
  }

  #awaitLastReceipt(chunk: Uint8Array, { brokerScanner }: BothSides): void {
    try {
      brokerScanner.read(chunk, frame => {
        if (frame.header('receipt-id') === lastReceipt) this.#brokerGone.resolve()
        return undefined
      })
    } catch {
      this.#brokerGone.resolve() // unreadable: nothing more can be waited for
    }
  }

  /** Ends the session with an ERROR that says why. */
  #fail(error: unknown, frame?: ScannedFrame): void {
    if (this.#state.at === 'closed' || this.#state.at === 'replaced') return
    this.#end(this.#browser.refuse(error, frame))
  }

  #end(reason: string): void {
    const state = this.#state
    if (state.at === 'closed' || state.at === 'replaced') return
    this.#state = { at: 'closed' }
    this.#gone.abort(new DroverError('closed', reason))
    if ('both' in state) state.both.broker.close()
    this.#forget(reason)
  }

  #forget(reason: string): void {
    const { sessions } = this.#context
    sessions.remove(this, this.#masters)
    this.#browser.ended(reason, sessions.size)
  }
}

const isReading = ({ at }: State): boolean => at !== 'closed' && at !== 'replaced' && at !== 'disconnecting'
/** Names the RECEIPT of the DISCONNECT that the bridge sends for a session that it ends. */
const lastReceipt = 'drover-bridge-last'

function unreachable(state: never): never {
  throw new Error(`There is no such state: ${JSON.stringify(state)}`)
}
