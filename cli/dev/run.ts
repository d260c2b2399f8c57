/** The work of `drover dev`: it starts things in order, says when everything answers, and ends all of it. */
import { resolve } from 'node:path'
import process from 'node:process'
import { defaultHttpPort, defaultStompPort } from '../../bridge/default-ports.ts'
import { describeBridgeEvent } from '../../bridge/log-lines.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { untilBrokerAnswers } from '../broker-check.ts'
import { packageFolder } from '../executables.ts'
import { UsageError } from '../exit.ts'
import { onInterrupt } from '../interrupt.ts'
import { createOutput, type Output, type OutputTarget } from '../output.ts'
import { createProcesses, type Processes } from '../processes.ts'
import { type Env, parseBrokerUrl, parsePort, withoutPassword } from '../settings.ts'
import { worksBesideOutput } from '../stdout.ts'
import { revocationsFile, storedSecret } from '../stored-secret.ts'
import { checkPortIsFree } from '../tcp-ports.ts'
import { givenTls } from '../tls-options.ts'
import { startActiveMq } from './activemq.ts'
import { describeData, devData, makeDataFolder } from './data.ts'
import { keepDevKeys, makeDevKeys, removeDevKeys } from './keys.ts'
import { nextSteps } from './next-steps.ts'
import { preparePage } from './page.ts'
import { startDevWorkers } from './workers.ts'

export interface DevOptions {
  readonly env: Env
  readonly target: OutputTarget
  readonly isActiveMq: boolean
  /** The file that `--data` names. */
  readonly data: string | undefined
  /** Whether the embedded broker keeps nothing on disk. */
  readonly isInMemory: boolean
  /** Of pages that may use the bridge besides its own. */
  readonly origins: readonly string[] | undefined
  /** Whether jobs and replies travel sealed, by keys of this run. */
  readonly isSealed: boolean
}

/**
 * Runs until the process is told to end.
 * @throws {DroverError} `port_taken`, or the error of a part that could not be started
 */
export async function runDev(options: DevOptions): Promise<void> {
  const { env, target, isActiveMq, origins, isSealed } = options
  const port = parsePort(env['PORT'], 'PORT', defaultHttpPort)
  const stompPort = parsePort(env['STOMP_PORT'], 'STOMP_PORT', defaultStompPort)
  const running = env['DROVER_BROKER'] ? parseBrokerUrl(env['DROVER_BROKER'], 'DROVER_BROKER') : undefined
  if (running !== undefined && isActiveMq) {
    throw new UsageError('DROVER_BROKER names a broker that runs already and --activemq starts one; use one of the two')
  }
  const data = devData(options, port)
  await checkPortIsFree(port, 'PORT')
  if (running === undefined) await checkPortIsFree(stompPort, 'STOMP_PORT')

  const output = createOutput({ target, env, nameWidth: 8 })
  const stopping = new AbortController()
  // Two sets, ended one after the other: workers say goodbye to the broker.
  await using brokers = createProcesses()
  await using processes = createProcesses()
  const release = onInterrupt(
    () => {
      output.event('drover', 'ending everything; Ctrl-C again does not wait')
      stopping.abort()
    },
    () => {
      processes.kill()
      brokers.kill()
      process.exit(130)
    },
    text => output.event('drover', text),
  )
  worksBesideOutput()
  try {
    await run({
      env,
      output,
      brokers,
      processes,
      port,
      stompPort,
      running,
      isActiveMq,
      data,
      origins,
      isSealed,
      signal: stopping.signal,
    })
  } catch (error) {
    if (!stopping.signal.aborted) throw error
  } finally {
    await processes.stop()
    await brokers.stop()
    release()
  }
}

/** A broker that is starting, beside this or just before it, is there by then. */
const brokerWaitMs = 30_000

interface Run {
  readonly env: Env
  readonly output: Output
  readonly brokers: Processes
  readonly processes: Processes
  readonly port: number
  readonly stompPort: number
  /** A broker that runs already. */
  readonly running: string | undefined
  readonly isActiveMq: boolean
  /** The file of the embedded broker. */
  readonly data: string | undefined
  readonly origins: readonly string[] | undefined
  readonly isSealed: boolean
  /** Aborts when everything is to end. */
  readonly signal: AbortSignal
}

async function run({
  env,
  output,
  brokers,
  processes,
  port,
  stompPort,
  running,
  isActiveMq,
  data,
  origins,
  isSealed,
  signal,
}: Run): Promise<void> {
  if (running !== undefined) {
    const onAway = (text: string): void => output.event('broker', text, 'warn')
    const tls = givenTls({}, env, running)
    await untilBrokerAnswers({ url: asFoo(running), tls, waitMs: brokerWaitMs, name: 'DROVER_BROKER', onAway, signal })
  }
  const external = isActiveMq ? await startActiveMq({ processes: brokers, output, port: stompPort, signal }) : running
  await preparePage(output)
  const { secrets, note } = await storedSecret({ env, broker: external ?? 'embedded', port })
  if (note !== undefined) output.event('bridge', note)
  const [{ serveBridge }, { publicKeys }] = await Promise.all([import('drover/bridge'), import('drover/seal')])
  if (data !== undefined) await makeDataFolder(data)
  const made = isSealed ? await makeDevKeys(env, running) : undefined
  const bridge = await serveBridge({
    port,
    ...(external === undefined
      ? { broker: 'embedded', stompPort, data }
      : { broker: external, brokerTls: givenTls({}, env, external) }),
    origins,
    users: [{ login: 'foo', password: 'bar', grants: allGrants }],
    secret: secrets,
    revocations: revocationsFile({ env, broker: external ?? 'embedded', port }),
    seal: made && { keys: publicKeys(made.set) },
    signInLink: { owner: 'foo', grants: allGrants },
    onEvent: event => {
      const { text, level } = describeBridgeEvent(event)
      output.event('bridge', text, level)
    },
  })
  try {
    const url = external ?? bridge.stompUrl ?? `stomp://127.0.0.1:${stompPort}`
    const where = withoutPassword(url)
    output.event('broker', external === undefined ? `embedded, on ${where}, ${describeData(data)}` : where)
    const files = resolve(env['DROVER_FILES'] || `${packageFolder}/examples/files`)
    if (running === undefined) await removeDevKeys(env, url)
    await using keys = made && (await keepDevKeys(env, url, made))
    if (keys !== undefined) output.event('drover', `jobs and replies are sealed by the keys in ${keys.file}`)
    const workers = startDevWorkers({ processes, output, url: asFoo(url), files, keys: keys?.file, signal })
    const stopped = untilAborted(signal)
    await Promise.race([workers.ready, stopped])
    output.line()
    output.line(`ready ${bridge.signInUrl ?? bridge.url}`)
    for (const line of nextSteps(Number(new URL(url).port), defaultStompPort, running)) output.line(line)
    await Promise.race([workers.failed, stopped])
  } finally {
    await processes.stop() // while there is still a bridge and a broker to say goodbye to
    await bridge.close()
  }
}

/** The embedded broker's address does not say how to log in. */
function asFoo(url: string): string {
  const address = new URL(url)
  return address.username === '' ? url.replace('://', '://foo:bar@') : url
}

/** Rejects with the signal's reason. */
function untilAborted(signal: AbortSignal): Promise<never> {
  signal.throwIfAborted()
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
