/** A bridge with the embedded broker, as the page's tests need it, and workers as they ask for them. */
import { type BridgeUser, type RunningBridge, serveBridge } from 'drover/bridge'
import type { Grants } from 'drover/contract'
import { allGrants } from '../../shared/contract/grants.ts'

export const everything: Grants = allGrants

export interface TestBridgeOptions {
  /** Of the bridge; the one that it had, to start it again. */
  readonly port?: number
  readonly stompPort?: number
  readonly grants?: Partial<Grants>
  readonly secret?: string
  readonly origins?: readonly string[]
  readonly hosts?: readonly string[]
  readonly base?: string
  /** Default: foo. */
  readonly users?: readonly BridgeUser[]
  /** Of foo. Default `bar`. */
  readonly password?: string
  /** Default true. */
  readonly withLink?: boolean
}

/** Signs in foo by password, and by the link. */
export function startBridge(options: TestBridgeOptions = {}): Promise<RunningBridge> {
  const { port = 0, stompPort = 0, grants = everything, secret = '0123456789abcdef0123456789abcdef', origins } = options
  const { password = 'bar', withLink = true } = options
  const users = options.users ?? [{ login: 'foo', password, grants }]
  return serveBridge({
    port,
    stompPort,
    broker: 'embedded',
    users,
    secret,
    ...(withLink ? { signInLink: { owner: 'foo', grants } } : {}),
    ...(origins === undefined ? {} : { origins }),
    hosts: options.hosts,
    base: options.base,
  })
}
