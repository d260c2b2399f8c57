/** Jobs and changes, for unit tests of the reducer. */
import type { Reply, WireError } from '../../../contract/mod.ts'
import type { Member } from './broadcast.ts'
import { type JobState, newJobState } from './job.ts'
import { type JobChange, reduceJob } from './reduce.ts'

export const id = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
export const base: Pick<JobState, 'request_id' | 'task' | 'input' | 'timeout_ms' | 'created_at'> = {
  request_id: id,
  task: 'host.facts',
  input: {},
  timeout_ms: 1000,
  created_at: 0,
}
export const queued: JobState = newJobState({ ...base, mode: 'queue' })
export const spread: JobState = newJobState({ ...base, mode: 'topic' })

export const reply = (fields: Partial<Reply> & { type: Reply['type'] }): Reply =>
  ({ v: 1, request_id: id, worker_id: 'w1', attempt: 1, ...fields }) as Reply
export const told = (fields: Partial<Reply> & { type: Reply['type'] }): JobChange => ({
  type: 'reply',
  reply: reply(fields),
  at: 5,
})
export const run = (state: JobState, ...events: JobChange[]): JobState =>
  events.reduce((now, event) => reduceJob(now, event).state, state)
export const rosterOf = (...members: Partial<Member>[]): JobChange => ({
  type: 'roster',
  at: 5,
  members: new Map(
    members.map(one => [one.worker_id!, { worker_id: one.worker_id!, name: one.worker_id!, state: 'idle', ...one }]),
  ),
})
export const error: WireError = { name: 'Error', code: 'task_failed', message: 'no', retryable: true }
