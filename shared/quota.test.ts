import { expect, test } from 'vitest'
import { Quota } from './quota.ts'

test('who finds no room is told their own limit, and nothing of how much others have', () => {
  const quota = new Quota({ what: 'queues', inAll: 1_000, ofOwner: 600 })
  expect(quota.fullBecause('ada', 601)).toBe("ada would have 601 queues; one owner's limit is 600")
  quota.add('bob', 573)
  quota.add('eve', 217)
  const full = quota.fullBecause('ada', 211)
  expect(full).toBe("ada would have 211 queues; one owner's limit is 210 now, since little is left for all")
})
