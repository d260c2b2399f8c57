/** The scenarios that are recorded of a version, in this order; each gives the job that the master showed in the end. */
import { setTimeout as delay } from 'node:timers/promises'
import type { JobHandle } from '../../shared/master/mod.ts'
import type { GuardedProcess } from '../support/processes/guarded.ts'
import { until } from '../support/until.ts'
import { linesOf } from './parts/parts.ts'
import type { TestBed } from './test-bed.ts'

const ids = new Map<string, string>()
/** The job of a scenario: the same in each recording. */
export function idOf(scenario: string): string {
  const known = ids.get(scenario) ?? `00000000-0000-4000-8000-${String(ids.size + 1).padStart(12, '0')}`
  ids.set(scenario, known)
  return known
}

let worker: GuardedProcess

async function shown(job: JobHandle): Promise<unknown> {
  const outcome = await job.outcome
  const { attempt, losses, progress } = job.snapshot
  return { outcome, attempt, losses, progress: progress && { percent: progress.percent, message: progress.message } }
}

const dispatch = (testBed: TestBed, scenario: string, task: string, input: unknown): JobHandle =>
  testBed.master.dispatch(task, input, { requestId: idOf(scenario), timeoutMs: 600_000 })

/** Workers that are killed come again until the job has ended. */
async function shownWithNewWorkers(testBed: TestBed, job: JobHandle): Promise<unknown> {
  const ended = shown(job)
  let isOver = false
  void ended.finally(() => (isOver = true))
  while (!isOver) {
    if (!worker.isRunning) worker = await testBed.worker()
    await delay(50)
  }
  return ended
}

export const scenarios: Readonly<Record<string, (testBed: TestBed) => Promise<unknown>>> = {
  async start(testBed) {
    testBed.master.watch('old.steps')
    worker = await testBed.worker()
    await until('the worker is seen', () => testBed.master.workers.size > 0)
    return undefined
  },
  queued: testBed => shown(dispatch(testBed, 'queued', 'old.steps', { ms: 10 })),
  async broadcast(testBed) {
    const options = { requestId: idOf('broadcast'), timeoutMs: 600_000 }
    const broadcast = testBed.master.broadcast('old.steps', { ms: 10 }, options)
    const { outcomes, missing } = await broadcast.done
    return { outcomes: outcomes.map(({ type }) => type), missing }
  },
  retried: testBed => shown(dispatch(testBed, 'retried', 'old.flaky', { failures: 1 })),
  failed: testBed => shown(dispatch(testBed, 'failed', 'old.flaky', { failures: 3 })),
  rejected: testBed => shown(dispatch(testBed, 'rejected', 'old.steps', { ms: 'soon' })),
  async cancelled(testBed) {
    const job = dispatch(testBed, 'cancelled', 'old.steps', { ms: 60_000 })
    await until('it runs', () => job.snapshot.phase.at === 'running')
    job.cancel('changed my mind')
    return shown(job)
  },
  async asked(testBed) {
    const job = dispatch(testBed, 'asked', 'old.steps', { ms: 1_500 })
    await until('it runs', () => job.snapshot.phase.at === 'running')
    testBed.toMaster.cut()
    return shown(job)
  },
  large: testBed => shown(dispatch(testBed, 'large', 'old.large', { characters: 5_000_000 })),
  async lost(testBed) {
    return shownWithNewWorkers(testBed, dispatch(testBed, 'lost', 'old.fragile', {}))
  },
  async buried(testBed) {
    return shownWithNewWorkers(testBed, dispatch(testBed, 'buried', 'old.deadly', {}))
  },
  async plain(testBed) {
    const program = await testBed.plain('plain')
    await program.subscribe('/queue/myapp.reply', { ack: 'client-individual' })
    const body = JSON.stringify({ request_id: idOf('plain'), task: 'old.steps', input: { ms: 10 } })
    program.send('SEND', { destination: '/queue/myapp.tasks.old.steps', persistent: 'true' }, body)
    for (;;) {
      const reply = await program.next('MESSAGE')
      program.ack(reply)
      if (/"type":"result"/.test(reply.body)) break
    }
    await program.disconnect()
    return undefined
  },
  async drain(testBed) {
    const before = linesOf(worker, 'run').length
    const job = dispatch(testBed, 'drain', 'old.steps', { ms: 60_000 })
    await until('it runs', () => linesOf(worker, 'run').length > before)
    worker.signal('SIGTERM')
    await until('it drains', () => [...testBed.master.workers.values()].some(({ state }) => state === 'draining'))
    job.cancel('it drains')
    await worker.ended
    return shown(job)
  },
}
