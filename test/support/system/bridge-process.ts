/** A bridge of its own process, which scenarios can kill and start again where it was. */
import { fileURLToPath } from 'node:url'
import type { ServeOptions } from 'drover/bridge'
import { freePorts } from '../free-ports.ts'
import { type GuardedProcess, startGuarded } from '../processes/guarded.ts'
import { untilLine } from './worker-process.ts'

/** Who may use the bridge besides those with a token of its secret, and how. */
export type BridgeAccess = Pick<ServeOptions, 'users' | 'signInLink' | 'hosts' | 'limits'>

/** The options of the bridge process. */
export interface BridgeSettings extends BridgeAccess {
  port: number
  /** The broker's url with foo's credentials, or `embedded`. */
  broker: string
  secret: string
}

export interface BridgeProcess extends AsyncDisposable {
  /** `ws://127.0.0.1:port/stomp` */
  readonly url: string
  /** That of its last start. */
  readonly secret: string
  /** Where there is a sign-in link: that of its last start. */
  signInUrl(): string | undefined
  log(): string
  /** Kills it with -9 and starts it again on the same port. @param withNewSecret as one does that has none configured */
  restart(withNewSecret?: boolean): Promise<void>
}

const program = fileURLToPath(new URL('bridge-main.ts', import.meta.url))

/**
 * Starts a bridge and waits until it listens.
 * @param broker the broker's url with foo's credentials, or `embedded` for the one inside the bridge
 * @param access by default only tokens of its secret; `port` is a free one by default; `env` is added to this process's own
 */
export async function startBridgeProcess(
  broker: string,
  access: BridgeAccess & { port?: number; env?: Record<string, string> } = {},
): Promise<BridgeProcess> {
  const { env = {}, port = (await freePorts(1))[0] ?? 0, ...others } = access
  const newSecret = (): string => `${crypto.randomUUID()}${crypto.randomUUID()}`
  const settings: BridgeSettings = { ...others, port, broker, secret: newSecret() }
  let running: GuardedProcess
  const start = async (): Promise<void> => {
    running = startGuarded([process.execPath, program, JSON.stringify(settings)], { env })
    try {
      await untilLine(running, 'ready', 'the bridge')
    } catch (error) {
      await running.end()
      throw error
    }
  }
  await start()
  return {
    url: `ws://127.0.0.1:${port}/stomp`,
    get secret() {
      return settings.secret
    },
    signInUrl: () => /^sign in (\S+)$/m.exec(running.log())?.[1],
    log: () => running.log(),
    async restart(withNewSecret = false) {
      if (withNewSecret) settings.secret = newSecret()
      await running.end()
      await start()
    },
    [Symbol.asyncDispose]: () => running.end(),
  }
}
