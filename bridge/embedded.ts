/** The broker that a bridge brings along. */
import { type BrokerEvent, createEmbeddedBroker, type Disk, type EmbeddedBroker, storedLimits } from '../broker/mod.ts'
import type { Clock } from '../shared/clock.ts'
import { allGrants } from '../shared/contract/grants.ts'
import { Grants, grantsInclude } from '../shared/contract/token-grants.ts'
import type { LoginLimiter } from './access/login-limiter.ts'
import type { PasswordPorts } from './access/passwords.ts'
import type { BridgeUser } from './access/users.ts'
import type { BridgeEvent, OnEvent } from './events.ts'
import type { Upstream } from './upstream.ts'

export interface EmbeddedPorts extends PasswordPorts {
  readonly clock: Clock
  readonly store?: Disk | undefined
  newId(): string
}

export interface BridgesBroker {
  readonly broker: EmbeddedBroker
  readonly upstream: Upstream
  /** Who may log in from now on. */
  setUsers(users: readonly BridgeUser[]): void
}

/** Its users are those of the bridge's own who may do everything, and the bridge has a login that nobody else knows. */
export function embeddedFor(
  configured: readonly BridgeUser[],
  ports: EmbeddedPorts,
  attempts: LoginLimiter,
  onEvent: OnEvent,
  maxDataBytes: number | undefined,
): BridgesBroker {
  const login = 'drover-bridge'
  const passcode = randomText(ports)
  const usersOf = (users: readonly BridgeUser[]) => [...users.flatMap(ownUser), { login, passcode, allow: ['>'] }]
  const users = usersOf(configured)
  const broker = createEmbeddedBroker({
    users,
    attempts,
    clock: ports.clock,
    random: () => ports.newId(),
    ...(ports.store === undefined ? {} : { store: ports.store }),
    ...(maxDataBytes === undefined ? {} : { limits: storedLimits(maxDataBytes) }),
    onEvent: event => {
      if (isForOperators(event)) onEvent(event)
    },
  })
  const upstream: Upstream = {
    connect: (_version, owner) => sink => broker.connect(sink, { owner }),
    login: { login, passcode, host: '/', heartBeatMs: 0 },
    name: 'the embedded broker',
  }
  return {
    broker,
    upstream,
    setUsers(others) {
      users.splice(0, users.length, ...usersOf(others))
    },
  }
}

function ownUser({ login, password, grants }: BridgeUser) {
  const parsed = Grants.parse(grants)
  return password !== undefined && grantsInclude(parsed, { ...allByTcp, ns: parsed.ns, seal: parsed.seal })
    ? [{ login, passcode: password, allow: [`${parsed.ns}.>`] }]
    : []
}

/**
 * Over TCP a login is all that is asked for, so only they have one there who are granted all that it brings. Who may read and
 * write every queue and topic needs no right to operate them: users of older files have none, and keep their login.
 */
const allByTcp: Grants = { ...allGrants, operate: [] }

const isForOperators = (event: BrokerEvent): event is BrokerEvent & BridgeEvent =>
  /^(message_dropped|end_dropped|store_failed|store_recovered)$/.test(event.type)

export const randomText = (ports: PasswordPorts): string =>
  Array.from(ports.randomBytes(32), byte => byte.toString(16).padStart(2, '0')).join('')
