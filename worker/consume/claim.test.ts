/** How many jobs a worker has in hand, by which it keeps lanes. */
import { expect, test } from 'vitest'
import { type Claim, Claims, type Copy } from './claim.ts'

const copyFor = (replyTo: string) => ({ origin: { replyTo }, handed: {} }) as unknown as Copy
const claimed = (requestId: string) =>
  ({ requestId, task: 'a', mode: 'queue', copies: [copyFor('one')], timers: new Set() }) as unknown as Claim

test('a job that leaves soon is not in hand, also when another master waits for it, and counts for no other when it has left', () => {
  const claims = new Claims()
  const [soon, stays] = [claimed('soon'), claimed('stays')]
  claims.add(soon)
  claims.add(stays)
  claims.leavesSoon(soon)
  claims.leavesSoon(soon)
  expect([claims.inHand('a'), claims.size]).toEqual([1, 2])
  claims.take(soon, copyFor('another'))
  expect(claims.inHand('a'), 'it came by a lane of its own').toBe(3)
  claims.leavesSoon(soon)
  claims.remove(soon)
  claims.leavesSoon(soon)
  expect([claims.inHand('a'), claims.size]).toEqual([1, 1])
  claims.remove(stays)
  expect(claims.inHand('a')).toBe(0)
})
