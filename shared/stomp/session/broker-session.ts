/** The session that CONNECTED tells of. Design section 4. */
import { DroverError } from '../../contract/errors.ts'
import { SessionGrants } from '../../contract/grants.ts'
import { checkShape, parseJson } from '../../contract/read-message.ts'
import { encodeOwner } from '../destinations.ts'
import { type Dialect, dialectOf } from '../dialects/mod.ts'
import type { BrokerSession, Headers } from '../stomp.ts'

/** Values that hold where CONNECTED does not say otherwise. */
export interface SessionDefaults {
  readonly login?: string | undefined
  readonly namespace: string
  /** Overrides the one that CONNECTED tells. */
  readonly dialect?: Dialect | undefined
}

/**
 * Reads CONNECTED.
 * @param headers a bridge's `drover-*` headers win over the defaults
 * @param steady the present of this side's steady clock, in ms
 * @throws {DroverError} `message_invalid` when `drover-grants` does not hold grants, `frame_invalid` when
 * `drover-time` or `drover-max-frame-bytes` is no number
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { readSession } from 'drover/stomp'
 * const session = readSession({ server: 'ActiveMQ/6.1.8' }, { login: 'foo', namespace: 'myapp' }, 0)
 * assert.equal(session.dialect.name, 'classic')
 * assert.equal(session.owner, 'foo')
 * assert.equal(session.bridged, false)
 * ```
 */
export function readSession(headers: Headers, defaults: SessionDefaults, steady: number): BrokerSession {
  const owner = headers['drover-owner']
  const grants = headers['drover-grants']
  const features = headers['drover-features']
  const run = headers['drover-run']
  const id = headers.session
  const bridgeNow = readNumber(headers, 'drover-time')
  const maxFrameBytes = readNumber(headers, 'drover-max-frame-bytes')
  return {
    dialect: defaults.dialect ?? dialectOf(headers),
    owner: owner ?? encodeOwner(defaults.login || 'anonymous'),
    namespace: headers['drover-namespace'] ?? defaults.namespace,
    ...(grants === undefined
      ? {}
      : { grants: checkShape(SessionGrants, parseJson(grants, 'drover-grants'), 'drover-grants') }),
    ...(bridgeNow === undefined ? {} : { clockOffsetMs: bridgeNow - steady }),
    ...(maxFrameBytes === undefined ? {} : { maxFrameBytes }),
    ...(run === undefined ? {} : { run }),
    ...(id === undefined ? {} : { id }),
    ...(features === undefined ? {} : { features: features.split(',') }),
    bridged: owner !== undefined,
  }
}

function readNumber(headers: Headers, name: string): number | undefined {
  const text = headers[name]
  if (text === undefined) return undefined
  const value = Number(text)
  if (text !== '' && Number.isFinite(value)) return value
  throw new DroverError('frame_invalid', `CONNECTED has ${name} "${text.slice(0, 100)}"; expected a number`)
}
