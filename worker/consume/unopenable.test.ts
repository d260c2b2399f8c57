/** A sealed job without its key here goes on to other workers, each time a little later, and its master hears of it once. */
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { HeldJobs } from '../held-job.ts'
import { fakeHeldJob } from '../testing.ts'
import { Unopenable } from './unopenable.ts'

const protectedHeader = btoa(JSON.stringify({ alg: 'A256KW', kid: 'far' })).replaceAll('=', '')
const sealed = { protected: protectedHeader, iv: 'A'.repeat(16), ciphertext: '', tag: 'A'.repeat(22) }

function setUp() {
  const waits: number[] = []
  const heldJobs = new HeldJobs()
  const clock = {
    ...systemClock,
    steady: () => 0,
    timer(ms: number, fire: () => void) {
      if (ms < 1e9) {
        waits.push(ms)
        fire()
      }
      return () => {}
    },
  }
  const send = vi.fn()
  const outcome = vi.fn()
  const republish = vi.fn(async held => heldJobs.remove(held))
  const unopenable = new Unopenable({
    clock,
    name: 'box',
    heldJobs,
    slots: { adjust() {}, offer() {} },
    ends: { stop() {}, outcome, republish },
    events: { log() {} },
  })
  const take = async (body: unknown, requestId: string = crypto.randomUUID()) => {
    const job = { v: 1, request_id: requestId, task: 'a', input: null, attempt: 1, losses: 0, sealed: body } as const
    const held = { requestId, job, deadlineAt: 1e9, timers: new Set<() => void>(), replies: { send } }
    unopenable.take(fakeHeldJob(held as unknown as Parameters<typeof fakeHeldJob>[0]))
    await vi.waitFor(() => expect(heldJobs.size).toBe(0))
  }
  return { unopenable, take, waits, send, outcome, republish }
}

test('it goes on later each time, after 10 s at most, and its master is told the first time', async () => {
  const { take, waits, send, republish } = setUp()
  const requestId = crypto.randomUUID()
  for (let i = 0; i < 12; i++) await take(sealed, requestId)
  expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000, 10_000])
  expect(send.mock.calls).toEqual([[{ type: 'cannot_open', name: 'box', kids: ['far'] }]])
  expect(republish.mock.lastCall?.slice(1), 'as it came').toEqual([])
  await take(sealed)
  expect(waits.at(-1), 'another job').toBe(50)
})

test('a body that no worker could open is refused at once, and an open one is none', async () => {
  const { unopenable, take, outcome, republish } = setUp()
  expect([unopenable.has(undefined), unopenable.has(sealed)]).toEqual([false, true])
  await take({})
  expect(outcome.mock.lastCall?.slice(1)).toMatchObject([{ type: 'rejected' }, { error: { code: 'seal_refused' } }])
  expect(republish).not.toHaveBeenCalled()
})
