import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Incoming } from '../shared/stomp/mod.ts'
import type { Handed } from './handed.ts'
import { type Occupant, Slots } from './slots.ts'

interface Job extends Occupant {
  readonly id: number
  readonly handed?: Handed
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** A worker's slots over queues that the test fills by hand. */
function ground(concurrency: number, tasks: string[], mayClose = true, groups = tasks.map(task => [task])) {
  const open: { group: readonly string[]; deliver(task: string, headers: Record<string, string>): void }[] = []
  const log = { opened: 0, closed: 0 }
  const running: Job[] = []
  const givenBack: number[] = []
  const back: number[] = []
  const held = new Set<Job>()
  const handedOut: (Handed | undefined)[] = []
  let ids = 0
  const slots: Slots<Job> = new Slots<Job>({
    concurrency,
    groups: () => groups,
    open(group, onMessage) {
      log.opened++
      const lane: (typeof open)[number] = {
        group,
        deliver: (task, headers) => onMessage(task, { headers, body: '', destination: task, ack() {} } as Incoming),
      }
      open.push(lane)
      return {
        ready: Promise.resolve(),
        async unsubscribe() {
          log.closed++
          open.splice(open.indexOf(lane), 1)
        },
      }
    },
    delivered(task, handed) {
      const job: Job = { id: ++ids, task, mode: 'queue', handed }
      held.add(job)
      handedOut[job.id - 1] = handed
      slots.offer(job)
    },
    start: job => void running.push(job),
    handedOf: ({ handed }) => (handed === undefined ? [] : [handed]),
    isBack(job) {
      held.delete(job)
      back.push(job.id)
    },
    async giveBack(job) {
      held.delete(job)
      givenBack.push(job.id)
      job.handed?.settled()
    },
    mayClose: () => mayClose,
    inHand: task => [...held].filter(job => job.task === task && job.mode === 'queue').length,
  })
  slots.adjust()
  return {
    slots,
    log,
    running,
    givenBack,
    back,
    lanes: (task: string) => open.filter(({ group }) => group.includes(task)).length,
    deliver: (task: string, nth = 0, headers: Record<string, string> = {}) =>
      open.filter(({ group }) => group.includes(task))[nth]!.deliver(task, headers),
    /** Of the job with that number. */
    handed: (id: number): Handed => handedOut[id - 1]!,
    broadcast(task: string): Job {
      const job: Job = { id: ++ids, task, mode: 'topic' }
      slots.offer(job)
      return job
    },
    end(job: Job): void {
      running.splice(running.indexOf(job), 1)
      held.delete(job)
      job.handed?.settled()
      slots.free()
    },
  }
}

/** A job that is to run by itself. */
function offerAlone({ slots }: ReturnType<typeof ground>): Job {
  const job: Job = { id: 99, task: 'a', mode: 'queue' }
  slots.offerAlone(job)
  return job
}
const longAfter = () => vi.advanceTimersByTimeAsync(1_000)

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

test('Slots close no lane where a job on its way to it would come again as a loss, and give back what waits', async () => {
  const { log, givenBack, deliver } = ground(1, ['a', 'b'], false)
  deliver('a')
  await longAfter()
  deliver('b')
  await longAfter()
  expect([givenBack, log.closed]).toEqual([[2], 0])
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

test('Slots that drain leave what comes to the broker, and close a lane once what it had in hand is settled', async () => {
  const { slots, lanes, deliver, running, end, handed } = ground(1, ['a'])
  deliver('a')
  slots.drain()
  deliver('a')
  expect(handed(2).leave()).toBe(true)
  expect(lanes('a')).toBe(1)
  end(running[0]!)
  expect(lanes('a')).toBe(0)
})

test('Slots that drain close no lane under what is being settled', async () => {
  const { slots, lanes, deliver, running, end, handed } = ground(1, ['a'])
  deliver('a')
  slots.drain()
  deliver('a')
  end(running[0]!)
  expect(lanes('a')).toBe(1)
  handed(2).settled()
  expect(lanes('a')).toBe(0)
})

test('Slots that drain where it would be a loss turn a full queue round a few times, then leave it; a marked one at once', async () => {
  const { slots, lanes, deliver, handed } = ground(2, ['a'], false)
  deliver('a', 0)
  deliver('a', 1)
  slots.drain()
  const left: boolean[] = []
  for (let id = 3; id < 7; id++) {
    deliver('a', 0)
    left.push(handed(id).leave())
    if (!left.at(-1)) handed(id).settled()
  }
  expect(left).toEqual([false, false, false, true])
  deliver('a', 1, { redelivered: 'true' })
  expect(handed(7).leave()).toBe(true)
  handed(1).settled()
  handed(2).settled()
  await longAfter()
  expect(lanes('a')).toBe(0)
})

test('Slots that drain where it would be a loss wait for what the last ACK brought before they close a lane', async () => {
  const { slots, lanes, deliver, running, end, handed } = ground(1, ['a'], false)
  deliver('a')
  slots.drain()
  end(running[0]!)
  const closing = slots.closing()
  deliver('a')
  await longAfter()
  expect([await closing, lanes('a')]).toEqual([true, 1])
  expect(handed(2).leave()).toBe(false)
  handed(2).settled()
  await longAfter()
  expect([await slots.closing(), lanes('a')]).toEqual([false, 0])
})

test('Slots that drain close idle lanes at once and the others as their jobs are settled', async () => {
  const { slots, lanes, deliver, running, end } = ground(2, ['a', 'b'])
  deliver('a')
  slots.drain()
  expect([lanes('a'), lanes('b')]).toEqual([1, 0])
  end(running[0]!)
  expect(lanes('a')).toBe(0)
  expect(vi.getTimerCount()).toBe(0)
})

test('Slots start a job by itself once what runs has ended, and nothing else until it has', async () => {
  const all = ground(3, ['a'])
  const { running, deliver, broadcast, back, end } = all
  deliver('a', 0)
  deliver('a', 1)
  const sole = offerAlone(all)
  deliver('a', 2)
  const spread = broadcast('a')
  await longAfter()
  expect([running.map(({ id }) => id), back]).toEqual([[1, 2], [3]])
  end(running[0]!)
  expect(running.map(({ id }) => id)).toEqual([2])
  end(running[0]!)
  expect(running).toEqual([sole])
  await longAfter()
  expect(running).toEqual([sole])
  end(sole)
  expect(running).toEqual([spread])
  deliver('a', 0)
  expect(running).toHaveLength(2)
})

test('Slots start at once what is to run by itself where nothing runs', () => {
  const all = ground(2, ['a'])
  const sole = offerAlone(all)
  expect(all.running).toEqual([sole])
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
