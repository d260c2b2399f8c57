/** A master that a bridge tells of workers knows the same as one that hears every beat. Design section 5.11. */
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Reader } from './reader.ts'
import { intervalMs, World } from './world-testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const decoder = new TextDecoder()

const steps = fc.array(
  fc.record({
    what: fc.constantFrom(
      'start',
      'work',
      'work',
      'drain',
      'end',
      'mute',
      'unmute',
      'reconnect',
      'away',
      'back',
      'lose',
    ),
    which: fc.nat(5),
    n: fc.nat(3),
    afterMs: fc.constantFrom(0, 20, 300, 1_100, 4_000),
  }),
  { minLength: 5, maxLength: 25 },
)
type Step = Parameters<Parameters<typeof steps.map<unknown>>[0]>[0][number]

function act(world: World, { what, which, n }: Step): void {
  if (what === 'start') world.start(`w${n}`)
  if (what === 'lose') world.lose()
  if (what === 'away' || what === 'back') world.away()
  if (what === 'back') world.connect()
  const worker = world.workers[which]
  if (worker === undefined || worker.state === 'gone') return
  if (what === 'work') Object.assign(worker, { active: n, processed: worker.processed + n })
  if (what === 'end') world.end(worker)
  if (what === 'drain') worker.state = 'draining'
  if (what === 'reconnect') worker.connection++
  if (what === 'mute') worker.isHeard = false
  if (what === 'unmute' || what === 'reconnect') worker.isHeard = true
  if (what === 'unmute' || what === 'reconnect' || what === 'drain') world.announce(worker)
}

async function play(isBridged: boolean, plan: readonly Step[]): Promise<World> {
  const world = new World(isBridged)
  await vi.advanceTimersByTimeAsync(100)
  for (const step of plan) {
    act(world, step)
    await vi.advanceTimersByTimeAsync(step.afterMs)
  }
  if (!world.isConnected) world.connect()
  await vi.advanceTimersByTimeAsync(3 * intervalMs + 2_000)
  return world
}

test('whatever workers, master and bridge do, it shows the same as one that hears every beat', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async plan => {
      const each = await play(false, plan)
      vi.clearAllTimers()
      const told = await play(true, plan)
      vi.clearAllTimers()
      // A bridge knows one that fell silent just before this master came, and does not tell of one that came and went at once
      expect(told.shown(each.roster.workers)).toEqual(each.shown(told.roster.workers))
    }),
    { numRuns: 300 },
  )
})

test('a worker in which nothing changes is told of once, and when it is gone as soon as any master would say so', async () => {
  const gone: number[] = []
  for (const isBridged of [false, true]) {
    const world = new World(isBridged)
    await vi.advanceTimersByTimeAsync(100)
    world.start('anvil')
    await vi.advanceTimersByTimeAsync(20_000)
    const before = world.messages
    await vi.advanceTimersByTimeAsync(20_000)
    expect(world.messages - before).toBe(isBridged ? 0 : 20)
    expect(world.roster.workers.get('anvil-0')).toMatchObject({ state: 'idle', ...(isBridged && { is_told: true }) })
    world.workers[0]!.isHeard = false
    const since = Date.now()
    await vi.advanceTimersByTimeAsync(2_100)
    // Pages show that a beat is overdue
    const { is_told, last_seen_at = 0 } = world.roster.workers.get('anvil-0') ?? {}
    expect([is_told, Date.now() - last_seen_at > 1.6 * intervalMs]).toEqual([undefined, true])
    while (world.roster.workers.get('anvil-0')?.state === 'idle') await vi.advanceTimersByTimeAsync(10)
    gone.push(Date.now() - since)
    vi.clearAllTimers()
  }
  expect(gone[1]! - gone[0]!).toBeLessThanOrEqual(60)
})

test('a page that comes between two beats does not keep what was taken back before all were told', async () => {
  const world = new World(true)
  await vi.advanceTimersByTimeAsync(100)
  world.start('anvil')
  await vi.advanceTimersByTimeAsync(3_000)
  const anvil = world.workers[0]!
  Object.assign(anvil, { state: 'busy', active: 1 })
  world.announce(anvil)
  const told: string[] = []
  const send = (frame: Uint8Array): void => void told.push(decoder.decode(frame))
  world.topic?.begin(new Reader('late', { version: '1.2', isFull: () => false, send }))
  expect(told.at(-1)).toContain('"state":"busy"')
  Object.assign(anvil, { state: 'idle', active: 0 })
  world.announce(anvil)
  await vi.advanceTimersByTimeAsync(1_100)
  expect(told.at(-1)).toContain('"state":"idle","active":0')
})

test('counts of many workers are told together, once a second; a page that reads slowly is told all of it later', async () => {
  const world = new World(true)
  await vi.advanceTimersByTimeAsync(100)
  for (let n = 0; n < 50; n++) world.start(`w${n}`)
  let isFull = false
  const slow: string[] = []
  const send = (frame: Uint8Array): void => void slow.push(decoder.decode(frame))
  world.topic?.begin(new Reader('slow', { version: '1.2', isFull: () => isFull, send }))
  isFull = true
  await vi.advanceTimersByTimeAsync(5_000)
  const before = world.messages
  const working = setInterval(() => {
    for (const worker of world.workers) worker.processed++
  }, 100)
  await vi.advanceTimersByTimeAsync(10_000)
  clearInterval(working)
  expect(world.messages - before).toBeLessThanOrEqual(11)
  expect(slow.length).toBe(1)
  isFull = false
  await vi.advanceTimersByTimeAsync(2_100)
  expect(slow[1]).toContain('"snapshot":true')
  expect(slow[1]?.match(/"worker_id":"w\d+-\d+"/g)?.length).toBe(50)
  const known = [...world.roster.workers.values()].map(({ processed }) => processed)
  expect(known).toEqual(world.workers.map(({ processed }) => processed))
})
