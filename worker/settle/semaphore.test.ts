import { expect, test } from 'vitest'
import { Semaphore } from './semaphore.ts'

test('Semaphore lets in so much at a time, in order, the larger alone', async () => {
  const semaphore = new Semaphore(10)
  const inside: number[] = []
  const order: number[] = []
  let most = 0
  await Promise.all(
    [4, 4, 4, 20, 1, 9, 2].map(async size => {
      const release = await semaphore.acquire(size)
      inside.push(size)
      order.push(size)
      const sum = inside.reduce((all, one) => all + one, 0)
      most = Math.max(most, inside.length === 1 ? 0 : sum)
      await new Promise(resolve => setImmediate(resolve))
      inside.splice(inside.indexOf(size), 1)
      release()
    }),
  )
  expect([inside, order]).toEqual([[], [4, 4, 4, 20, 1, 9, 2]])
  expect(most).toBeLessThanOrEqual(10)
})
