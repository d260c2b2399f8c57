import { expect, test, vi } from 'vitest'
import { DroverError } from '../../shared/contract/mod.ts'
import { artemis, type BrokerSession, classic, type SubscribeOptions } from '../../shared/stomp/mod.ts'
import { createQueues, groupTasks } from './queues.ts'

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
  const asked: SubscribeOptions[] = []
  const changed = vi.fn()
  const queues = createQueues({
    stomp: {
      subscribe(options) {
        asked.push(options)
        return { ready: Promise.resolve(), unsubscribe: async () => {} }
      },
    },
    session: () => session,
    tasks: ['a', 'b'],
    changed,
  })
  return {
    queues,
    asked,
    changed,
    reconnect(next: BrokerSession) {
      session = next
    },
  }
}

test('queues are read apart once a later token does not grant all of them', () => {
  const { queues, asked, changed } = setUp(behind)
  expect(queues.groups()).toEqual([['a', 'b']])
  queues.open(['a', 'b'], () => {})
  expect(asked[0]?.destination).toBe('/queue/myapp.tasks.a,/queue/myapp.tasks.b')
  asked[0]?.onRefused?.(new DroverError('broker_error', 'for another reason'))
  expect([queues.groups(), changed.mock.calls.length]).toEqual([[['a', 'b']], 0])
  asked[0]?.onRefused?.(new DroverError('forbidden', 'not b'))
  expect([queues.groups(), changed.mock.calls.length]).toEqual([[['a'], ['b']], 1])
})

test('a subscription ends where the next bridge would refuse it, or could do better, and no other does', () => {
  const { queues, asked, reconnect } = setUp(behind)
  const older: BrokerSession = { ...behind, features: ['fence'] }
  queues.open(['a', 'b'], () => {})
  queues.open(['a'], () => {})
  expect(asked[0]?.headers?.(behind)).toEqual({ 'activemq.prefetchSize': '1' })
  expect(() => asked[0]?.headers?.(older)).toThrow('not read so')
  expect(() => asked[1]?.headers?.(behind)).toThrow()
  expect(asked[1]?.headers?.(older)).toEqual({ 'activemq.prefetchSize': '1' })
  expect(queues.groups()).toEqual([['a', 'b']])
  reconnect(older)
  expect(queues.groups()).toEqual([['a'], ['b']])
})

test('a message is of the task whose queue it names', () => {
  const came: string[] = []
  const stomp = { subscribe: vi.fn() }
  const queues = createQueues({ stomp, session: () => direct, tasks: ['a', 'b'], changed: () => {} })
  queues.open(['a', 'b'], task => void came.push(task))
  const deliver = stomp.subscribe.mock.calls[0]?.[1] as (incoming: { destination: string }) => void
  for (const destination of ['/queue/myapp.tasks.b', '/queue/myapp.tasks.a', '/queue/elsewhere'])
    deliver({ destination })
  expect(came).toEqual(['b', 'a', 'a'])
})
