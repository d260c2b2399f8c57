/**
 * The relay: one WebSocket joined to one broker session. It authenticates CONNECT, checks each frame of the browser and
 * passes on the broker's. Here are the steps from one of its states to another. Design sections 4 and 6, promise 7.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import type { Accept, ByteSink } from '../../shared/frames/byte-link.ts'
import { FrameScanner, type ScannedFrame, type StompVersion } from '../../shared/frames/mod.ts'
import type { SessionEnd } from '../events.ts'
import { BackPressure } from './back-pressure.ts'
import type { BrokerListener } from './broker-connection.ts'
import { BrokerErrors } from './broker-errors.ts'
import { type BrowserLink, BrowserSide, type Peer } from './browser-side.ts'
import { closeCodes } from './close-codes.ts'
import { connectSession } from './connect-session.ts'
import type { RelayContext } from './context.ts'
import { FrameBuffer } from './frame-buffer.ts'
import { readConnect } from './handshake.ts'
import { isEol } from './heart-beat.ts'
import { ConnectWait, checkLiveness } from './liveness.ts'
import { endSession, type RelaySession } from './relay-session.ts'
import { type RenewalRequest, renewSession } from './renewal.ts'
import type { RegisteredSession } from './session-registry.ts'
import { isEnding, isReading, type State, unsentToBroker, unsentToBrowser } from './state.ts'
import { GracefulDisconnect, Masters } from './takeover.ts'

/**
 * Accepts browsers' connections.
 * @param peer for limits and events
 */
export const createRelay =
  (context: RelayContext, peer: Peer): Accept =>
  link =>
    new Relay(context, link, peer)

class Relay implements ByteSink, BrokerListener, RegisteredSession {
  readonly #context: RelayContext
  readonly #browser: BrowserSide
  readonly #scanner: FrameScanner
  readonly #backPressure: BackPressure
  readonly #brokerErrors: BrokerErrors
  readonly #masters: Masters
  readonly #connectWait = new ConnectWait()
  #state: State = { at: 'awaiting_connect' }

  constructor(context: RelayContext, browser: BrowserLink, peer: Peer) {
    this.#context = context
    this.#browser = new BrowserSide(browser, peer, context)
    this.#scanner = new FrameScanner(context.limits.connectFrame)
    this.#backPressure = new BackPressure(this.#browser, context)
    this.#brokerErrors = new BrokerErrors(this.#browser)
    this.#masters = new Masters(context.limits.maxSubscriptions)
    context.sessions.add(this)
  }

  get address(): string {
    return this.#browser.peer.address
  }

  get owner(): string | undefined {
    return this.#browser.owner
  }

  get unsentBytes(): { readonly browser: number; readonly broker: number } {
    return { browser: unsentToBrowser(this.#state, this.#browser.link), broker: unsentToBroker(this.#state) }
  }

  get unfinishedBytes(): number {
    return 'session' in this.#state ? this.#scanner.heldBytes + (this.#browser.link.unfinishedBytes ?? 0) : 0
  }

  // The browser's side

  bytes(chunk: Uint8Array): void {
    const state = this.#state
    if (isEnding(state)) return
    if ('session' in state) state.session.browserBeat.heard()
    let frame: ScannedFrame | undefined
    let frames = 0
    try {
      this.#scanner.read(chunk, found => {
        frame = found
        frames++
        this.#browser.received(found)
        this.#onBrowserFrame(found)
        frame = undefined
        return isReading(this.#state)
      })
    } catch (error) {
      this.#applyBackPressure(frames, chunk.length) // the end forgets none of these
      this.#fail(error, frame)
    }
    const isNudge = 'session' in state && state.session.passesNudges && isEol(chunk) && !this.#scanner.isInsideFrame
    if (isNudge) state.session.sendToBroker(chunk)
    this.#applyBackPressure(frames, chunk.length)
  }

  drained(): void {
    if ('session' in this.#state) this.#backPressure.browserDrained(this.#state.session)
  }

  closed(reason?: Error): void {
    this.#end(reason?.message ?? 'the browser closed the connection', 'gone')
  }

  #onBrowserFrame(frame: ScannedFrame): void {
    const state = this.#state
    if (state.at === 'awaiting_connect') this.#connect(frame)
    else if ('waiting' in state) state.waiting.add(frame)
    else if (state.at === 'open') this.#forward(frame, state.session)
    // A session that is over takes nothing
  }

  #connect(frame: ScannedFrame): void {
    const context = this.#context
    const request = readConnect(frame)
    const waiting = new FrameBuffer(context.limits.maxHeldBytes)
    this.#setVersion(request.accepted[0]!)
    const receipt = this.#browser.receiptOf(frame)
    this.#scanner.limits = context.limits.frame
    const gone = new AbortController()
    this.#state = { at: 'connecting', waiting, gone }
    this.#backPressure.pauseBrowser()
    void connectSession({
      context,
      session: this,
      browser: this.#browser,
      request,
      listener: this,
      signal: gone.signal,
      opened: (session, early) => {
        this.#state = { at: 'open', session }
        this.#setVersion(session.version)
        this.#browser.opened(context.sessions.size)
        this.#endAtError(session.toBrowser.passEarly(early), session)
        this.#forwardWaiting(waiting, waiting.frames.length, waiting.frameBytes)
      },
    }).catch(error => this.#fail(error, undefined, receipt))
  }

  #setVersion(version: StompVersion): void {
    this.#browser.version = this.#scanner.version = version
  }

