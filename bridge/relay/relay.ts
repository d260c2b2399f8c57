/**
 * The relay: one WebSocket joined to one broker session. It authenticates CONNECT, checks each frame of the browser and
 * passes on the broker's. Here is what leads from one of its states to another. Design sections 4 and 6, promise 7.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import type { Accept, ByteSink } from '../../shared/frames/byte-link.ts'
import { FrameScanner, type ScannedFrame, type StompVersion } from '../../shared/frames/mod.ts'
import { closeCodes } from '../close-codes.ts'
import type { BothSides } from './both-sides.ts'
import { BrokerErrors } from './broker-errors.ts'
import { type BrowserLink, BrowserSide } from './browser-side.ts'
import type { RelayContext } from './context.ts'
import { readConnect } from './handshake.ts'
import { HeldFrames } from './held-frames.ts'
import { openSession } from './open-session.ts'
import { Pace } from './pace.ts'
import { pulse } from './pulse.ts'
import type { Session } from './sessions.ts'
import { isEnding, isReading, type State, unreachable } from './state.ts'
import { Leaving, Masters } from './takeover.ts'

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
  readonly #pace: Pace
  readonly #brokerErrors: BrokerErrors
  readonly #masters: Masters
  readonly #gone = new AbortController()
  #state: State = { at: 'awaiting_connect' }
  #waitedMs = 0

  constructor(context: RelayContext, browser: BrowserLink, address: string) {
    this.#context = context
    this.#browser = new BrowserSide(browser, address, context.onEvent)
    this.#scanner = new FrameScanner(context.limits.connectFrame)
    this.#pace = new Pace(browser, context.limits)
    this.#brokerErrors = new BrokerErrors(this.#browser)
    this.#masters = new Masters(context.limits.maxSubscriptions)
    context.sessions.add(this)
  }

  get address(): string {
    return this.#browser.address
  }

  get owner(): string | undefined {
    return this.#browser.owner
  }

  get unfinishedBytes(): number {
    return 'both' in this.#state ? this.#scanner.heldBytes + (this.#browser.link.unfinishedBytes ?? 0) : 0
  }

  // The browser's side

  bytes(chunk: Uint8Array): void {
    const state = this.#state
    if (isEnding(state)) return
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
      this.#fail(error, frame && this.#browser.receiptOf(frame))
    }
    if (isEol(chunk) && !this.#scanner.isInsideFrame) this.#nudge(chunk)
    this.#keepPace()
  }

  drained(): void {
    if ('both' in this.#state) this.#pace.browserDrained(this.#state.both)
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
    const context = this.#context
    const request = readConnect(frame)
    const held = new HeldFrames(context.limits.maxHeldBytes)
    this.#speak(request.accepted[0]!)
    this.#scanner.limits = context.limits.frame
    this.#state = { at: 'connecting', held }
    this.#pace.holdBrowser()
    void openSession({
      context,
      session: this,
      browser: this.#browser,
      request,
      listener: {
        bytes: chunk => this.#onBrokerBytes(chunk),
        drained: () => this.#onBrokerDrained(),
        closed: reason => this.#onBrokerClosed(reason),
      },
      onLeftOut: names => this.#browser.leftOut(names),
      onMisfit: (destination, reason) => this.#browser.misfit(destination, reason),
      signal: this.#gone.signal,
      opened: (both, early) => {
        this.#state = { at: 'open', both }
        this.#speak(both.version)
        this.#browser.opened(context.sessions.size)
        this.#endWith(both.toBrowser.take(early), both)
        this.#release(held)
      },
    }).catch(error => this.#fail(error, this.#browser.receiptOf(frame)))
  }

  #speak(version: StompVersion): void {
    this.#browser.version = this.#scanner.version = version
  }

  /** Goes on with the frames that had to wait. */
  #release({ frames }: HeldFrames): void {
    this.#pace.letBrowserGoOn()
    for (const frame of frames) {
      try {
        this.#onBrowserFrame(frame)
      } catch (error) {
        this.#fail(error, this.#browser.receiptOf(frame))
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
    this.#masters.add(master)
    const older = this.#context.sessions.claim(this, master)
    if (older === undefined) {
      this.#toBroker(both, bytes)
      return
    }
    const held = new HeldFrames(this.#context.limits.maxHeldBytes)
    this.#state = { at: 'taking_over', both, held }
    this.#pace.holdBrowser()
    void older.then(() => {
      if (this.#state.at !== 'taking_over') return
      this.#toBroker(both, bytes)
      this.#state = { at: 'open', both }
      this.#release(held)
      this.#keepPace()
    })
  }

  #toBroker(both: BothSides, frame: Uint8Array): void {
    both.broker.send(frame)
    both.brokerBeat.sent()
  }

  #nudge(eol: Uint8Array): void {
    if ('both' in this.#state && this.#state.both.passesNudges) this.#toBroker(this.#state.both, eol)
  }

  #keepPace(): void {
    const error = 'both' in this.#state ? this.#pace.sentToBroker(this.#state.both) : undefined
    if (error !== undefined) this.#fail(error)
  }

  // The broker's side

  #onBrokerBytes(chunk: Uint8Array): void {
    const state = this.#state
    if (state.at === 'replaced') state.leaving.bytes(chunk)
    if (!('both' in state)) return
    const { both } = state
    both.brokerBeat.heard()
    try {
      if (this.#endWith(both.toBrowser.read(chunk), both)) return
    } catch (error) {
      this.#fail(this.#brokerErrors.unreadable(error))
      return
    }
    this.#pace.sentToBrowser(both)
  }

  /** @returns whether the broker said ERROR */
  #endWith(error: ScannedFrame | undefined, both: BothSides): boolean {
    if (error === undefined) return false
    this.#fail(this.#brokerErrors.told(error, both), this.#browser.receiptOf(error, 'receipt-id', both.brokerVersion))
    return true
  }

  #onBrokerDrained(): void {
    if ('both' in this.#state) this.#pace.brokerDrained(this.#state.both)
  }

  #onBrokerClosed(reason: Error | undefined): void {
    const state = this.#state
    if (state.at === 'replaced') {
      state.leaving.closed()
    } else if (state.at === 'disconnecting') {
      this.#browser.link.close(closeCodes.normal)
      this.#end('disconnected')
    } else if ('both' in state) {
      this.#fail(this.#brokerErrors.lost(reason, state.both))
    }
  }

  // Ending

  tick(elapsedMs: number): void {
    const state = this.#state
    const { limits, now } = this.#context
    if (state.at === 'awaiting_connect') {
      this.#waitedMs += elapsedMs
      if (this.#waitedMs >= limits.connectMs) {
        this.#fail(new DroverError('timed_out', `No CONNECT came within ${limits.connectMs} ms`))
      }
    } else if ('both' in state) {
      const error = pulse(state.both, this.#browser.link, this.#pace.isBrowserHeld, elapsedMs, now())
      if (error !== undefined) this.#fail(error)
    }
  }

  end(error: DroverError): void {
    this.#fail(error)
  }

  async replace(): Promise<void> {
    const state = this.#state
    if (state.at === 'replaced') return state.leaving.done
    if (!('both' in state)) return
    const error = new DroverError('session_replaced', 'A newer session of this master took its place')
    this.#browser.tell(error)
    const leaving = new Leaving(state.both)
    this.#state = { at: 'replaced', leaving }
    this.#forget(error.message)
    await leaving.start(this.#context.limits.brokerMs)
  }

  /** Ends the session with an ERROR that says why. */
  #fail(error: unknown, receipt?: string): void {
    if (isEnding(this.#state)) return
    this.#end(this.#browser.refuse(error, receipt))
  }

  #end(reason: string): void {
    const state = this.#state
    if (isEnding(state)) return
    this.#state = { at: 'closed' }
    this.#gone.abort(new DroverError('closed', reason))
    if ('both' in state) state.both.broker.close()
    this.#forget(reason)
  }

  #forget(reason: string): void {
    const { sessions } = this.#context
    sessions.remove(this, this.#masters.all)
    this.#browser.ended(reason, sessions.size)
  }
}

const isEol = (chunk: Uint8Array): boolean => chunk.length === 1 && chunk[0] === 10
