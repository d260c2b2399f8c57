/** The test bed that a storm rages over: a broker, a bridge, proxies before both, masters and workers on either side. */
import { appendFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestBroker } from '../support/brokers/start.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { freePorts } from '../support/free-ports.ts'
import type { Random } from '../support/random.ts'
import { makeSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { makeSteppedClock, type SteppedClock } from '../support/stepped-clock.ts'
import { type BridgeProcess, startBridgeProcess } from '../support/system/bridge-process.ts'
import { type Environment, makeEnvironment } from '../support/system/environment.ts'
import { echo, flaky, gated, mixed, steps, strict } from '../support/system/tasks.ts'
import { type Runtime, spawnWorker } from '../support/system/worker-process.ts'
import { type StormBroker, startStormBroker } from './brokers.ts'
import { spawnMaster } from './masters.ts'
import { makePlan, type PlannedJob, type PlanOptions } from './plan.ts'
import { type ProcessSpec, Supervisor, type SupervisorLog } from './supervisor.ts'

/** One that takes part, and how it reaches the broker. */
export interface Peer {
  readonly name: string
  readonly runtime: Runtime
  readonly by: 'tcp' | 'bridge'
}

export interface TestBedOptions {
  readonly broker: StormBroker
  /** Added to the environment of the broker's start script. */
  readonly brokerEnv: Record<string, string>
  /** How large the disk of the masters is, where it is to be filled. */
  readonly diskSize: string | undefined
  readonly masters: readonly Peer[]
  readonly workers: readonly Peer[]
  readonly concurrency: number
  /** Whether everyone but the broker has a clock that can be set. */
  readonly hasClocks: boolean
  /** Between a worker's death, or a master's, and its next start. */
  readonly pauseMs: number
  /** Of all masters together. */
  readonly plan: PlanOptions
  readonly random: Random
  /** Where everyone's output is kept. */
  readonly logs: string
}

export interface TestBed extends AsyncDisposable {
  readonly broker: TestBroker
  /** Where a peer needs one. */
  readonly bridge: BridgeProcess | undefined
  /** Before the broker; before the bridge and behind it, where there is one. */
  readonly proxies: readonly FaultProxy[]
  readonly disk: SmallDisk | undefined
  /** Of everyone but the broker, by name, where they can be set. */
  readonly clocks: ReadonlyMap<string, SteppedClock>
  readonly namespace: string
  /** Straight to the broker, past every proxy. */
  readonly environment: Environment
  /** Everything that is dispatched, by master. */
  readonly plans: ReadonlyMap<string, readonly PlannedJob[]>
  /** The reply queues of the masters, without the namespace. */
  readonly replyQueues: readonly string[]
  /** Starts the workers. */
  startWorkers(log: SupervisorLog): Supervisor
  /** Starts the masters, with which the storm begins. */
  startMasters(log: SupervisorLog): Supervisor
}

const tasks = [echo, steps, flaky, strict, gated, mixed].map(({ name }) => name)
/** Queues in which jobs wait, without the namespace. */
export const taskQueues: readonly string[] = tasks.map(name => `tasks.${name}`)

/** Starts everything but workers and masters. */
export async function startTestBed(options: TestBedOptions): Promise<TestBed> {
  const { random, concurrency, pauseMs, logs } = options
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'drover-storm-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  await mkdir(logs, { recursive: true })
  const disk = options.diskSize === undefined ? undefined : stack.use(await makeSmallDisk(options.diskSize))
  const broker = stack.use(await startStormBroker(options.broker, options.brokerEnv, folder))
  stack.defer(() => writeFile(join(logs, 'broker.log'), broker.log()))
  const toBroker = stack.use(await startFaultProxy(broker.stompUrl))
  const proxies = [toBroker]
  const namespace = `myapp.storm${random.whole(0, 0xffff_ffff).toString(16)}`
  const isBridged = [...options.masters, ...options.workers].some(({ by }) => by === 'bridge')
  const clocks = new Map<string, SteppedClock>()
  const envOf = (name: string): Record<string, string> => {
    if (!options.hasClocks) return {}
    const clock = clocks.get(name) ?? stack.use(makeSteppedClock())
    clocks.set(name, clock)
    return clock.env
  }
  let bridge: BridgeProcess | undefined
  let bridged: Environment | undefined
  if (isBridged) {
    const [port = 0] = await freePorts(1)
    const behind = stack.use(await startFaultProxy(broker.stompUrl))
    const before = stack.use(await startFaultProxy(`ws://127.0.0.1:${port}`))
    proxies.push(before, behind)
    const hosts = [`127.0.0.1:${before.port}`]
    const started = stack.use(
      await startBridgeProcess(behind.through(broker.stompUrl), { port, hosts, env: envOf('bridge') }),
    )
    stack.defer(() => writeFile(join(logs, 'bridge.log'), started.log()))
    bridge = started
    bridged = makeEnvironment({ url: before.through(started.url), secret: started.secret, namespace }, [])
  }
  const direct = makeEnvironment({ url: toBroker.through(broker.stompUrl), secret: undefined, namespace }, [])
  const environmentOf = (peer: Peer): Environment => (peer.by === 'bridge' ? bridged! : direct)
  const keep =
    (name: string, onOutput: (text: string) => void) =>
    (text: string): void => {
      appendFileSync(join(logs, `${name}.log`), text)
      onOutput(text)
    }
  const workerSpecs = await Promise.all(
    options.workers.map(async (peer): Promise<ProcessSpec> => {
      const access = await environmentOf(peer).workerAccess(peer.name)
      const settings = { ...access, name: peer.name, concurrency, tasks, tellsEvents: true }
      const env = envOf(peer.name)
      const start: ProcessSpec['start'] = onOutput =>
        spawnWorker(peer.runtime, settings, { env, onOutput: keep(peer.name, onOutput) })
      return { name: peer.name, start }
    }),
  )
  const plan = makePlan(random, options.plan)
  const plans = new Map(
    options.masters.map(({ name }, index) => [name, plan.filter((_, at) => at % options.masters.length === index)]),
  )
  const masterSpecs = await Promise.all(
    options.masters.map(async peer => {
      const { name, runtime } = peer
      const access = await environmentOf(peer).masterAccess()
      const planFile = join(folder, `${name}.plan.json`)
      await writeFile(planFile, JSON.stringify(plans.get(name)))
      const file = join(disk?.folder ?? folder, `${name}.jobs`)
      return { name, runtime, env: envOf(name), settings: { ...access, masterId: name, file, plan: planFile } }
    }),
  )
  const open = stack.move()
  return {
    broker,
    bridge,
    proxies,
    disk,
    clocks,
    namespace,
    environment: makeEnvironment({ url: broker.stompUrl, secret: undefined, namespace }, []),
    plans,
    replyQueues: options.masters.map(({ name, by }) => `reply.${by === 'bridge' ? 'ada' : 'foo'}.${name}`),
    startWorkers(log) {
      const workers = open.use(new Supervisor(workerSpecs, log, pauseMs))
      workers.start()
      return workers
    },
    startMasters(log) {
      const startedAt = Date.now() + 500
      const specs = masterSpecs.map(({ name, runtime, env, settings }): ProcessSpec => {
        const start: ProcessSpec['start'] = onOutput =>
          spawnMaster(runtime, { ...settings, startedAt }, { env, onOutput: keep(name, onOutput) })
        return { name, start }
      })
      const masters = open.use(new Supervisor(specs, log, pauseMs))
      masters.start()
      return masters
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}
