/** When a broadcast is done, and which workers are missing then. Promise 2. */
import type { Expected, JobState } from './job.ts'
import type { Outcome } from './outcome.ts'

/** A worker as a job sees it. */
export interface Member {
  readonly worker_id: string
  readonly name: string
  readonly state: 'idle' | 'busy' | 'draining' | 'gone'
  /** Absent while it is known only by its replies or beats. */
  readonly started_at?: number
}

/**
 * The workers to wait for, given the roster. The first roster settles it: a worker that comes later was not sent the job, and
 * joins by accepting it.
 * @param members present and past ones; a worker that is not among them is gone
 */
export function expectedOf(state: JobState, members: ReadonlyMap<string, Member>): readonly Expected[] {
  if (state.expected === undefined) {
    return [...members.values()]
      .filter(member => member.state === 'idle' || member.state === 'busy')
      .map(({ worker_id, name }) => ({ worker_id, name, gone: false }))
  }
  const hasBegun = (id: string) => state.workers.some(part => part.worker_id === id)
  return state.expected
    .filter(({ worker_id }) => members.get(worker_id)?.state !== 'draining' || hasBegun(worker_id))
    .map(one => {
      const gone = (members.get(one.worker_id)?.state ?? 'gone') === 'gone'
      return gone === one.gone ? one : { ...one, gone }
    })
}

/** Names of the workers that should have answered and have not. */
export function missingOf(state: JobState): string[] {
  const expected = state.expected ?? []
  const answered = new Set(state.workers.filter(part => part.outcome !== undefined).map(part => part.worker_id))
  const answeredNames = new Set(state.workers.flatMap(part => (part.outcome === undefined ? [] : [part.name])))
  // One that went and answered once it was started again is not missing
  const isBack = ({ gone, name }: Expected): boolean => gone && answeredNames.has(name)
  const names = expected.filter(one => !answered.has(one.worker_id) && !isBack(one)).map(one => one.name)
  for (const { worker_id, name, outcome } of state.workers) {
    if (outcome === undefined && !expected.some(one => one.worker_id === worker_id)) names.push(name ?? worker_id)
  }
  return names
}

/** The outcome of a broadcast that has all it waits for. */
export function answeredBy(state: JobState): Outcome | undefined {
  const { until, expected } = state
  const answers = state.workers.filter(part => part.outcome !== undefined).length
  if (typeof until === 'object') {
    return answers >= until.count ? { type: 'answered', missing: missingOf(state) } : undefined
  }
  if (until !== 'everyone' || expected === undefined) return undefined
  const gone = new Set(expected.filter(one => one.gone).map(one => one.worker_id))
  const isSettled = (id: string) =>
    gone.has(id) || state.workers.some(part => part.worker_id === id && part.outcome !== undefined)
  const isDone =
    expected.every(one => isSettled(one.worker_id)) && state.workers.every(part => isSettled(part.worker_id))
  if (!isDone) return undefined
  if (expected.length === 0 && state.workers.length === 0) return { type: 'no_worker' }
  return { type: 'answered', missing: missingOf(state) }
}

/** The outcome of a broadcast whose time is up. */
export function timedOutBroadcast(state: JobState): Outcome {
  const isEmpty = state.workers.length === 0 && state.expected?.length === 0
  if (isEmpty) return { type: 'no_worker' }
  const missing = missingOf(state)
  return state.until === 'timeout'
    ? { type: 'answered', missing }
    : { type: 'timed_out', timeout_ms: state.timeout_ms, missing }
}
