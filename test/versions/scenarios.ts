/** What is recorded of a version, in this order; each gives what the master showed in the end. */
import { setTimeout as delay } from 'node:timers/promises'
import type { JobHandle } from '../../shared/master/mod.ts'
import type { GuardedProcess } from '../support/processes/guarded.ts'
import { until } from '../support/until.ts'
import { linesOf } from './parts/parts.ts'
import type { Scene } from './test-bed.ts'

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

const dispatch = (scene: Scene, scenario: string, task: string, input: unknown): JobHandle =>
  scene.master.dispatch(task, input, { requestId: idOf(scenario), timeoutMs: 600_000 })

/** Workers that are killed come again until the job has ended. */
async function shownWithNewWorkers(scene: Scene, job: JobHandle): Promise<unknown> {
  const ended = shown(job)
  let isOver = false
  void ended.finally(() => (isOver = true))
  while (!isOver) {
    if (!worker.isRunning) worker = await scene.worker()
    await delay(50)
  }
  return ended
}

export const scenarios: Readonly<Record<string, (scene: Scene) => Promise<unknown>>> = {
  async start(scene) {
    scene.master.watch('old.steps')
    worker = await scene.worker()
    await until('the worker is seen', () => scene.master.workers.size > 0)
    return undefined
  },
  queued: scene => shown(dispatch(scene, 'queued', 'old.steps', { ms: 10 })),
  async broadcast(scene) {
    const options = { requestId: idOf('broadcast'), timeoutMs: 600_000 }
    const fleet = scene.master.broadcast('old.steps', { ms: 10 }, options)
    const { outcomes, missing } = await fleet.done
    return { outcomes: outcomes.map(({ type }) => type), missing }
  },
  retried: scene => shown(dispatch(scene, 'retried', 'old.flaky', { failures: 1 })),
  failed: scene => shown(dispatch(scene, 'failed', 'old.flaky', { failures: 3 })),
  rejected: scene => shown(dispatch(scene, 'rejected', 'old.steps', { ms: 'soon' })),
  async cancelled(scene) {
    const job = dispatch(scene, 'cancelled', 'old.steps', { ms: 60_000 })
    await until('it runs', () => job.snapshot.phase.at === 'running')
    job.cancel('changed my mind')
    return shown(job)
  },
  async asked(scene) {
    const job = dispatch(scene, 'asked', 'old.steps', { ms: 1_500 })
    await until('it runs', () => job.snapshot.phase.at === 'running')
    scene.toMaster.cut()
    return shown(job)
  },
  large: scene => shown(dispatch(scene, 'large', 'old.large', { characters: 5_000_000 })),
  async lost(scene) {
    return shownWithNewWorkers(scene, dispatch(scene, 'lost', 'old.fragile', {}))
  },
  async buried(scene) {
    return shownWithNewWorkers(scene, dispatch(scene, 'buried', 'old.deadly', {}))
  },
  async plain(scene) {
    const program = await scene.plain('plain')
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
  async drain(scene) {
    const before = linesOf(worker, 'run').length
    const job = dispatch(scene, 'drain', 'old.steps', { ms: 60_000 })
    await until('it runs', () => linesOf(worker, 'run').length > before)
    worker.signal('SIGTERM')
    await until('it drains', () => [...scene.master.workers.values()].some(({ state }) => state === 'draining'))
    job.cancel('it drains')
    await worker.ended
    return shown(job)
  },
}
