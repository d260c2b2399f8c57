/** Which settings a running bridge takes over, and which need it to start anew. */

import { defaultHttpPort, defaultStompPort } from '../default-ports.ts'
import type { BridgeSeal } from '../grants/hand-on-seal.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import type { ServeOptions } from '../options.ts'
import { isSame } from './same.ts'

/** The result of a reload. Names are those of `ServeOptions`, such as `users` or `limits.maxSessions`. */
export interface Reloaded {
  /** They count from now on. */
  readonly changed: readonly string[]
  /** They differ as well, and count once the bridge starts anew. */
  readonly needRestart: readonly string[]
}

/** Sockets, connections to the broker and the sign-in link were made by these. */
const fixedLimits = [
  'connectFrame',
  'frame',
  'brokerFrame',
  'headersMs',
  'requestMs',
  'heartBeatMs',
  'signInMs',
] as const

const live = ['users', 'secret', 'issuer', 'issuers', 'origins', 'hosts', 'trustProxy'] as const

/**
 * Compares the settings of a running bridge with others.
 * @param started those that it started with
 * @param current those that count now
 * @returns the result of a reload, and the options that count after it
 */
export function planReload(
  started: ServeOptions,
  current: ServeOptions,
  wanted: ServeOptions,
): { readonly options: ServeOptions; readonly reloaded: Reloaded } {
  const limits = { ...defaultLimits, ...wanted.limits }
  const before = { ...defaultLimits, ...current.limits }
  const fixed = Object.fromEntries(fixedLimits.map(name => [name, before[name]])) as Partial<Limits>
  const options: ServeOptions = { ...wanted, ...ofStart(started), limits: { ...limits, ...fixed } }
  const differing = Object.keys(limits).filter(
    name => !isSame(limits[name as keyof Limits], before[name as keyof Limits]),
  )
  const isFixed = (name: string): boolean => (fixedLimits as readonly string[]).includes(name)
  return {
    options,
    reloaded: {
      changed: [
        ...live.filter(name => !isSame(settled(current[name]), settled(wanted[name]))),
        ...(isSame(sealNow(current.seal), sealNow(wanted.seal)) ? [] : ['seal']),
        ...differing.filter(name => !isFixed(name)).map(name => `limits.${name}`),
      ],
      needRestart: [
        ...fixedNames.filter(name => !isSame(withDefaults(started)[name], withDefaults(wanted)[name])),
        ...differing.filter(isFixed).map(name => `limits.${name}`),
      ],
    },
  }
}

const fixedNames = [
  'broker',
  'brokerTls',
  'data',
  'revocations',
  'maxDataBytes',
  'hostname',
  'port',
  'base',
  'stompPort',
  'signInLink',
  'audit',
  'metrics',
] as const

const ofStart = (started: ServeOptions): Partial<ServeOptions> =>
  Object.fromEntries(([...fixedNames, 'onEvent'] as const).map(name => [name, started[name]]))

const withDefaults = (options: ServeOptions): ServeOptions => ({
  ...options,
  hostname: options.hostname ?? '127.0.0.1',
  port: options.port ?? defaultHttpPort,
  stompPort: options.stompPort ?? defaultStompPort,
})

/** Nothing, an empty list, and text in place of a list of one are the same to a bridge. */
const settled = (value: unknown): unknown => (Array.isArray(value) ? value : value === undefined ? [] : [value])

const sealNow = (seal: BridgeSeal | undefined): unknown => (typeof seal === 'function' ? seal() : seal)
