/** Bridges for tests: in this process, or as a process of either runtime. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { BridgeEvent } from '../../../bridge/events.ts'
import { mintToken, type RunningBridge, type ServeOptions, serveBridge } from '../../../bridge/node.ts'
import { allGrants } from '../../../shared/contract/grants.ts'
import type { Grants } from '../../../shared/contract/mod.ts'

export const secret = 'a secret of the tests, 32 bytes and more'

/** Plain data, so that it travels to another process. */
export type TestOptions = Omit<ServeOptions, 'secret' | 'onEvent'> & Partial<Pick<ServeOptions, 'secret'>>

export interface TestBridge extends AsyncDisposable {
  readonly url: string
  readonly stompUrl?: string
  readonly signInUrl?: string
  readonly metricsUrl?: string
  readonly events: readonly BridgeEvent[]
  /** Of the process; absent when it is this one. */
  readonly pid?: number
}

const users = [{ login: 'foo', password: 'bar', grants: allGrants }]

/** Of each bridge here. */
export const bridgeDefaults = { users, port: 0, stompPort: 0, secret }

export const tokenFor = (sub: string, grants: Partial<Grants>): Promise<string> => mintToken({ secret, sub, grants })

/** As a browser sends back the token that it was given as a cookie. */
export const cookieOf = ({ url }: Pick<TestBridge, 'url'>, token: string): string =>
  `drover-${new URL(url).port}=${token}`

/** A bridge in this process. */
export async function startBridge(options: TestOptions): Promise<TestBridge & Pick<RunningBridge, 'drain' | 'reload'>> {
  const events: BridgeEvent[] = []
  const bridge = await serveBridge({
    ...bridgeDefaults,
    ...options,
    onEvent: event => void events.push(event),
  })
  return Object.assign(bridge, { events })
}

/**
 * A bridge as a process of its own.
 * @param surroundings `descriptors` is how many files and sockets it may have open, by default as many as this process;
 * `env` is added to this process's own
 */
export async function spawnBridge(
  runtime: 'node' | 'deno',
  options: TestOptions,
  surroundings: { descriptors?: number; env?: Record<string, string> } = {},
): Promise<TestBridge & { pid: number }> {
  const { descriptors, env } = surroundings
  const script = fileURLToPath(new URL('bridge-main.ts', import.meta.url))
  const given = JSON.stringify({ ...bridgeDefaults, ...options })
  const [command, args] =
    runtime === 'node' ? [process.execPath, [script, given]] : ['deno', ['run', '--quiet', '-A', script, given]]
  // A shell only where one is needed: a machine with Deno alone may have none on its path
  const limited = descriptors === undefined ? [] : ['sh', '-c', `ulimit -n ${descriptors}; exec "$0" "$@"`]
  const [program = '', ...rest] = [...limited, command, ...args]
  const child = spawn(program, rest, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
  const events: BridgeEvent[] = []
  const { promise, resolve, reject } = Promise.withResolvers<TestBridge>()
  const exited = once(child, 'exit')
  void exited.then(([code]) => reject(new Error(`The bridge ended with exit code ${code}`)))
  createInterface(child.stdout).on('line', line => {
    const said = JSON.parse(line) as { ready: TestBridge } | { event: BridgeEvent }
    if ('ready' in said) resolve(said.ready)
    else events.push(said.event)
  })
  const ready = await promise
  return {
    ...ready,
    events,
    pid: child.pid!,
    async [Symbol.asyncDispose]() {
      child.stdin.end() // it ends itself when nobody holds its input
      const timer = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await exited
      clearTimeout(timer)
    },
  }
}
