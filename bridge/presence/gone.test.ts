/** Workers that a bridge has called gone, and that are heard of again. Design section 5.11. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { World } from './world-testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a worker that comes back from its silence is known to a page that came meanwhile', async () => {
  const world = new World(true)
  await vi.advanceTimersByTimeAsync(100)
  world.away()
  world.start('anvil')
  await vi.advanceTimersByTimeAsync(100)
  const anvil = world.workers[0]!
  anvil.isHeard = false
  await vi.advanceTimersByTimeAsync(5_000)
  world.connect()
  await vi.advanceTimersByTimeAsync(100)
  expect(world.roster.workers.size).toBe(0)
  anvil.isHeard = true
  await vi.advanceTimersByTimeAsync(1_100)
  expect(world.roster.workers.get('anvil-0')).toMatchObject({ state: 'idle', runtime: 'node', tasks: ['t'] })
})

test('a worker that a bridge calls gone, and that took a job before, is gone again in a while', async () => {
  const world = new World(true)
  await vi.advanceTimersByTimeAsync(100)
  world.away()
  world.start('anvil')
  await vi.advanceTimersByTimeAsync(100)
  world.end(world.workers[0]!)
  world.connect()
  await vi.advanceTimersByTimeAsync(100)
  // Its reply waited in the queue
  world.roster.accepted('t', 'anvil-0', 'anvil')
  expect(world.roster.workers.get('anvil-0')).toMatchObject({ state: 'busy' })
  await vi.advanceTimersByTimeAsync(40_000)
  expect(world.roster.workers.get('anvil-0')).toMatchObject({ state: 'gone' })
})
