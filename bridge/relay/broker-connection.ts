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
  bytes(chunk: Uint8Array): void
  drained(): void
  closed(reason?: Error): void
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
  const scanner = new FrameScanner(frameLimits)
  scanner.version = version
  scanner.isLenient = true
  const early: ScannedFrame[] = []
  const { promise: answer, resolve, reject } = Promise.withResolvers<ScannedFrame>()
  answer.catch(() => {}) // it may be refused before anybody waits for it
  let isAnswered = false
  let isAbandoned = false
  let link: ByteLink | undefined
  const onClosed = (cause?: Error): void => {
    // A broker may say only now that it does not take the certificate of this side
    const at = URL.parse(upstream.name)
    if (cause !== undefined && at !== null && tlsAdvice(at.protocol, cause).advice !== undefined) {
      reject(brokerUnreachable(at, cause))
      return
    }
    const advice = link ? ': check the login in the broker URL of the bridge' : ''
    const found = `The broker closed the connection and did not answer CONNECT${advice}`
    reject(new DroverError('broker_unreachable', found, { cause }))
  }
  const sink: ByteSink = {
    bytes(chunk) {
      if (isAbandoned) return
      if (isAnswered) {
        listener.bytes(chunk)
        return
      }
      try {
        scanner.read(chunk, frame => {
          if (isAnswered) early.push(frame)
          isAnswered = true
          resolve(frame)
          return undefined
        })
      } catch (error) {
        reject(error)
      }
    },
    drained: () => isAbandoned || listener.drained(),
    closed(reason) {
      onClosed(reason)
      if (!isAbandoned) listener.closed(reason)
    },
  }
  const stopTimer = clock.timer(timeoutMs, () =>
    reject(new DroverError('broker_unreachable', `The broker did not answer CONNECT within ${timeoutMs} ms`)),
  )
  const onAbort = (): void => reject(signal.reason)
  signal.addEventListener('abort', onAbort, { once: true })
  let isOver = false
  // Whenever it opens: nobody may want it by then
  const opening = upstream
    .connect(
      version,
      owner,
    )(sink)
    .then(opened => {
      link = opened
      if (isOver) opened.close()
      else opened.send(writeConnect(version, spellCredentials(upstream.login, isEscaped)))
    })
  opening.catch(reject)
  try {
    const frame = await answer
    if (frame.command !== 'CONNECTED') throw refusalOf(frame, onRefusal)
    const connected = Object.fromEntries(frame.headers().toReversed())
    return {
      link: link!,
      version,
      scanner,
      connected,
      early,
      heartBeat: checkHeartBeat(connected['heart-beat']),
      ownHeartBeatMs: upstream.login.heartBeatMs,
      abandon() {
        isAbandoned = true
        link?.close()
      },
    }
  } catch (error) {
    isOver = true
    link?.close()
    throw error
  } finally {
    stopTimer()
    signal.removeEventListener('abort', onAbort)
  }
}

function refusalOf(frame: ScannedFrame, onRefusal: BrokerConnectionOptions['onRefusal']): DroverError {
  onRefusal(frame.header('message') ?? frame.command, new TextDecoder().decode(frame.body))
  return new DroverError(
    'broker_error',
    "The broker does not accept the bridge's own login; the operator of the bridge has to correct its broker URL",
  )
}
