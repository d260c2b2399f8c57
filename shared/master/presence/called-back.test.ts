/** A bridge has a master subscribe to presence again: it could tell no more, or it can take over from the broker. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { pass } from '../../../test/support/scripted.ts'
import type { Stomp } from '../../stomp/mod.ts'
import { createMaster } from '../mod.ts'
import { anvil, scripted } from '../testing.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const tasks = ['a', 'b', 'c']
const known = ({ tasks: infos }: { tasks: readonly { known: boolean }[] }) => infos.map(info => info.known)

test('it never has more subscriptions than before: a session may have only so many', async () => {
  const { stomp, tell } = scripted()
  let open = 0
  let most = 0
  const subscribe: Stomp['subscribe'] = (options, onMessage) => {
    most = Math.max(most, ++open)
    const subscription = stomp.subscribe(options, onMessage)
    return { ...subscription, unsubscribe: async () => void open-- }
  }
  await using master = createMaster({ stomp: Object.create(stomp, { subscribe: { value: subscribe } }), masterId: 'm' })
  for (const task of tasks) master.watch(task)
  await pass(600)
  const before = most
  for (const task of tasks) tell(task, { ended: true })
  await pass(600)
  expect([most, open]).toEqual([before, before])
})

test('workers that the broker told of are known on; those that a bridge told of are not, until it is heard who is there', async () => {
  const { stomp, tell, beat } = scripted()
  await using master = createMaster({ stomp, masterId: 'm' })
  master.watch('a')
  await pass(600)
  beat('a', anvil)
  tell('a', { ended: true })
  expect(known(master)).toEqual([true])
  tell('a', { snapshot: true, workers: [] })
  tell('a', { ended: true })
  expect(known(master)).toEqual([false])
  await pass(600)
  expect(known(master)).toEqual([true])
})
