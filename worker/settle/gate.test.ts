import { expect, test } from 'vitest'
import { Gate } from './gate.ts'

test('Gate lets in so much at a time, in order, the larger alone', async () => {
  const gate = new Gate(10)
  const inside: number[] = []
  const order: number[] = []
  let most = 0
  await Promise.all(
    [4, 4, 4, 20, 1, 9, 2].map(async size => {
      const leave = await gate.enter(size)
      inside.push(size)
      order.push(size)
      const sum = inside.reduce((all, one) => all + one, 0)
      most = Math.max(most, inside.length === 1 ? 0 : sum)
      await new Promise(resolve => setImmediate(resolve))
      inside.splice(inside.indexOf(size), 1)
      leave()
    }),
  )
  expect([inside, order]).toEqual([[], [4, 4, 4, 20, 1, 9, 2]])
  expect(most).toBeLessThanOrEqual(10)
})
