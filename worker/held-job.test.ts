/** How many jobs a worker has in hand, by which it keeps subscriptions. */
import { expect, test } from 'vitest'
import { type HeldJob, HeldJobs } from './held-job.ts'
import type { Copy } from './job-copy.ts'

const copyFor = (replyTo: string) => ({ origin: { replyTo }, delivery: { source: 'a' } }) as unknown as Copy
const jobOf = (requestId: string) =>
  ({ requestId, task: 'a', mode: 'queue', copies: [copyFor('one')], timers: new Set() }) as unknown as HeldJob

test('a job that leaves soon is not in hand, also when another master waits for it, and counts for no other when it has left', () => {
  const heldJobs = new HeldJobs()
  const [soon, stays] = [jobOf('soon'), jobOf('stays')]
  heldJobs.add(soon)
  heldJobs.add(stays)
  heldJobs.leavesSoon(soon)
  heldJobs.leavesSoon(soon)
  expect([heldJobs.inHand('a'), heldJobs.size]).toEqual([1, 2])
  heldJobs.addCopy(soon, copyFor('another'))
  expect(heldJobs.inHand('a'), 'it came by a subscription of its own').toBe(3)
  heldJobs.leavesSoon(soon)
  heldJobs.remove(soon)
  heldJobs.leavesSoon(soon)
  expect([heldJobs.inHand('a'), heldJobs.size]).toEqual([1, 1])
  heldJobs.remove(stays)
  expect(heldJobs.inHand('a')).toBe(0)
})
