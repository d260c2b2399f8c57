import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ground, type Job, longAfter, offerAlone } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('Slots keep one lane for each slot and task, and with one task open and close none of them', async () => {
  const { slots, log, lanes, deliver, running, end } = ground(3, ['a'])
  expect(lanes('a')).toBe(3)
  for (const nth of [0, 1, 2]) deliver('a', nth)
  await longAfter()
  expect([running.length, slots.taken]).toEqual([3, 3])
  for (const job of [...running]) end(job)
  await longAfter()
  expect(log).toEqual({ opened: 3, closed: 0 })
})

test('Slots close the lanes of other tasks while a job runs, and open them again at once when it ends', async () => {
  const { lanes, deliver, running, end } = ground(1, ['a', 'b', 'c'])
  deliver('a')
  await longAfter()
  expect([lanes('a'), lanes('b'), lanes('c')]).toEqual([1, 0, 0])
  end(running[0]!)
  expect([lanes('a'), lanes('b'), lanes('c')]).toEqual([1, 1, 1])
})

test('Slots open and close nothing for jobs that end within the grace', async () => {
  const { log, deliver, running, end } = ground(1, ['a', 'b'])
  for (let i = 0; i < 50; i++) {
    deliver(i % 2 ? 'a' : 'b')
    await vi.advanceTimersByTimeAsync(10)
    end(running[0]!)
  }
  expect(log).toEqual({ opened: 2, closed: 0 })
})

test('Slots put a job back that no slot came free for, with its lane, and publish nothing', async () => {
  const { givenBack, back, lanes, deliver, running } = ground(1, ['a', 'b'])
  deliver('a')
  deliver('b')
  expect(running.map(({ task }) => task)).toEqual(['a'])
  await longAfter()
  expect([givenBack, back]).toEqual([[], [2]])
  expect([lanes('a'), lanes('b')]).toEqual([1, 0])
  expect(vi.getTimerCount()).toBe(0)
})

test('Slots put nothing back while what came by its lane before is being settled', async () => {
  const { slots, back, lanes, deliver, handed } = ground(1, ['a', 'b'])
  deliver('b')
  deliver('b') // the broker has the first one's COMMIT, and its RECEIPT is on its way
  await longAfter()
  expect(back).toEqual([])
  handed(1).settled()
  await longAfter()
  expect([back, lanes('b'), slots.waiting]).toEqual([[2], 1, []])
})

test('Slots turn a queue that stays full round ever more slowly, and close no lane with a job in hand', async () => {
  const { givenBack, log, deliver } = ground(1, ['a', 'b'], false)
  deliver('a')
  deliver('b')
  const times: number[] = []
  for (let ms = 0; ms < 20_000; ms += 10) {
    await vi.advanceTimersByTimeAsync(10)
    if (givenBack.length === times.length) continue
    times.push(ms)
    deliver('b') // the ACK made room for the next
  }
  const waits = times.map((ms, i) => ms - (times[i - 1] ?? 0))
  expect(waits.slice(1, 5)).toEqual(waits.slice(1, 5).toSorted((x, y) => x - y))
  expect(times.length).toBeLessThan(12)
  expect(log.closed).toBe(0)
})

