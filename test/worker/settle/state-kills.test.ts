/**
 * Workers with `state` are killed with -9 at random instants, with outcomes on their way that the broker does not get. A job whose
 * end was written down does not run again, and each has one outcome. `KILLS=100` makes more of it; `SEED` repeats it. Promise 6.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { seeded } from '../../support/random.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import { type Runtime, startWorkerProcess, type WorkerProcess } from '../process.ts'

const missing: Readonly<Record<string, unknown>> = readPrepared()
const kills = Number(process.env.KILLS ?? 3)
const seed = Number(process.env.SEED ?? Date.now() % 100_000)
const concurrency = 8
const jobsAKill = 40

/** Ids in lines of a worker, in order. */
const runsOf = ({ lines }: WorkerProcess): string[] => lines('run w.add').map(line => line.split(' ')[2]!)
const endsOf = ({ lines }: WorkerProcess): string[] =>
  lines('event ').flatMap(line => {
    const { what, request_id } = JSON.parse(line.slice('event '.length)) as { what?: string; request_id?: string }
    return what === 'result' ? [request_id!] : []
  })

test.for((['node', 'deno'] as const).filter(runtime => missing[runtime] === undefined))(
  `%s: no job that ended runs again, killed ${kills} times`,
  { timeout: 60_000 + kills * 10_000 },
  async (runtime: Runtime) => {
    const random = seeded(seed)
    await using stack = new AsyncDisposableStack()
    const folder = await mkdtemp(join(tmpdir(), 'drover-state-'))
    stack.defer(() => rm(folder, { recursive: true, force: true }))
    const { stompUrl } = await sharedBroker('embedded')
    const namespace = unique('kills')
    const master = stack.use(await scriptMaster(stompUrl, namespace, []))
    const proxy = stack.use(await startFaultProxy(stompUrl))
    const settings = {
      url: proxy.through(stompUrl),
      namespace,
      name: 'kept',
      concurrency,
      state: join(folder, 'worker.db'),
    }
    const ids: string[] = []
    const workers: WorkerProcess[] = []
    const outcomes = () =>
      new Set(master.replies.filter(({ type }) => type === 'result').map(({ request_id }) => request_id))
    const evidence = () =>
      `seed ${seed}, ${outcomes().size} of ${ids.length} ended; the last worker:\n${workers.at(-1)?.child.log().slice(-2_000)}`
    for (let at = 0; at <= kills; at++) {
      const worker = stack.use(await startWorkerProcess(runtime, settings))
      workers.push(worker)
      const before = outcomes().size
      for (let n = 0; n < jobsAKill; n++) ids.push(await master.send('w.add', { a: n, b: at }))
      if (at === kills) break
      const enough = before + random.whole(0, jobsAKill - 1)
      await until('some jobs ended', () => outcomes().size >= enough, { evidence })
      proxy.stall('up')
      await pause(random.whole(0, 40))
      worker.child.signal('SIGKILL')
      await worker.child.ended
      proxy.cut()
      proxy.flow()
    }
    await until('every job has its outcome', () => outcomes().size === ids.length, { evidence, timeoutMs: 60_000 })
    // A turn ends as many jobs at most, and a kill in that turn loses them
    const again = workers.flatMap((worker, at) => {
      const written = endsOf(worker).slice(0, -concurrency)
      const later = new Set(workers.slice(at + 1).flatMap(runsOf))
      return written.filter(id => later.has(id))
    })
    expect(again, evidence()).toEqual([])
    const repeated = workers.flatMap(({ lines }) => lines('event ').filter(line => line.includes('"repeated"')))
    console.log(`${runtime}: ${ids.length} jobs, ${repeated.length} answered from the file, seed ${seed}`)
    expect(repeated.length, evidence()).toBeGreaterThan(0)
    expect(master.dead, evidence()).toEqual([])
  },
)
