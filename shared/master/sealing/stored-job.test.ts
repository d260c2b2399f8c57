/** Sealed jobs go through storage, and come back whole where their key is. */
import { expect, test } from 'vitest'
import { type JobState, newJobState } from '../jobs/state/job.ts'
import type { JobChange } from '../jobs/state/reduce.ts'
import { base, error, run, told } from '../jobs/state/testing.ts'
import { closedJob, openedJob } from './stored-job.ts'

/** Seals in memory: each job is kept by the body that is given for it. */
function seals() {
  const kept = new Map<unknown, JobState>()
  return {
    store: async (job: JobState) => {
      const sealed = { sealed: kept.size }
      kept.set(sealed, job)
      return sealed
    },
    restore: async (_: string, sealed: unknown) => kept.get(sealed)!,
  }
}

const input = { host: 'sw1', password: '••••••' }
const begun = run(
  newJobState({ ...base, mode: 'queue', input, secrets: [['password']], sealed: true }),
  told({ type: 'accepted', seq: 0 }),
)

test('a job that ended while its key was away has its input, and says still that secrets are missing in it', async () => {
  const own = seals()
  const closed = await closedJob(begun, own)
  expect(closed).toMatchObject({ input: null, replies: [] })
  const ended = run(closed, told({ type: 'result', seq: 1, sealed: {} }))
  const opened = await openedJob(ended, own)
  expect(opened).toMatchObject({ input, secrets: [['password']], phase: { at: 'ended' } })
  expect(opened.unopened).toBeUndefined()
  expect(opened.replies.map(({ type }) => type)).toEqual(['accepted', 'result'])
})

const secret = 'Zoe'
const failed = { ...error, message: secret }
const progress = told({ type: 'progress', percent: 5, message: secret, data: secret, seq: 1 })
const changes: Readonly<Record<string, readonly JobChange[]>> = {
  progress: [progress],
  'news of its run': [told({ type: 'log', message: secret, seq: 1 }), told({ type: 'partial', data: secret, seq: 2 })],
  'a run that failed': [told({ type: 'retrying', error: failed, seq: 1 })],
  'a result': [progress, told({ type: 'result', output: secret, seq: 2 })],
  'an error': [told({ type: 'error', error: failed, seq: 1 })],
  "an error of Drover's own": [{ type: 'refused', error: { ...failed, code: 'output_invalid' }, at: 5 }],
  'a rejection': [told({ type: 'rejected', issues: [{ path: 'to', message: secret }], seq: 1 })],
  'a late outcome': [told({ type: 'result', seq: 1 }), told({ type: 'error', worker_id: 'w2', error: failed, seq: 1 })],
}
const modes = ['queue', 'topic'] as const

test.each(Object.keys(changes).flatMap(name => modes.map(mode => [name, mode] as const)))(
  'nothing of a job is stored in the open after %s, to a %s, and all of it comes back',
  async (name, mode) => {
    const own = seals()
    const job = run(newJobState({ ...base, mode, input: secret, sealed: true }), ...changes[name]!)
    expect(JSON.stringify({ ...job, input: null }), 'it is there').toContain(secret)
    const closed = await closedJob(job, own)
    expect(JSON.stringify(closed)).not.toContain(secret)
    expect(closed.phase.at).toBe(job.phase.at)
    expect(await openedJob(closed, own)).toEqual(job)
  },
)
