/**
 * Who gets into a bridge, from where, and how far. These settings can be others while it runs: all of them are read at once, and
 * are one value that takes the place of the one before.
 */
import type { CompactVerifyGetKey } from 'jose'
import type { Clock } from '../../shared/clock.ts'
import type { OnEvent } from '../events.ts'
import { createHandOnSeal, type HandOnSeal } from '../grants/hand-on-seal.ts'
import { createMac } from '../grants/mac.ts'
import type { Mac, PassKey } from '../grants/passes.ts'
import { defaultLimits, type Limits } from '../limits.ts'
import type { ServeOptions } from '../options.ts'
import { issuerKeys } from '../tokens/issuer-keys.ts'
import { checkIssuers, type IssuerOptions } from '../tokens/issuer-options.ts'
import type { Revocations } from '../tokens/revocations.ts'
import { secretsOf } from '../tokens/signing-key.ts'
import { createVerifier, trustIssuer, trustSecret, type VerifyToken } from '../tokens/verify.ts'
import { type CallerOf, createCallerOf } from './caller.ts'
import type { LoginLimiter } from './login-limiter.ts'
import { Origins } from './origins.ts'
import type { PasswordPorts } from './passwords.ts'
import { isSame } from './same.ts'
import { checkDefaultPassword, hasDefaultPassword, Users } from './users.ts'

export interface AccessPorts extends PasswordPorts {
  createMac?(key: string): Mac
  readText(path: string): Promise<string>
  readonly clock: Clock
}

export interface Access {
  readonly options: ServeOptions
  readonly limits: Limits
  readonly origins: Origins
  readonly callerOf: CallerOf
  readonly users: Users
  readonly hasDefaultPassword: boolean
  readonly verifyToken: VerifyToken
  readonly handOnSeal: HandOnSeal
  /** The first signs tokens; one that comes from another is signed as that was. */
  readonly secrets: readonly [string, ...string[]]
  readonly issuer: string | undefined
  /** The first signs passes. */
  readonly passKeys: readonly [PassKey, ...PassKey[]]
}

/** Makes the function that reads the settings of who gets in. It throws `config_invalid`, and then has changed nothing. */
export function accessReader(
  ports: AccessPorts,
  attempts: LoginLimiter,
  onEvent: OnEvent,
  revocations: Pick<Revocations, 'isRevoked'>,
): (options: ServeOptions) => Access {
  const { clock } = ports
  const now = (): number => clock.now()
  const keysOf = rememberedKeys(ports, onEvent)
  let known: Users | undefined
  return options => {
    const { hostname = '127.0.0.1', users = [], issuer, seal } = options
    checkDefaultPassword(hostname, users)
    const secrets = secretsOf(options.secret)
    const own = trustSecret(secrets, issuer, ports.createMac)
    const [first, ...further] = secrets
    const origins = new Origins(options)
    const callerOf = createCallerOf(options.trustProxy ?? [])
    const handOnSeal = createHandOnSeal(seal)
    const trusted = checkIssuers(options.issuers ?? [], issuer)
    known = new Users(users, ports, attempts, known)
    // Last, since keys of a place that was refused must not stand in for those that count
    const issuers = trusted.map(one => trustIssuer(one, keysOf(one)))
    return {
      options,
      limits: { ...defaultLimits, ...options.limits },
      origins,
      callerOf,
      handOnSeal,
      users: known,
      hasDefaultPassword: hasDefaultPassword(users),
      verifyToken: createVerifier(own, now, issuers, identity => revocations.isRevoked(identity)),
      secrets,
      issuer,
      passKeys: [passKeyOf(first, ports), ...further.map(one => passKeyOf(one, ports))],
    }
  }
}

function passKeyOf(secret: string, ports: AccessPorts): PassKey {
  const macOf = ports.createMac ?? createMac
  const keyFor = macOf(secret)
  return { mac: macOf(keyFor('drover pass 2')), olderMac: macOf(keyFor('drover pass 1')) }
}

type KeysOf = (issuer: IssuerOptions) => CompactVerifyGetKey

/** An issuer's keys stay when other settings change: its place may be away just then. */
function rememberedKeys({ clock, readText }: AccessPorts, onEvent: OnEvent): KeysOf {
  const problem = (message: string, error: unknown): void =>
    onEvent({ type: 'issuer_keys', message: `${message}: ${(error as Error).message}` })
  const known = new Map<string, { readonly jwks: unknown; readonly keys: CompactVerifyGetKey }>()
  return one => {
    const found = known.get(one.issuer)
    if (found !== undefined && isSame(found.jwks, one.jwks)) return found.keys
    const keys = issuerKeys(one, { clock, readText, problem, fetch: (url, init) => fetch(url, init) })
    known.set(one.issuer, { jwks: one.jwks, keys })
    return keys
  }
}
