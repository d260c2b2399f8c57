/** A bridge with the embedded broker, as the page's tests need it, and workers as they ask for them. */
import { type BridgeUser, type RunningBridge, serveBridge } from 'drover/bridge'
import type { Grants } from 'drover/contract'

export const everything: Grants = {
  ns: 'myapp',
  dispatch: ['*'],
  broadcast: ['*'],
  work: ['*'],
  observe: ['*'],
  workers: true,
  dead: true,
}

export interface BridgeGroundOptions {
  /** Of the bridge; the one that it had, to start it again. */
  readonly port?: number
  readonly stompPort?: number
  readonly grants?: Partial<Grants>
  readonly secret?: string
  readonly origins?: readonly string[]
}

/** Signs in foo by `bar`, and by the link. */
export function startBridge(options: BridgeGroundOptions = {}): Promise<RunningBridge> {
  const { port = 0, stompPort = 0, grants = everything, secret = '0123456789abcdef0123456789abcdef', origins } = options
  const users: BridgeUser[] = [{ login: 'foo', password: 'bar', grants }]
  return serveBridge({
    port,
    stompPort,
    broker: 'embedded',
    users,
    secret,
    signInLink: { owner: 'foo', grants },
    ...(origins === undefined ? {} : { origins }),
  })
}
