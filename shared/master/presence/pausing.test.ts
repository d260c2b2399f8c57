/** A master has workers paused, and knows from presence which of them are. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pass } from '../../../test/support/scripted.ts'
import { allGrants } from '../../contract/grants.ts'
import { createMaster } from '../mod.ts'
import { anvil, bellows, scripted, session } from '../testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test.each([
  ['a session that may do all', undefined, true],
  ['an operator of the task', { ...allGrants, operate: ['t.*'] }, true],
  ['an operator of another', { ...allGrants, operate: ['other'] }, false],
  ['somebody who may dispatch it', { ...allGrants, operate: [] }, false],
])('%s has workers paused: %j', async (_who, grants, may) => {
  const { stomp, published } = scripted()
  stomp.opened = async () => ({ ...session, ...(grants && { grants }) })
  await using master = createMaster({ stomp, masterId: 'm' })
  const said = () =>
    published
      .filter(({ destination }) => destination === '/topic/myapp.control.t.a')
      .map(({ body }) => JSON.parse(body))
  const forbidden = {
    code: 'forbidden',
    message: 'This session may not pause t.a; ask for the grant "operate" of that task',
  }
  if (!may) {
    await expect(master.pause('t.a')).rejects.toMatchObject(forbidden)
    await expect(master.resume('t.a')).rejects.toMatchObject({ code: 'forbidden' })
    expect(said()).toEqual([])
    return
  }
  await master.pause('t.a')
  await master.resume('t.a', { names: ['anvil'] })
  expect(said()).toEqual([
    { v: 1, type: 'pause' },
    { v: 1, type: 'resume', names: ['anvil'] },
  ])
  await expect(master.pause('T')).rejects.toMatchObject({ code: 'task_invalid' })
})

test('a worker is paused for the tasks that it said so of, until it says otherwise; it counts for none of them', async () => {
  const { stomp, announce, beat } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  for (const task of ['t', 'u']) master.watch(task)
  await pass(600)
  const paused = () => master.workers.get('w1')?.paused
  const counts = () => Object.fromEntries(master.tasks.map(({ task, workers }) => [task, workers]))
  for (const task of ['t', 'u']) announce(task, anvil)
  announce('t', bellows)
  expect([paused(), counts()]).toEqual([undefined, { t: 2, u: 1 }])
  const job = master.dispatch('u', 1)
  await pass(10)
  announce('t', { ...anvil, paused: true })
  announce('u', { ...anvil, paused: true })
  beat('t', anvil)
  expect([paused(), counts(), job.snapshot.unclaimed]).toEqual([['t', 'u'], { t: 1, u: 0 }, true])
  announce('t', anvil)
  expect([paused(), counts()]).toEqual([['u'], { t: 2, u: 0 }])
  announce('u', { ...anvil, paused: false })
  expect([paused(), counts(), job.snapshot.unclaimed]).toEqual([undefined, { t: 2, u: 1 }, false])
})