test('Slots wait less again once nothing was published again for a while', async () => {
  const { givenBack, deliver, running, end } = ground(1, ['a', 'b'], false)
  const waited = async (): Promise<number> => {
    const before = [givenBack.length, Date.now()] as const
    deliver('b')
    while (givenBack.length === before[0]) await vi.advanceTimersByTimeAsync(10)
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

test('Slots look once at a time, though all was calm while what they gave back was on its way', async () => {
  const { givenBack, pace, deliver, running, end } = ground(1, ['a', 'b'], false)
  pace.giveBackMs = 40
  deliver('a')
  deliver('b')
  while (givenBack.length === 0) await vi.advanceTimersByTimeAsync(10)
  end(running[0]!)
  deliver('a')
  deliver('b')
  await vi.advanceTimersByTimeAsync(45)
  expect([givenBack, vi.getTimerCount()]).toEqual([[2], 1])
})

test('Slots close no lane where a job on its way to it would come again as a loss, and give back what waits', async () => {
  const { log, givenBack, deliver } = ground(1, ['a', 'b'], false)
  deliver('a')
  await longAfter()
  deliver('b')
  await longAfter()
  expect([givenBack, log.closed]).toEqual([[2], 0])
  expect(vi.getTimerCount()).toBe(0)
})

test('Slots keep the lanes of jobs that rested until nothing has come by them for long, and then one for each slot', async () => {
  const { log, lanes, deliver, running, rest, settle } = ground(2, ['a', 'b'], false, [['a', 'b']])
  const resting: Job[] = []
  for (let nth = 0; nth < 6; nth++) {
    deliver('a', nth)
    resting.push(...running)
    for (const job of [...running]) rest(job)
  }
  await vi.advanceTimersByTimeAsync(30_000)
  expect([lanes('a'), log.closed]).toEqual([8, 0])
  for (const job of resting) settle(job)
  deliver('a', 7)
  await vi.advanceTimersByTimeAsync(4_000)
  expect(lanes('a')).toBe(8)
  await vi.advanceTimersByTimeAsync(10_000)
  expect([lanes('a'), running.length, log.closed]).toEqual([2, 1, 6])
  expect(vi.getTimerCount()).toBe(0)
})

test('Slots start what waited longest when a slot comes free, broadcasts included, which are never given back', async () => {
  const { slots, givenBack, broadcast, deliver, running, end } = ground(1, ['a', 'b'])
  deliver('a')
  const waiting = broadcast('b')
  await longAfter()
  expect([givenBack, slots.waiting]).toEqual([[], [waiting]])
  end(running[0]!)
  expect(running).toEqual([waiting])
})

test('Slots leave fewer lanes open while a broadcast has a slot', async () => {
  const { lanes, broadcast, running, end } = ground(2, ['a'])
  broadcast('a')
  await longAfter()
  expect(lanes('a')).toBe(1)
  end(running[0]!)
  expect(lanes('a')).toBe(2)
})

test('Slots drop what waited when the connection goes, and keep a lane open for the job that runs', async () => {
  const { slots, lanes, deliver, running } = ground(1, ['a', 'b'])
  deliver('a')
  deliver('b')
  expect(slots.connectionLost().map(({ id }) => id)).toEqual([2])
  expect(slots.waiting).toEqual([])
  await longAfter()
  expect(lanes('a')).toBe(1)
  running[0]!.handed!.settled() // of a connection that is gone: nothing happens
  expect(lanes('a')).toBe(1)
})

test('Slots start a job by itself once what runs has ended, and nothing else until it has', async () => {
  const all = ground(3, ['a'])
  const { running, deliver, broadcast, end, lanes } = all
  deliver('a', 0)
  deliver('a', 1)
  const sole = offerAlone(all)
  expect(lanes('a'), 'the free one has closed').toBe(2)
  const spread = broadcast('a')
  end(running[0]!)
  await longAfter()
  expect(running.map(({ id }) => id)).toEqual([2])
  end(running[0]!)
  await longAfter()
  expect([running, lanes('a')]).toEqual([[sole], 0])
  end(sole)
  expect(running).toEqual([spread])
  deliver('a', 0)
  expect(running).toHaveLength(2)
})

test('Slots start a job by itself once every other lane is known to have closed', async () => {
  const all = ground(2, ['a', 'b'])
  const sole = offerAlone(all)
  expect([all.running, all.lanes('a'), all.lanes('b')]).toEqual([[], 0, 0])
  await longAfter()
  expect(all.running).toEqual([sole])
})

test('Slots put back what waits, and leave what comes to the broker, while a job is to run by itself', async () => {
  const all = ground(1, ['a', 'b', 'c'])
  all.deliver('a')
  all.deliver('b')
  const [ended] = all.running
  const sole = offerAlone(all)
  expect(all.back, 'what waited for a slot').toEqual([2])
  all.deliver('a') // an ACK that is not confirmed has made room
  expect([all.running, all.lanes('a')]).toEqual([[ended], 1])
  all.end(ended!)
  await longAfter()
  expect([all.running, all.lanes('a'), all.back, all.givenBack]).toEqual([[sole], 0, [2], []])
})

test('Slots start at once what is to run by itself where lanes may not close', () => {
  const all = ground(2, ['a'], false)
  const sole = offerAlone(all)
  expect([all.running, all.lanes('a')]).toEqual([[sole], 2])
})

test('Slots that are careful start one job after the other, each with nothing else in hand, for 10 s', async () => {
  const all = ground(3, ['a', 'b'])
  all.slots.beCareful()
  all.deliver('a')
  await longAfter()
  expect([all.running.map(({ id }) => id), all.lanes('a'), all.lanes('b')]).toEqual([[1], 1, 0])
  all.end(all.running[0]!)
  expect([all.lanes('a'), all.lanes('b')]).toEqual([1, 1])
  all.deliver('b')
  await longAfter()
  expect(all.running).toHaveLength(1)
  for (let second = 0; second < 10; second++) await longAfter()
  expect([all.lanes('a'), all.lanes('b')], 'it runs on, in one slot').toEqual([2, 3])
  all.deliver('a', 0)
  expect(all.running).toHaveLength(2)
})

test('Slots go on with what waits once a job that is to run by itself is taken out, or its connection is lost', () => {
  for (const takeOut of [
    ({ slots }: ReturnType<typeof ground>, sole: Job) => expect(slots.withdraw(sole)).toBe(true),
    ({ slots }: ReturnType<typeof ground>, sole: Job) => expect(slots.connectionLost()).toEqual([sole]),
  ]) {
    const all = ground(2, ['a'])
    all.deliver('a')
    const sole = offerAlone(all)
    const spread = all.broadcast('a')
    expect(all.running).not.toContain(spread)
    takeOut(all, sole)
    expect(all.running).toContain(spread)
    expect(all.slots.withdraw(sole)).toBe(false)
  }
})
