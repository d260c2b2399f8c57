/** The test bed of a worker's scenarios: a worker process, the way to its broker, and a master by script. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { mintToken } from '../../bridge/tokens/mint.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import type { BrokerName } from '../support/brokers/start.ts'
import { type FaultProxy, startFaultProxy } from '../support/fault-proxy.ts'
import { type ScriptedMaster, scriptMaster } from '../support/scripted-master.ts'
import { startBridgeProcess } from '../support/system/bridge-process.ts'
import { until } from '../support/until.ts'
import type { Settings } from './fixtures/worker-main.ts'
import { type Runtime, startWorkerProcess, type WorkerProcess } from './process.ts'

export interface WorkerSetUp {
  readonly runtime: Runtime
  readonly broker: BrokerName
  /** `bridge`: over WebSocket through a bridge, which speaks to the broker over TCP; masters go to the broker itself. */
  readonly over: 'tcp' | 'ws' | 'bridge'
}

const tasks = ['w.add', 'w.gated', 'w.deaf', 'w.flaky', 'w.patient', 'w.talks']

/** The set-up that stands during the tests. */
type TestBed = Awaited<ReturnType<typeof build>>

/** Gives the test bed, once the tests run. */
export type CurrentTestBed = () => TestBed

/** Starts the test bed before the tests of a `describe` and ends it after them. */
export function setUpTestBed(setUp: WorkerSetUp): CurrentTestBed {
  let testBed: TestBed | undefined
  beforeAll(async () => {
    testBed = await build(setUp)
  })
  afterAll(async () => {
    await testBed?.[Symbol.asyncDispose]()
  })
  return () => testBed!
}

async function build({ runtime, broker, over }: WorkerSetUp) {
  await using stack = new AsyncDisposableStack()
  const { stompUrl: masterUrl, wsUrl } = await sharedBroker(broker)
  const folder = await mkdtemp(join(tmpdir(), 'drover-worker-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const bridge = over === 'bridge' ? stack.use(await startBridgeProcess(masterUrl)) : undefined
  const url = bridge?.url ?? (over === 'tcp' ? masterUrl : wsUrl!)
  const namespace = unique('worker')
  const startWorker = async (settings: Partial<Settings> = {}): Promise<WorkerProcess> => {
    const all = { url, namespace, name: 'steady', stopGraceMs: 300, ...settings }
    if (bridge === undefined) return startWorkerProcess(runtime, all)
    const token = await workToken(bridge.secret, all.namespace)
    return startWorkerProcess(runtime, { token, ...all })
  }
  const master: ScriptedMaster = stack.use(await scriptMaster(masterUrl, namespace, tasks))
  const worker = stack.use(await startWorker())
  let gates = 0
  const kept = stack.move()
  return {
    runtime,
    over,
    /** Of the worker. */
    url,
    /** Of masters. */
    masterUrl,
    bridge,
    master,
    worker,
    startWorker,
    newGate: (): string => join(folder, `gate-${++gates}`),
    open: (gate: string): Promise<void> => writeFile(gate, ''),
    accepted: (id: string): Promise<unknown> =>
      until(`${id} is accepted`, () => master.of(id).some(({ type }) => type === 'accepted')),
    /** A way to the broker that can be cut: before the worker, or, with a bridge, which checks its Host, behind that. */
    async cuttable(): Promise<Cuttable> {
      await using stack = new AsyncDisposableStack()
      const proxy = stack.use(await startFaultProxy(over === 'bridge' ? masterUrl : url))
      const behind = over === 'bridge' ? stack.use(await startBridgeProcess(proxy.through(masterUrl))) : undefined
      const kept = stack.move()
      return {
        proxy,
        async access(namespace: string) {
          if (behind === undefined) return { namespace, url: proxy.through(url) }
          return { namespace, url: behind.url, token: await workToken(behind.secret, namespace) }
        },
        [Symbol.asyncDispose]: () => kept.disposeAsync(),
      }
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

interface Cuttable extends AsyncDisposable {
  readonly proxy: FaultProxy
  /** Settings of a worker that goes this way. */
  access(namespace: string): Promise<Partial<Settings> & { readonly namespace: string }>
}

/** A token that allows the tasks of the suite to be worked on, and nothing else. */
function workToken(secret: string, ns: string): Promise<string> {
  return mintToken({ secret, sub: 'worker', grants: { ns, work: ['w.*'] }, expiresInMs: 600_000 })
}

/** How often such a run began: a process's output may come later than its frames. */
export async function runs(worker: WorkerProcess, start: string): Promise<number> {
  await worker.line(start)
  return worker.lines(start).length
}
