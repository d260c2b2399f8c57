/** Sealed jobs go through storage, and come back whole where their key is. */
import { expect, test } from 'vitest'
import { type JobState, newJobState } from '../jobs/state/job.ts'
import { base, run, told } from '../jobs/state/testing.ts'
import { closedJob, openedJob } from './stored-job.ts'

/** Seals that keep each job in memory, by what they give for it. */
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
