import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Job, longAfter, offerExclusive, setUp } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('Slots keep one subscription for each slot and task, and with one task open and close none of them', async () => {
  const { slots, log, subscriptions, deliver, running, end } = setUp(3, ['a'])
  expect(subscriptions('a')).toBe(3)
  for (const nth of [0, 1, 2]) deliver('a', nth)
  await longAfter()
  expect([running.length, slots.taken]).toEqual([3, 3])
  for (const job of [...running]) end(job)
  await longAfter()
  expect(log).toEqual({ opened: 3, closed: 0 })
})

test('Slots close the subscriptions of other tasks while a job runs, and open them again at once when it ends', async () => {
  const { subscriptions, deliver, running, end } = setUp(1, ['a', 'b', 'c'])
  deliver('a')
  await longAfter()
  expect([subscriptions('a'), subscriptions('b'), subscriptions('c')]).toEqual([1, 0, 0])
  end(running[0]!)
  expect([subscriptions('a'), subscriptions('b'), subscriptions('c')]).toEqual([1, 1, 1])
})

test('Slots open and close nothing for jobs that end within the grace', async () => {
  const { log, deliver, running, end } = setUp(1, ['a', 'b'])
  for (let i = 0; i < 50; i++) {
    deliver(i % 2 ? 'a' : 'b')
    await vi.advanceTimersByTimeAsync(10)
    end(running[0]!)
  }
  expect(log).toEqual({ opened: 2, closed: 0 })
})

test('Slots put a job back that no slot came free for, with its subscription, and publish nothing', async () => {
  const { republished, requeued, subscriptions, deliver, running } = setUp(1, ['a', 'b'])
  deliver('a')
  deliver('b')
  expect(running.map(({ task }) => task)).toEqual(['a'])
  await longAfter()
  expect([republished, requeued]).toEqual([[], [2]])
  expect([subscriptions('a'), subscriptions('b')]).toEqual([1, 0])
  expect(vi.getTimerCount()).toBe(0)
})

test('Slots do not put a job back while an earlier one of its subscription is being settled', async () => {
  const { slots, requeued, subscriptions, deliver, delivery } = setUp(1, ['a', 'b'])
  deliver('b')
  deliver('b') // the broker has the first one's COMMIT, and its RECEIPT is on its way
  await longAfter()
  expect(requeued).toEqual([])
  delivery(1).settled()
  await longAfter()
  expect([requeued, subscriptions('b'), slots.waiting]).toEqual([[2], 1, []])
})

test('Slots turn a queue that stays full round ever more slowly, and close no subscription with a job in hand', async () => {
  const { republished, log, deliver } = setUp(1, ['a', 'b'], false)
  deliver('a')
  deliver('b')
  const times: number[] = []
  for (let ms = 0; ms < 20_000; ms += 10) {
    await vi.advanceTimersByTimeAsync(10)
    if (republished.length === times.length) continue
    times.push(ms)
    deliver('b') // the ACK made room for the next
  }
  const waits = times.map((ms, i) => ms - (times[i - 1] ?? 0))
  expect(waits.slice(1, 5)).toEqual(waits.slice(1, 5).toSorted((x, y) => x - y))
  expect(times.length).toBeLessThan(12)
  expect(log.closed).toBe(0)
})

test('Slots wait less again once nothing was published again for a while', async () => {
  const { republished, deliver, running, end } = setUp(1, ['a', 'b'], false)
  const waited = async (): Promise<number> => {
    const before = [republished.length, Date.now()] as const
    deliver('b')
    while (republished.length === before[0]) await vi.advanceTimersByTimeAsync(10)
    return Date.now() - before[1]
  }
  deliver('a')
  expect(await waited()).toBeLessThan(200)
  for (let n = 0; n < 6; n++) await waited()
  expect(await waited()).toBeGreaterThan(4_000)
  end(running[0]!)
  await vi.advanceTimersByTimeAsync(120_000)
  deliver('a')
  expect(await waited()).toBeLessThan(200)
})

test('Slots look once at a time, though all was calm while the jobs that they gave back were on their way', async () => {
  const { republished, delays, deliver, running, end } = setUp(1, ['a', 'b'], false)
  delays.requeueMs = 40
  deliver('a')
  deliver('b')
  while (republished.length === 0) await vi.advanceTimersByTimeAsync(10)
  end(running[0]!)
  deliver('a')
  deliver('b')
  await vi.advanceTimersByTimeAsync(45)
  expect([republished, vi.getTimerCount()]).toEqual([[2], 1])
})

