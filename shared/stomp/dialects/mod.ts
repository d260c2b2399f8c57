/** The dialects, and how the right one is found. */
import { type StompVersion, stompVersions } from '../../stomp-versions.ts'
import { artemis } from './artemis.ts'
import { classic } from './classic.ts'
import type { Dialect, DialectName } from './dialect.ts'
import { embedded } from './embedded.ts'
import { rabbitmq } from './rabbitmq.ts'

export type { Dialect, DialectName } from './dialect.ts'
export {
  expiryHeaders,
  keptBack,
  leavesTransientOut,
  ownHeaders,
  prefetchHeaders,
  sendHeaders,
  sendKind,
  subscribeHeaders,
} from './headers.ts'
export { artemis, classic, embedded, rabbitmq }

export const dialects: { readonly [Name in DialectName]: Dialect } = { classic, artemis, rabbitmq, embedded }

/**
 * Finds the dialect that CONNECTED tells of: a bridge says it in `drover-dialect`, a broker by its `server` header.
 * @returns `classic` for a server that says nothing, or nothing known
 */
export function dialectOf(connected: { readonly [header: string]: string | undefined }): Dialect {
  const named = connected['drover-dialect']
  if (named !== undefined && Object.hasOwn(dialects, named)) return dialects[named as DialectName]
  const server = connected.server ?? ''
  return Object.values(dialects).find(dialect => dialect.serverPattern.test(server)) ?? classic
}

/**
 * The versions of STOMP to offer, best first.
 * @param dialect where the broker is known
 */
export const versionsFor = (dialect?: Pick<Dialect, 'newestVersion'>): readonly StompVersion[] =>
  dialect === undefined ? stompVersions : stompVersions.filter(version => version <= dialect.newestVersion)
