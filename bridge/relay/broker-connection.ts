/** A relay's connection to the broker, from opening it to the broker's CONNECTED. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import type { ByteLink, ByteSink } from '../../shared/frames/byte-link.ts'
import { type FrameLimits, FrameScanner, type ScannedFrame, type StompVersion } from '../../shared/frames/mod.ts'
import type { HeartBeatOffer } from '../../shared/heart-beat.ts'
import { spellCredentials, spellingsOf } from '../../shared/stomp/session/credentials.ts'
import { tlsAdvice } from '../../shared/stomp/sockets/tls-advice.ts'
import { brokerUnreachable } from '../tcp.ts'
import type { Upstream } from '../upstream.ts'
import { checkHeartBeat, writeConnect } from './handshake.ts'

/** A broker that has said CONNECTED. */
export interface BrokerConnection {
  readonly link: ByteLink
  readonly version: StompVersion
  /** Reads on where CONNECTED ended. */
  readonly scanner: FrameScanner
  readonly connected: Readonly<Record<string, string>>
  readonly heartBeat: HeartBeatOffer
  /** The heart-beats of the bridge's CONNECT, in ms; 0: none, also when the broker offers some. */
  readonly ownHeartBeatMs: number
  /** The bytes that came in one piece with CONNECTED. */
  readonly early: readonly ScannedFrame[]
  /** Closes it without a word to the listener. */
  abandon(): void
}

/** Takes the bytes of the broker once there is a session. */
export interface BrokerListener {
  brokerBytes(chunk: Uint8Array): void
  brokerDrained(): void
  brokerClosed(reason?: Error): void
}

export interface BrokerConnectionOptions {
  readonly upstream: Upstream
  readonly version: StompVersion
  /** For whom. */
  readonly owner: string
  readonly frameLimits: FrameLimits
  readonly timeoutMs: number
  readonly clock: Clock
  /** The browser has gone: closes the connection that was opened. */
  readonly signal: AbortSignal
  readonly listener: BrokerListener
  /** The broker's words when it refuses. */
  readonly onRefusal: (message: string, body: string) => void
}

/**
 * Connects and logs in, where there is a backslash in its credentials in the one way in which the broker may read them and then in
 * the other.
 * @throws {DroverError} `broker_unreachable`, or `broker_error` when the broker refuses the bridge's own login
 */
export async function openBrokerConnection(options: BrokerConnectionOptions): Promise<BrokerConnection> {
  const { upstream, signal } = options
  const [first = false, other] = upstream.isEscaped ? [true, false] : spellingsOf(upstream.login)
  try {
    return await openOnce(options, first)
  } catch (error) {
    if (other === undefined || signal.aborted) throw error
    const brokerConnection = await openOnce(options, other)
    upstream.isEscaped = other
    return brokerConnection
  }
}

async function openOnce(options: BrokerConnectionOptions, isEscaped: boolean): Promise<BrokerConnection> {
  const { upstream, version, owner, frameLimits, timeoutMs, clock, signal, listener, onRefusal } = options
  const login = new Login(frameLimits, version, listener, upstream.name)
  const stopTimer = clock.timer(timeoutMs, () =>
    login.fail(new DroverError('broker_unreachable', `The broker did not answer CONNECT within ${timeoutMs} ms`)),
  )
  const onAbort = (): void => login.fail(signal.reason)
  const unwanted = new AbortController()
  signal.addEventListener('abort', onAbort, { once: true })
  // Whenever it opens: nobody may want it by then
  const opening = upstream
    .connect(version, owner)(login, unwanted.signal)
    .then(opened => login.opened(opened, writeConnect(version, spellCredentials(upstream.login, isEscaped))))
  opening.catch(error => login.fail(error))
  try {
    const { frame, early, scanner } = await login.answer
    if (frame.command !== 'CONNECTED') throw refusalOf(frame, onRefusal)
    const connected = Object.fromEntries(frame.headers().toReversed())
    return {
      link: login.link!,
      version,
      scanner,
      connected,
      early,
      heartBeat: checkHeartBeat(connected['heart-beat']),
      ownHeartBeatMs: upstream.login.heartBeatMs,
      abandon: () => login.abandon(),
    }
  } catch (error) {
    unwanted.abort(error)
    login.giveUp()
    throw error
  } finally {
    stopTimer()
    signal.removeEventListener('abort', onAbort)
  }
}

