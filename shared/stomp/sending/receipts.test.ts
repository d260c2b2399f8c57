import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { createReceipts } from './receipts.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const refusal = new DroverError('forbidden', 'foo may not write to queue://myapp.b.c')
const outcome = (promise: Promise<void>): Promise<string> =>
  promise.then(
    () => 'received',
    (error: DroverError) => error.code,
  )

test('a RECEIPT resolves its own frame and no other', async () => {
  const receipts = createReceipts(1000, systemClock)
  const a = receipts.expect('/queue/a')
  const b = receipts.expect('/queue/b')
  receipts.received(b.id)
  receipts.received('unknown')
  await b.received
  receipts.lost(new Error('cut'))
  await expect(a.received).rejects.toMatchObject({ code: 'connection_lost', message: expect.stringContaining('cut') })
})

test('without a RECEIPT it times out, and a late one is ignored', async () => {
  const receipts = createReceipts(1000, systemClock)
  const { id, received } = receipts.expect('/queue/a')
  vi.advanceTimersByTime(1000)
  expect(await outcome(received)).toBe('timed_out')
  receipts.received(id)
})

test('one that waits in the socket of a side that stood still is read before it counts as late', async () => {
  let asleepMs = 0
  const receipts = createReceipts(1000, { ...systemClock, steady: () => performance.now() + asleepMs })
  const [a, b] = ['/queue/a', '/queue/b'].map(destination => receipts.expect(destination))
  vi.advanceTimersByTime(500)
  asleepMs = 30_000
  vi.advanceTimersByTime(500)
  receipts.received(a!.id)
  vi.advanceTimersByTime(100)
  expect(await Promise.all([outcome(a!.received), outcome(b!.received)])).toEqual(['received', 'timed_out'])
  expect(vi.getTimerCount()).toBe(0)
})

test('nothing is left running once all is settled', () => {
  const receipts = createReceipts(1000, systemClock)
  receipts.received(receipts.expect('/queue/a').id)
  receipts.expect('/queue/b')
  receipts.lost(new Error('cut'))
  expect(vi.getTimerCount()).toBe(0)
})

test('an ERROR with receipt-id is about that frame', async () => {
  const receipts = createReceipts(1000, systemClock)
  const a = receipts.expect('/queue/a')
  const b = receipts.expect('/queue/b')
  receipts.refused(refusal, a.id)
  receipts.received(b.id)
  expect(await Promise.all([outcome(a.received), outcome(b.received)])).toEqual(['forbidden', 'received'])
})

test('an ERROR without receipt-id is about the only frame that waits', async () => {
  const receipts = createReceipts(1000, systemClock)
  receipts.received(receipts.expect('/queue/before').id)
  const only = receipts.expect('/queue/a')
  receipts.refused(refusal, undefined)
  expect(await outcome(only.received)).toBe('forbidden')
})

test('but not when it may be about a frame that asked for no RECEIPT', async () => {
  const receipts = createReceipts(1000, systemClock)
  const before = receipts.expect('/queue/before')
  receipts.unconfirmed()
  receipts.received(before.id)
  const only = receipts.expect('/queue/a')
  receipts.refused(refusal, undefined)
  receipts.received(only.id)
  expect(await outcome(only.received)).toBe('received')
  const later = receipts.expect('/queue/a') // that RECEIPT told that the unconfirmed one had gone well
  receipts.refused(refusal, undefined)
  expect(await outcome(later.received)).toBe('forbidden')
})

test('of several it is about those for the destination that it names', async () => {
  const receipts = createReceipts(1000, systemClock)
  const waiting = ['/queue/myapp.b', '/queue/myapp.b.c', '/topic/myapp.z'].map(destination =>
    receipts.expect(destination),
  )
  receipts.refused(refusal, undefined)
  receipts.lost(new Error('cut'))
  const codes = await Promise.all(waiting.map(({ received }) => outcome(received)))
  expect(codes).toEqual(['connection_lost', 'forbidden', 'connection_lost'])
})
