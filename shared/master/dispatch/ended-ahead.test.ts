/** Jobs that have ended before they were stored for the first time. */
import { expect, test } from 'vitest'
import { createMaster } from '../mod.ts'
import { scripted } from '../testing.ts'

test('a job that ends before it is stored does not leave, and stops no other', async () => {
  const { stomp, jobs } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  await master.ready
  const job = master.dispatch('t', 1)
  master.cancel(job.request_id)
  const other = master.dispatch('t', 2)
  await other.sent
  expect(await job.outcome).toMatchObject({ type: 'cancelled' })
  expect(jobs().map(({ body }) => JSON.parse(body).input)).toEqual([2])
})
