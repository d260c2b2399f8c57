/** Frames that ask for no RECEIPT, since a later one tells of them. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { createReceipts } from './receipts.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const soon = (one: { readonly received: Promise<void> }): Promise<string> =>
  Promise.race([
    one.received.then(
      () => 'received',
      (error: DroverError) => error.code,
    ),
    vi.advanceTimersByTimeAsync(0).then(() => 'waits'),
  ])

function setUp() {
  const receipts = createReceipts(1000, systemClock)
  const asked: ReturnType<typeof receipts.expect>[] = []
  receipts.cover(() => asked.push(receipts.expect('fence')))
  return { receipts, asked }
}

test('one asks, those behind it do not, and are asked after once it is received', async () => {
  const { receipts, asked } = setUp()
  const [first, second, third] = ['/queue/a', '/queue/b', '/queue/a'].map(to => receipts.expectCovered(to))
  expect([first?.id, second?.id, third?.id]).toEqual(['r-1', undefined, undefined])
  receipts.received('r-1')
  expect([await soon(first!), await soon(second!)]).toEqual(['received', 'waits'])
  expect(asked.length).toBe(1)
  receipts.received(asked[0]!.id)
  expect([await soon(second!), await soon(third!)]).toEqual(['received', 'received'])
  await vi.advanceTimersByTimeAsync(0)
  expect([asked.length, vi.getTimerCount()]).toEqual([1, 0])
})

test('nobody asks where a later frame does so anyway', async () => {
  const { receipts, asked } = setUp()
  const [first, second] = ['/queue/a', '/queue/b'].map(to => receipts.expectCovered(to))
  receipts.received(first!.id!)
  const commit = receipts.expect('COMMIT')
  await vi.advanceTimersByTimeAsync(0)
  receipts.received(commit.id)
  expect([asked.length, await soon(second!)]).toEqual([0, 'received'])
})

test('an ERROR without receipt-id is about none that asked, but for the COMMIT of the transaction that it names', async () => {
  const { receipts } = setUp()
  const [first, second] = ['/queue/a', '/queue/a'].map(to => receipts.expectCovered(to))
  const commit = receipts.expect('COMMIT', 't-1')
  receipts.refused(new DroverError('forbidden', 'no SEND to /queue/a'), undefined)
  expect([await soon(first!), await soon(second!), await soon(commit)]).toEqual(['waits', 'waits', 'waits'])
  receipts.refused(new DroverError('forbidden', 'no SEND to /queue/a'), undefined, 't-1')
  receipts.lost(new Error('closed'))
  expect(await Promise.all([first!, second!, commit].map(soon))).toEqual([
    'connection_lost',
    'connection_lost',
    'forbidden',
  ])
})

test('a RECEIPT that does not come in time leaves none behind it waiting', async () => {
  const { receipts } = setUp()
  const both = ['/queue/a', '/queue/b'].map(to => receipts.expectCovered(to))
  await vi.advanceTimersByTimeAsync(1000)
  expect(await Promise.all(both.map(soon))).toEqual(['timed_out', 'timed_out'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a RECEIPT that says that a batch was not kept is about the frames before it too', async () => {
  const { receipts } = setUp()
  const both = ['/queue/a', '/queue/b'].map(to => receipts.expectCovered(to))
  receipts.received(both[0]!.id!)
  const { id, received } = receipts.expect('/queue/c')
  received.catch(() => {})
  receipts.refused(new DroverError('store_failed', 'no room'), id)
  expect(await Promise.all(both.map(soon))).toEqual(['received', 'store_failed'])
})

test('the RECEIPT of DISCONNECT covers all', async () => {
  const { receipts } = setUp()
  const both = ['/queue/a', '/queue/b'].map(to => receipts.expectCovered(to))
  receipts.received(both[0]!.id!)
  receipts.allReceived()
  receipts.lost(new Error('closed'))
  expect(await soon(both[1]!)).toBe('received')
})
