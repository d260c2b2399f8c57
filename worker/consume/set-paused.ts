/** The steps of a worker when an operator pauses one of its tasks, or has it go on. */
import type { HeldJobs } from '../held-job.ts'
import type { WorkerEvent } from '../options.ts'
import type { Pauses } from '../pauses.ts'
import type { Presence } from '../presence/presence.ts'
import type { JobEnds } from '../settle/job-ends.ts'
import type { Queues } from './queues.ts'
import type { Slots } from './slots.ts'

export interface PausingPorts {
  readonly pauses: Pauses
  readonly queues: Pick<Queues, 'regroup'>
  readonly slots: Pick<Slots, 'adjust'>
  readonly heldJobs: Pick<HeldJobs, typeof Symbol.iterator>
  readonly ends: Pick<JobEnds, 'stop'>
  readonly presence: Pick<Presence, 'taskChanged'>
  isDraining(): boolean
  tell(event: WorkerEvent): void
}

/**
 * Pauses a task or has it go on. Its queue is read no longer, and jobs that have not begun go to other workers; a broadcast that
 * waits is answered, since it is nobody else's. Jobs that run go on to their end.
 * @param by who said so, where that is known
 */
export function setPaused(ports: PausingPorts, task: string, isPaused: boolean, by: string | undefined): void {
  const { pauses, queues, slots, heldJobs, ends, presence, isDraining, tell } = ports
  if (isDraining()) return
  if (pauses.set(task, isPaused)) {
    tell({ type: isPaused ? 'paused' : 'resumed', task, by })
    queues.regroup()
    slots.adjust()
    const unstarted = [...heldJobs].filter(held => held.task === task && held.phase !== 'running')
    // A broadcast that rests has begun
    const stopped = unstarted.filter(({ mode, phase }) => mode === 'queue' || phase === 'waiting')
    if (isPaused) for (const held of stopped) ends.stop(held, { why: 'paused' })
  }
  presence.taskChanged(task)
}