test('Slots close no subscription where a job on its way to it would come again as a loss, and give back jobs that wait', async () => {
  const { log, republished, deliver } = setUp(1, ['a', 'b'], false)
  deliver('a')
  await longAfter()
  deliver('b')
  await longAfter()
  expect([republished, log.closed]).toEqual([[2], 0])
  expect(vi.getTimerCount()).toBe(0)
})

test('Slots keep the subscriptions of jobs that rested until nothing has come by them for long, and then one for each slot', async () => {
  const { log, subscriptions, deliver, running, rest, settle } = setUp(2, ['a', 'b'], false, [['a', 'b']])
  const resting: Job[] = []
  for (let nth = 0; nth < 6; nth++) {
    deliver('a', nth)
    resting.push(...running)
    for (const job of [...running]) rest(job)
  }
  await vi.advanceTimersByTimeAsync(30_000)
  expect([subscriptions('a'), log.closed]).toEqual([8, 0])
  for (const job of resting) settle(job)
  deliver('a', 7)
  await vi.advanceTimersByTimeAsync(4_000)
  expect(subscriptions('a')).toBe(8)
  await vi.advanceTimersByTimeAsync(10_000)
  expect([subscriptions('a'), running.length, log.closed]).toEqual([2, 1, 6])
  expect(vi.getTimerCount()).toBe(0)
})

test('Slots start the job that waited longest when a slot comes free, also a broadcast, which is never given back', async () => {
  const { slots, republished, broadcast, deliver, running, end } = setUp(1, ['a', 'b'])
  deliver('a')
  const waiting = broadcast('b')
  await longAfter()
  expect([republished, slots.waiting]).toEqual([[], [waiting]])
  end(running[0]!)
  expect(running).toEqual([waiting])
})

test('Slots leave fewer subscriptions open while a broadcast has a slot', async () => {
  const { subscriptions, broadcast, running, end } = setUp(2, ['a'])
  broadcast('a')
  await longAfter()
  expect(subscriptions('a')).toBe(1)
  end(running[0]!)
  expect(subscriptions('a')).toBe(2)
})

test('Slots drop jobs that waited when the connection goes, and keep a subscription open for the job that runs', async () => {
  const { slots, subscriptions, deliver, running, lost } = setUp(1, ['a', 'b'])
  deliver('a')
  deliver('b')
  slots.connectionLost()
  expect(lost.map(({ id }) => id)).toEqual([2])
  expect(slots.waiting).toEqual([])
  await longAfter()
  expect(subscriptions('a')).toBe(1)
  running[0]!.delivery!.settled() // of a connection that is gone: nothing happens
  expect(subscriptions('a')).toBe(1)
})

test('Slots start a job by itself once the others have ended, and nothing else until it has', async () => {
  const all = setUp(3, ['a'])
  const { running, deliver, broadcast, end, subscriptions } = all
  deliver('a', 0)
  deliver('a', 1)
  const sole = offerExclusive(all)
  expect(subscriptions('a'), 'the free one has closed').toBe(2)
  const spread = broadcast('a')
  end(running[0]!)
  await longAfter()
  expect(running.map(({ id }) => id)).toEqual([2])
  end(running[0]!)
  await longAfter()
  expect([running, subscriptions('a')]).toEqual([[sole], 0])
  end(sole)
  expect(running).toEqual([spread])
  deliver('a', 0)
  expect(running).toHaveLength(2)
})

test('Slots start a job by itself once every other subscription is known to have closed', async () => {
  const all = setUp(2, ['a', 'b'])
  const sole = offerExclusive(all)
  expect([all.running, all.subscriptions('a'), all.subscriptions('b')]).toEqual([[], 0, 0])
  await longAfter()
  expect(all.running).toEqual([sole])
})

