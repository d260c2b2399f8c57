/** A second dispatch under a key gives the job that is there. */
import { expect, test } from 'vitest'
import { createMaster } from '../mod.ts'
import { scripted } from '../testing.ts'

test('its signal cancels that job, and it is not sent twice', async () => {
  const { stomp, jobs } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  await master.ready
  const job = master.dispatch('t', 1, { key: 'k' })
  const stop = new AbortController()
  expect(master.dispatch('t', 2, { key: 'k', signal: stop.signal })).toBe(job)
  await job.sent
  stop.abort()
  await expect.poll(() => job.snapshot.phase.at).toBe('cancelling')
  expect(jobs()).toHaveLength(1)
})