  /** Goes on with the frames that had to wait. @param sent of them, which no session was there to count, and their bytes */
  #forwardWaiting({ frames }: FrameBuffer, sent = 0, bytes = 0): void {
    this.#backPressure.resumeBrowser()
    this.#applyBackPressure(sent, bytes)
    for (const frame of frames) {
      try {
        this.#onBrowserFrame(frame)
      } catch (error) {
        this.#fail(error, frame)
        return
      }
    }
    this.#applyBackPressure()
  }

  #forward(frame: ScannedFrame, session: RelaySession): void {
    const found = session.toBroker.check(frame)
    if (found === undefined) return
    const checked = found instanceof Uint8Array ? [found] : found
    if (Array.isArray(checked)) {
      for (const part of checked) session.sendToBroker(part)
      if (frame.command === 'DISCONNECT') this.#state = { at: 'disconnecting', session }
      return
    }
    if ('token' in checked) {
      this.#renew(frame, checked, session)
      return
    }
    const { replyQueue, bytes } = checked
    this.#masters.add(replyQueue)
    const older = this.#context.sessions.takeOver(this, replyQueue)
    if (older === undefined) {
      session.sendToBroker(bytes)
      return
    }
    const waiting = new FrameBuffer(this.#context.limits.maxHeldBytes)
    this.#state = { at: 'taking_over', session, waiting }
    this.#backPressure.pauseBrowser()
    void older.then(() => {
      if (this.#state.at !== 'taking_over') return
      session.sendToBroker(bytes)
      this.#state = { at: 'open', session }
      this.#forwardWaiting(waiting)
    })
  }

  #renew(frame: ScannedFrame, request: RenewalRequest, session: RelaySession): void {
    const receipt = this.#browser.receiptOf(frame)
    const ports = { context: this.#context, browser: this.#browser, isWanted: () => isReading(this.#state) }
    void renewSession(ports, session, request, receipt).catch(error => this.#fail(error, frame))
  }

  #applyBackPressure(sent = 0, bytes = 0): void {
    if (!('session' in this.#state)) return
    const { session } = this.#state
    const error = this.#backPressure.browserSent(session, sent, bytes) ?? this.#backPressure.sentToBroker(session)
    if (error !== undefined) this.#fail(error)
  }

  // The broker's side

  brokerBytes(chunk: Uint8Array): void {
    const state = this.#state
    if (state.at === 'replaced') state.disconnect.bytes(chunk)
    if (!('session' in state)) return
    const { session } = state
    session.brokerBeat.heard()
    try {
      if (this.#endAtError(session.toBrowser.read(chunk), session)) return
    } catch (error) {
      this.#fail(this.#brokerErrors.unreadable(error))
      return
    }
    this.#backPressure.sentToBrowser(session)
  }

  /** @returns whether the broker said ERROR */
  #endAtError(error: ScannedFrame | undefined, session: RelaySession): boolean {
    if (error === undefined) return false
    const receipt = this.#browser.receiptOf(error, 'receipt-id', session.brokerVersion)
    this.#fail(this.#brokerErrors.told(error, session), undefined, receipt)
    return true
  }

  brokerDrained(): void {
    if ('session' in this.#state) this.#backPressure.brokerDrained(this.#state.session)
  }

  brokerClosed(reason: Error | undefined): void {
    const state = this.#state
    if (state.at === 'replaced') {
      state.disconnect.closed()
    } else if (state.at === 'disconnecting') {
      this.#browser.link.close(closeCodes.normal)
      this.#end('disconnected', 'disconnected')
    } else if ('session' in state) {
      this.#fail(this.#brokerErrors.lost(reason, state.session))
    }
  }

  // Ending

  tick(elapsedMs: number): void {
    const state = this.#state
    const { limits, clock } = this.#context
    const { isBrowserPaused } = this.#backPressure
    let error: DroverError | undefined
    if (state.at === 'awaiting_connect') error = this.#connectWait.tick(elapsedMs, limits.connectMs)
    else if ('session' in state) {
      error = checkLiveness(state.session, this.#browser.link, isBrowserPaused, elapsedMs, clock.now())
    }
    if (error !== undefined) this.#fail(error)
  }

  end(error: DroverError): void {
    this.#fail(error)
  }

  async retire(error: DroverError): Promise<void> {
    const state = this.#state
    if (state.at === 'replaced') return state.disconnect.done
    if (!('session' in state)) return this.#fail(error)
    this.#browser.tell(error)
    state.session.toBroker.presence?.end()
    const disconnect = new GracefulDisconnect(state.session, this.#context)
    this.#state = { at: 'replaced', disconnect }
    this.#unregister(error.message, error.code)
    await disconnect.start(this.#context.limits.brokerMs)
  }

  /** Ends the session with an ERROR that says why. @param frame the one that is refused */
  #fail(error: unknown, frame?: ScannedFrame, receipt?: string): void {
    const state = this.#state
    if (isEnding(state)) return
    const about = frame && { frame, namespace: 'session' in state ? state.session.namespace : undefined }
    const { message, code } = this.#browser.refuse(error, about, receipt)
    this.#end(message, code)
  }

  #end(reason: string, by: SessionEnd): void {
    const state = this.#state
    if (isEnding(state)) return
    this.#state = { at: 'closed' }
    if (state.at === 'connecting') state.gone.abort(new DroverError('closed', reason))
    if ('session' in state) endSession(state.session)
    this.#unregister(reason, by)
  }

  #unregister(reason: string, by: SessionEnd): void {
    const { sessions } = this.#context
    this.#backPressure.stop()
    sessions.remove(this, this.#masters.all)
    this.#browser.ended(reason, by, sessions.size)
  }
}