/** The broker's first frame, which should be CONNECTED. */
interface Answer {
  readonly frame: ScannedFrame
  readonly early: readonly ScannedFrame[]
  readonly scanner: FrameScanner
}

/** The broker's side of a session. It outlives its login, and then holds nothing of that. */
class Login implements ByteSink {
  readonly #listener: BrokerListener
  readonly #name: string
  /** Until there is an answer. */
  #waiting: (PromiseWithResolvers<Answer> & { readonly scanner: FrameScanner }) | undefined
  /** Once it is open. */
  link: ByteLink | undefined
  #isOver = false
  #isAbandoned = false

  /** @param name of the broker, for people */
  constructor(limits: FrameLimits, version: StompVersion, listener: BrokerListener, name: string) {
    this.#listener = listener
    this.#name = name
    const scanner = new FrameScanner(limits)
    scanner.version = version
    scanner.isLenient = true
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    promise.catch(() => {}) // it may be refused before anybody waits for it
    this.#waiting = { promise, resolve, reject, scanner }
  }

  /** To be read before it comes. Rejects with why there will be none. */
  get answer(): Promise<Answer> {
    return this.#waiting!.promise
  }

  opened(link: ByteLink, connect: Uint8Array): void {
    this.link = link
    if (this.#isOver) link.close()
    else link.send(connect)
  }

  fail(error: unknown): void {
    this.#waiting?.reject(error)
  }

  /** Nobody waits any more. */
  giveUp(): void {
    this.#isOver = true
    this.link?.close()
  }

  abandon(): void {
    this.#isAbandoned = true
    this.link?.close()
  }

  bytes(chunk: Uint8Array): void {
    if (this.#isAbandoned) return
    if (this.#waiting === undefined) {
      this.#listener.brokerBytes(chunk)
      return
    }
    const { scanner, resolve, reject } = this.#waiting
    const frames: ScannedFrame[] = []
    try {
      scanner.read(chunk, found => void frames.push(found))
    } catch (error) {
      // Behind the answer it is a fault of the session, which the scanner tells again
      if (frames.length === 0) reject(error)
    }
    const [frame, ...early] = frames
    if (frame === undefined) return
    resolve({ frame, early, scanner })
    this.#waiting = undefined
  }

  drained(): void {
    if (!this.#isAbandoned) this.#listener.brokerDrained()
  }

  #unanswered(cause: Error | undefined): DroverError {
    // A broker may say only now that it does not take the certificate of this side
    const at = URL.parse(this.#name)
    if (cause !== undefined && at !== null && tlsAdvice(at.protocol, cause).advice !== undefined)
      return brokerUnreachable(at, cause)
    const advice = this.link ? ': check the login in the broker URL of the bridge' : ''
    const found = `The broker closed the connection and did not answer CONNECT${advice}`
    return new DroverError('broker_unreachable', found, { cause })
  }

  closed(reason?: Error): void {
    if (this.#waiting !== undefined) {
      this.fail(this.#unanswered(reason))
    }
    if (!this.#isAbandoned) this.#listener.brokerClosed(reason)
  }
}

function refusalOf(frame: ScannedFrame, onRefusal: BrokerConnectionOptions['onRefusal']): DroverError {
  onRefusal(frame.header('message') ?? frame.command, new TextDecoder().decode(frame.body))
  return new DroverError(
    'broker_error',
    "The broker does not accept the bridge's own login; the operator of the bridge has to correct its broker URL",
  )
}
