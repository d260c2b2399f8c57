import { expect, test, vi } from 'vitest'
import { DroverError } from '../../shared/contract/mod.ts'
import { artemis, type BrokerSession, classic } from '../../shared/stomp/mod.ts'
import { Pauses } from '../pauses.ts'
import { groupTasks, Queues } from './queues.ts'

const direct: BrokerSession = { dialect: classic, owner: 'foo', namespace: 'myapp', bridged: false }
const behind: BrokerSession = { ...direct, bridged: true, features: ['fence', 'composite'] }

test.for([
  ['Classic', direct, [['a', 'b', 'c']]],
  ['a bridge to Classic', behind, [['a', 'b', 'c']]],
  ['an older bridge to Classic', { ...behind, features: ['fence'] }, [['a'], ['b'], ['c']]],
  ['a first bridge to Classic', { ...direct, bridged: true }, [['a'], ['b'], ['c']]],
  ['Artemis', { ...direct, dialect: artemis }, [['a'], ['b'], ['c']]],
  ['a bridge to Artemis', { ...behind, dialect: artemis }, [['a'], ['b'], ['c']]],
] as const)('groupTasks() before %s', ([, session, groups]) =>
  expect(groupTasks(session, ['a', 'b', 'c'])).toEqual(groups),
)

test('groupTasks() names no more queues at once than a bridge takes', () => {
  const tasks = Array.from({ length: 40 }, (_, n) => `task-${String(n).padStart(3, '0')}`)
  const groups = groupTasks(direct, tasks)
  expect(groups.flat()).toEqual(tasks)
  for (const group of groups)
    expect(group.map(task => `/queue/myapp.tasks.${task}`).join().length).toBeLessThanOrEqual(1_000)
  expect(groups).toHaveLength(2)
})

function setUp(first: BrokerSession) {
  let session = first
  const changed = vi.fn()
  const queues = new Queues({ session: () => session, tasks: ['a', 'b'], pauses: new Pauses() })
  return {
    queues,
    asked: (group: readonly string[]) => queues.subscribeOptions(group, changed),
    changed,
    reconnect(next: BrokerSession) {
      session = next
    },
  }
}

test('queues are read apart once a later token does not grant all of them', () => {
  const { queues, asked, changed } = setUp(behind)
  expect(queues.groups).toEqual([['a', 'b']])
  const both = asked(['a', 'b'])
  expect(both.destination).toBe('/queue/myapp.tasks.a,/queue/myapp.tasks.b')
  both.onRefused?.(new DroverError('broker_error', 'for another reason'))
  expect([queues.groups, changed.mock.calls.length]).toEqual([[['a', 'b']], 0])
  both.onRefused?.(new DroverError('forbidden', 'not b'))
  expect([queues.groups, changed.mock.calls.length]).toEqual([[['a'], ['b']], 1])
})

test('a subscription ends where the next bridge would refuse it, or could do better, and no other does', () => {
  const { queues, asked, reconnect } = setUp(behind)
  const older: BrokerSession = { ...behind, features: ['fence'] }
  const [both, one] = [asked(['a', 'b']), asked(['a'])]
  expect(both.headers?.(behind)).toEqual({ 'activemq.prefetchSize': '1' })
  expect(() => both.headers?.(older)).toThrow('not read so')
  expect(() => one.headers?.(behind)).toThrow()
  expect(one.headers?.(older)).toEqual({ 'activemq.prefetchSize': '1' })
  expect(queues.groups).toEqual([['a', 'b']])
  reconnect(older)
  expect(queues.groups).toEqual([['a'], ['b']])
})
