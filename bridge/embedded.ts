/** The embedded broker behind a bridge: who may use its TCP port, and which of its events are for operators. */
import { type BrokerEvent, createEmbeddedBroker, type Disk, type EmbeddedBroker, storedLimits } from '../broker/mod.ts'
import type { Clock } from '../shared/clock.ts'
import { allGrants } from '../shared/contract/grants.ts'
import { Grants, grantsInclude } from '../shared/contract/token-grants.ts'
import type { LoginLimiter } from './access/login-limiter.ts'
import { type PasswordPorts, randomText } from './access/passwords.ts'
import type { BridgeUser } from './access/users.ts'
import type { BridgeEvent, OnEvent } from './events.ts'
import type { Upstream } from './upstream.ts'

interface EmbeddedPorts extends Pick<PasswordPorts, 'randomBytes'> {
  readonly clock: Clock
  /** The broker closes it. */
  readonly store?: Disk | undefined
  newId(): string
}

/** The embedded broker: its users are those of the bridge's own who may do everything, and the bridge has a login that nobody else knows. */
export function embeddedFor(
  users: readonly BridgeUser[],
  ports: EmbeddedPorts,
  attempts: LoginLimiter,
  onEvent: OnEvent,
  maxDataBytes: number | undefined,
): { broker: EmbeddedBroker; upstream: Upstream } {
  const login = 'drover-bridge'
  const passcode = randomText(ports)
  const own = users.flatMap(({ login, password, grants }) => {
    const parsed = Grants.parse(grants)
    return password !== undefined && grantsInclude(parsed, { ...allByTcp, ns: parsed.ns, seal: parsed.seal })
      ? [{ login, passcode: password, allow: [`${parsed.ns}.>`] }]
      : []
  })
  const broker = createEmbeddedBroker({
    users: [...own, { login, passcode, allow: ['>'] }],
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
  return { broker, upstream }
}

/**
 * Over TCP a login is all that is asked for, so only they have one there who are granted all that it brings. Who may read and
 * write every queue and topic needs no right to operate them: users of older files have none, and keep their login.
 */
const allByTcp: Grants = { ...allGrants, operate: [] }

const isForOperators = (event: BrokerEvent): event is BrokerEvent & BridgeEvent =>
  /^(message_dropped|end_dropped|store_failed|store_recovered)$/.test(event.type)
