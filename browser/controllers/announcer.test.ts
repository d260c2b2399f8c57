import type { ReactiveControllerHost } from 'lit'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { uncaughtOf } from '../../shared/master/node-testing.ts'
import { AnnouncerController } from './announcer.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a text that throws is heard as an uncaught error, and keeps no other from being said', async () => {
  const requestUpdate = vi.fn()
  const host = { addController() {}, requestUpdate }
  const announcer = new AnnouncerController(host as unknown as ReactiveControllerHost, systemClock)
  const thrown = await uncaughtOf(async () => {
    announcer.say('one', () => {
      throw new Error('my own mistake')
    })
    announcer.say('two', 'Done')
    await vi.advanceTimersByTimeAsync(2_000)
    vi.useRealTimers()
  })
  expect(thrown).toEqual(['my own mistake'])
  expect(announcer.render().values).toEqual(['Done'])
  expect(requestUpdate).toHaveBeenCalledTimes(1)
})
