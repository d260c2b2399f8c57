/** Who reads a job's replies is given those, too, that a session had taken as it was cut off. */
import { expect, test } from 'vitest'
import { collect } from '../../../test/support/until.ts'
import { DroverError } from '../../contract/errors.ts'
import { createMaster } from '../mod.ts'
import { scripted, session, steppedClock } from '../testing.ts'

/** A job that a worker has accepted, and whose master is connected anew since then. */
async function cutOff(times = 1) {
  const { clock, goOn } = steppedClock()
  const { stomp, reply, become } = scripted(undefined, clock.now)
  const master = createMaster({ stomp, masterId: 'm', clock })
  const job = master.dispatch('t', null)
  await job.sent
  const reading = collect(job.replies())
  const say = (fields: Record<string, unknown>) =>
    reply({ v: 1, request_id: job.request_id, worker_id: 'w1', attempt: 1, ...fields })
  const away = () => become({ at: 'waiting', retryAt: 0, reason: new DroverError('connection_lost', 'cut') })
  const cut = async () => {
    away()
    become({ at: 'open', session })
    await goOn(0)
  }
  say({ type: 'accepted', seq: 0 })
  for (let time = 0; time < times; time++) await cut()
  let isOver = false
  void reading.then(() => (isOver = true))
  return {
    master,
    job,
    say,
    away,
    cut,
    goOn,
    types: async () => (await reading).map(({ type }) => type),
    isOver: () => isOver,
  }
}

test('the outcome comes first, and readers wait for what the session before still has', async () => {
  const { master, job, say, cut, goOn, types } = await cutOff()
  await using _ = master
  say({ type: 'result', seq: 3 })
  expect(await job.outcome).toMatchObject({ type: 'result' })
  await goOn(4_000)
  await cut()
  say({ type: 'partial', data: 'a', seq: 1 })
  await goOn(4_000)
  say({ type: 'partial', data: 'b', seq: 2 })
  expect(await types()).toEqual(['accepted', 'partial', 'partial', 'result'])
})

test('what never comes is waited for until nothing more can be waiting anywhere', async () => {
  const { master, say, goOn, types, isOver } = await cutOff()
  await using _ = master
  say({ type: 'result', seq: 3 })
  await goOn(19_000)
  expect(isOver()).toBe(false)
  await goOn(2_000)
  expect([isOver(), await types()]).toEqual([true, ['accepted', 'result']])
})

test('where no session was cut off, it is waited for in short', async () => {
  const { master, say, goOn, types, isOver } = await cutOff(0)
  await using _ = master
  say({ type: 'result', seq: 3 })
  await goOn(400)
  expect([isOver(), await types()]).toEqual([true, ['accepted', 'result']])
})

test('who reads a job that is forgotten waits for nothing more', async () => {
  const { master, job, say, goOn, types, isOver } = await cutOff()
  await using _ = master
  say({ type: 'result', seq: 3 })
  await job.outcome
  master.forget(job.request_id)
  await goOn(0)
  expect([isOver(), await types()]).toEqual([true, ['accepted', 'result']])
})

test('a master that stays away is waited for a minute', async () => {
  const { master, say, away, goOn, isOver } = await cutOff()
  await using _ = master
  say({ type: 'result', seq: 3 })
  away()
  await goOn(50_000)
  expect(isOver()).toBe(false)
  await goOn(11_000)
  expect(isOver()).toBe(true)
})
