/** Sessions whose SUBSCRIBE went on to the broker: when the bridge tries again to read for itself, and calls them back. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { beat, destination, type PresenceTest, setUp } from './testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

/** As the bridge does. */
async function passTime({ presence }: PresenceTest, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 100) {
    await vi.advanceTimersByTimeAsync(100)
    presence.tick(100)
  }
}

const called = expect.stringContaining('"ended":true')

test('once the broker is back, a page that comes is told by the bridge, and those that came before are called back', async () => {
  let isBack = false
  const bridge = setUp({ answer: () => isBack })
  const { presence, join, say, sinks } = bridge
  const early = await join()
  const gone = await join()
  expect([early.isTold, gone.isTold]).toEqual([false, false])
  presence.leave(destination, gone.reader)
  isBack = true
  await passTime(bridge, 600)
  expect((await join()).isTold).toBe(true)
  expect(early.told).toEqual([])
  say(beat('w'), '2')
  await passTime(bridge, 1_100)
  expect([early.told, gone.told]).toEqual([[called], []])
  // It is told that it may subscribe again, once, and finds all workers
  const again = await join()
  expect(again.told[0]).toContain('"worker_id":"w"')
  await passTime(bridge, 5_000)
  expect([early.told.length, sinks.length]).toEqual([1, 2])
})

test('the bridge looks by itself whether it can read again, for as long as somebody waits for that', async () => {
  let isBack = false
  const bridge = setUp({ answer: () => isBack })
  const { presence, join, sinks } = bridge
  const page = await join()
  isBack = true
  await passTime(bridge, 2_000)
  expect([page.told, presence.topics]).toEqual([[called], 1])
  // It does not subscribe again
  await passTime(bridge, 31_000)
  expect([presence.topics, sinks.length]).toEqual([0, 2])
})

test('it tries at once, then ever more rarely, however many pages there are; a minute without a failure begins anew', async () => {
  let isRefused = true
  const bridge = setUp({ answer: () => !isRefused })
  const { join, commands, presence } = bridge
  const tries = (): number => commands().filter(command => command === 'SUBSCRIBE').length
  const triesIn = async (ms: number): Promise<number> => {
    const before = tries()
    for (let passed = 0; passed < ms; passed += 1_000) {
      await join()
      await passTime(bridge, 1_000)
    }
    return tries() - before
  }
  expect(await triesIn(60_000)).toBe(7)
  expect(await triesIn(600_000)).toBeLessThanOrEqual(11)
  isRefused = false
  await passTime(bridge, 62_000)
  const last = await join()
  expect(last.isTold).toBe(true)
  // None has to fail for that: the last page goes, and with it the connection
  presence.leave(destination, last.reader)
  await passTime(bridge, 62_000)
  isRefused = true
  expect(await triesIn(10_000)).toBe(5)
})

test('many pages are called back some at a time', async () => {
  let isBack = false
  const bridge = setUp({ answer: () => isBack })
  const pages: Awaited<ReturnType<typeof bridge.join>>[] = []
  for (let n = 0; n < 250; n++) pages.push(await bridge.join())
  isBack = true
  const calledBack = (): number => pages.filter(({ told }) => told.length > 0).length
  while (calledBack() === 0) await passTime(bridge, 100)
  const before = calledBack()
  await passTime(bridge, 1_000)
  expect([before, calledBack()]).toEqual([10, 110])
  await passTime(bridge, 2_000)
  expect(calledBack()).toBe(250)
})

test('pages are not called back where there is more than the bridge keeps', async () => {
  const bridge = setUp({ bounds: { maxTopics: 2, maxWorkers: 1, maxCharacters: 100_000 } })
  const { join, say, commands, closed } = bridge
  const first = await join()
  say(beat('a'))
  say(beat('b'))
  expect(first.told.at(-1)).toEqual(called)
  // Nothing is read, so it needs no connection
  expect(closed).toEqual(['closed'])
  const page = await join()
  expect(page.isTold).toBe(false)
  let reads = commands().filter(command => command === 'SUBSCRIBE').length
  for (let minute = 0; minute < 5; minute++) {
    while (commands().filter(command => command === 'SUBSCRIBE').length === reads) await passTime(bridge, 100)
    reads++
    // Workers answer its ping
    for (const id of ['a', 'b']) say(beat(id), String(reads))
    await passTime(bridge, 3_000)
  }
  expect(page.told).toEqual([])
})