test('Slots put back jobs that wait, and leave new ones to the broker, while a job is to run by itself', async () => {
  const all = setUp(1, ['a', 'b', 'c'])
  all.deliver('a')
  all.deliver('b')
  const [ended] = all.running
  const sole = offerExclusive(all)
  expect(all.requeued, 'the job that waited for a slot').toEqual([2])
  all.deliver('a') // an ACK that is not confirmed has made room
  expect([all.running, all.subscriptions('a')]).toEqual([[ended], 1])
  all.end(ended!)
  await longAfter()
  expect([all.running, all.subscriptions('a'), all.requeued, all.republished]).toEqual([[sole], 0, [2], []])
})

test('Slots start a job that is to run by itself at once where subscriptions may not close', () => {
  const all = setUp(2, ['a'], false)
  const sole = offerExclusive(all)
  expect([all.running, all.subscriptions('a')]).toEqual([[sole], 2])
})

test('Slots that are careful start one job after the other, each with nothing else in hand, for 10 s', async () => {
  const all = setUp(3, ['a', 'b'])
  all.slots.beCareful()
  all.deliver('a')
  await longAfter()
  expect([all.running.map(({ id }) => id), all.subscriptions('a'), all.subscriptions('b')]).toEqual([[1], 1, 0])
  all.end(all.running[0]!)
  expect([all.subscriptions('a'), all.subscriptions('b')]).toEqual([1, 1])
  all.deliver('b')
  await longAfter()
  expect(all.running).toHaveLength(1)
  for (let second = 0; second < 10; second++) await longAfter()
  expect([all.subscriptions('a'), all.subscriptions('b')], 'it runs on, in one slot').toEqual([2, 3])
  all.deliver('a', 0)
  expect(all.running).toHaveLength(2)
})

test('Slots are careful for 10 s after the last that may end the worker, and for no job that is to run by itself less long', async () => {
  const all = setUp(2, ['a'])
  all.slots.beCareful()
  const sole = offerExclusive(all)
  await vi.advanceTimersByTimeAsync(60_000)
  expect([all.running, all.subscriptions('a'), vi.getTimerCount()], 'it runs on by itself').toEqual([[sole], 0, 0])
  all.slots.beCareful()
  await vi.advanceTimersByTimeAsync(9_000)
  all.slots.beCareful()
  all.end(sole)
  await vi.advanceTimersByTimeAsync(9_999)
  expect(all.subscriptions('a')).toBe(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(all.subscriptions('a')).toBe(2)
})

test('Slots that are careful drop a job that waits for the others to close when its connection is lost, and take on as before', async () => {
  const all = setUp(2, ['a'])
  all.slots.beCareful()
  all.deliver('a')
  expect(all.running, 'the other subscription is closing').toEqual([])
  all.slots.connectionLost()
  expect(all.lost.map(({ id }) => id)).toEqual([1])
  await longAfter()
  expect(all.running).toEqual([])
  for (let second = 0; second < 10; second++) await longAfter()
  expect(vi.getTimerCount()).toBe(0)
  all.deliver('a', 0)
  expect(all.running).toHaveLength(1)
})

test('Slots go on with jobs that wait once a job that is to run by itself is taken out, or its connection is lost', () => {
  for (const takeOut of [
    ({ slots }: ReturnType<typeof setUp>, sole: Job) => expect(slots.withdraw(sole)).toBe(true),
    ({ slots, lost }: ReturnType<typeof setUp>, sole: Job) => {
      slots.connectionLost()
      expect(lost).toEqual([sole])
    },
  ]) {
    const all = setUp(2, ['a'])
    all.deliver('a')
    const sole = offerExclusive(all)
    const spread = all.broadcast('a')
    expect(all.running).not.toContain(spread)
    takeOut(all, sole)
    expect(all.running).toContain(spread)
    expect(all.slots.withdraw(sole)).toBe(false)
  }
})

test('Slots let go of a job that waits once it is held no longer, and look at their subscriptions; of a run at its end', async () => {
  const { slots, deliver, running } = setUp(1, ['a', 'b'])
  deliver('a')
  deliver('b')
  const [waiting] = slots.waiting
  const withdraw = vi.spyOn(slots, 'withdraw')
  const adjust = vi.spyOn(slots, 'adjust')
  slots.removed(Object.assign(running[0]!, { phase: 'running' }))
  expect([withdraw.mock.calls, adjust.mock.calls.length]).toEqual([[], 0])
  slots.removed(waiting!)
  expect([withdraw.mock.calls, adjust.mock.calls.length, slots.waiting]).toEqual([[[waiting]], 1, []])
})
