/** CONNECT and CONNECTED on both sides of a relay. They end here: neither side's is passed on. */
import { DroverError, type ErrorCode } from '../../shared/contract/errors.ts'
import { encodeFrame, type ScannedFrame, type StompVersion } from '../../shared/frames/mod.ts'
import { type HeartBeatOffer, readHeartBeat } from '../../shared/heart-beat.ts'
import type { Dialect } from '../../shared/stomp/dialects/mod.ts'
import { commonVersions, stompVersions } from '../../shared/stomp-versions.ts'
import type { Credentials, Identity } from '../identity.ts'
import type { BrokerLogin } from '../upstream.ts'
import { checkNoBody } from './headers/plain-frame.ts'

/** The wishes of a browser's CONNECT. */
export interface ConnectRequest {
  /** Versions that both it and the bridge speak: at least one, best first. */
  readonly accepted: readonly StompVersion[]
  readonly heartBeat: HeartBeatOffer
  readonly credentials: Credentials
}

/**
 * Reads a session's first frame.
 * @throws {DroverError} `frame_invalid` when it is not CONNECT or STOMP, `unsupported_version` when no version is common
 */
export function readConnect(frame: ScannedFrame): ConnectRequest {
  if (frame.command !== 'CONNECT' && frame.command !== 'STOMP') {
    throw new DroverError('frame_invalid', `The first frame is ${frame.command}; expected CONNECT or STOMP`)
  }
  checkNoBody(frame)
  const offered = frame.header('accept-version')
  const accepted = commonVersions(offered)
  if (accepted.length === 0) {
    throw new DroverError(
      'unsupported_version',
      `CONNECT accepts STOMP ${listed(offered).slice(0, 100)}; the bridge speaks 1.0, 1.1 and 1.2`,
    )
  }
  const is10 = accepted[0] === '1.0'
  // 1.0 does not mind spaces around a name or a value; to the others they are part of it
  const read = (name: string): string | undefined =>
    is10
      ? frame
          .headers()
          .find(([given]) => given.trim() === name)?.[1]
          .trim()
      : frame.header(name)
  return {
    accepted,
    heartBeat: is10 ? { sendsMs: 0, wantsMs: 0 } : checkHeartBeat(frame.header('heart-beat')),
    credentials: {
      authorization: read('authorization'),
      login: read('login'),
      passcode: read('passcode'),
    },
  }
}

const listed = (versions: string = ''): string =>
  versions
    .split(',')
    .map(version => version.trim())
    .join(', ')

/** @throws {DroverError} `frame_invalid` */
export function checkHeartBeat(header: string | undefined): HeartBeatOffer {
  const offer = readHeartBeat(header)
  if (offer !== undefined) return offer
  throw new DroverError(
    'frame_invalid',
    `heart-beat is ${JSON.stringify(header?.slice(0, 40))}; expected two counts of ms, such as 10000,10000`,
  )
}

/** CONNECT for the broker: with the one version that `BrokerVersions` chose. */
export function writeConnect(version: StompVersion, { login, passcode, host, heartBeatMs }: BrokerLogin): Uint8Array {
  const headers: [string, string][] = [
    ['accept-version', version],
    ['host', host],
    ['heart-beat', `${heartBeatMs},${heartBeatMs}`],
  ]
  if (login !== undefined) headers.push(['login', login])
  if (passcode !== undefined) headers.push(['passcode', passcode])
  return encodeFrame('CONNECT', headers)
}

export interface ConnectedOptions {
  readonly version: StompVersion
  /** For people, who may look for it in logs. */
  readonly sessionId: string
  readonly identity: Identity
  readonly dialect: Dialect
  readonly heartBeatMs: number
  /** The bridge's clock, ms since the epoch. */
  readonly now: number
  readonly maxFrameBytes: number
  /** Of a broker that says which run of it this is. */
  readonly run: string | undefined
}

/** CONNECTED for the browser: all that a master or a worker has to know. Design section 4. */
export function writeConnected(options: ConnectedOptions): Uint8Array {
  const { version, sessionId, identity, dialect, heartBeatMs, now, maxFrameBytes, run } = options
  const interval = version === '1.0' ? 0 : heartBeatMs
  return encodeFrame('CONNECTED', [
    ['version', version],
    ['server', 'drover-bridge/1'],
    ['session', sessionId],
    ['heart-beat', `${interval},${interval}`],
    ['drover-owner', identity.owner],
    ['drover-namespace', identity.grants.ns],
    ['drover-dialect', dialect.name],
    ['drover-grants', JSON.stringify(identity.grants)],
    ['drover-features', 'fence,composite,named,retry,renew,presence,job'],
    ['drover-time', String(Math.round(now))],
    ['drover-max-frame-bytes', String(maxFrameBytes)],
    ...(run === undefined ? [] : [['drover-run', run] as const]),
  ])
}

export interface WrittenError {
  readonly code: ErrorCode
  readonly message: string
  readonly receipt: string | undefined
  /** That the browser speaks, where that is known: before, nothing is escaped. */
  readonly version: StompVersion | undefined
  /** The largest frame that the broker takes, as far as it is known, where it was sent a larger one. */
  readonly maxFrameBytes: number | undefined
}

/** ERROR for the browser. */
export function writeError({ code, message, receipt, version, maxFrameBytes }: WrittenError): Uint8Array {
  // A line break would end the header in 1.0
  const line = message.replace(/[\u0000-\u001f]+/g, ' ')
  const headers: [string, string][] = [
    ['message', line],
    ['drover-code', code],
    ['content-type', 'text/plain'],
  ]
  if (receipt !== undefined) headers.push(['receipt-id', receipt])
  if (maxFrameBytes !== undefined) headers.push(['drover-max-frame-bytes', String(maxFrameBytes)])
  if (code === 'unsupported_version') headers.push(['version', stompVersions.join(',')])
  return encodeFrame('ERROR', headers, `${line}\n`, version ?? '1.0')
}
