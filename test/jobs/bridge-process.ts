/** A bridge of its own process, which scenarios can kill and start again where it was. */
import { fileURLToPath } from 'node:url'
import { type GuardedProcess, startGuarded } from '../brokers/guarded.ts'
import { freePorts } from '../brokers/ports.ts'
import { untilLine } from './worker-process.ts'

/** What the bridge process is told. */
export interface BridgeSettings {
  port: number
  /** The broker's url with foo's credentials, or `embedded`. */
  broker: string
  secret: string
}

export interface BridgeProcess extends AsyncDisposable {
  /** `ws://127.0.0.1:port/stomp` */
  readonly url: string
  readonly secret: string
  log(): string
  /** Kills it with -9 and starts it again on the same port. */
  restart(): Promise<void>
}

const program = fileURLToPath(new URL('fixtures/bridge.ts', import.meta.url))

/**
 * Starts a bridge and waits until it listens.
 * @param broker the broker's url with foo's credentials, or `embedded` for the one inside the bridge
 */
export async function startBridgeProcess(broker: string): Promise<BridgeProcess> {
  const [port = 0] = await freePorts(1)
  const settings: BridgeSettings = { port, broker, secret: `${crypto.randomUUID()}${crypto.randomUUID()}` }
  let running: GuardedProcess
  const start = async (): Promise<void> => {
    running = startGuarded([process.execPath, program, JSON.stringify(settings)])
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
    secret: settings.secret,
    log: () => running.log(),
    async restart() {
      await running.end()
      await start()
    },
    [Symbol.asyncDispose]: () => running.end(),
  }
}
