import { expect, test, vi } from 'vitest'
import { DroverError } from '../../shared/contract/mod.ts'
import { artemis, type BrokerSession, classic } from '../../shared/stomp/mod.ts'
import { groupQueues, Queues } from './queues.ts'

const direct: BrokerSession = { dialect: classic, owner: 'foo', namespace: 'myapp', bridged: false }
const behind: BrokerSession = { ...direct, bridged: true, features: ['fence', 'composite'] }

test.for([
  ['Classic', direct, [['a', 'b', 'c']]],
  ['a bridge to Classic', behind, [['a', 'b', 'c']]],
  ['an older bridge to Classic', { ...behind, features: ['fence'] }, [['a'], ['b'], ['c']]],
  ['a first bridge to Classic', { ...direct, bridged: true }, [['a'], ['b'], ['c']]],
  ['Artemis', { ...direct, dialect: artemis }, [['a'], ['b'], ['c']]],
  ['a bridge to Artemis', { ...behind, dialect: artemis }, [['a'], ['b'], ['c']]],
] as const)('groupQueues() before %s', ([, session, groups]) =>
  expect(groupQueues(session, ['a', 'b', 'c'], 'plum')).toEqual(groups),
)

test('groupQueues() leaves a task with limits by itself, so that its queue can be left to others', () => {
  expect(groupQueues(direct, ['a', 'b', 'b@', 'c'], 'plum', task => task === 'b')).toEqual([
    ['a', 'c'],
    ['b', 'b@'],
  ])
})

test('groupQueues() names no more queues at once than a bridge takes', () => {
  const tasks = Array.from({ length: 40 }, (_, n) => `task-${String(n).padStart(3, '0')}`)
  const groups = groupQueues(direct, tasks, 'plum')
  expect(groups.flat()).toEqual(tasks)
  for (const group of groups)
    expect(group.map(task => `/queue/myapp.tasks.${task}`).join().length).toBeLessThanOrEqual(1_000)
  expect(groups).toHaveLength(2)
})

const unnamed = { queueName: 'plum', isNamed: false, limits: { has: () => false }, problem() {} }

function setUp(first: BrokerSession) {
  let session = first
  const changed = vi.fn()
  const queues = new Queues({ session: () => session, tasks: ['a', 'b'], ...unnamed })
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

const own: BrokerSession = { ...direct, bridged: true, features: ['composite', 'named'] }

test.for([
  ['Classic', direct, [['a', 'a@', 'b', 'b@']]],
  ['a bridge to Classic', own, [['a', 'a@', 'b', 'b@']]],
  ['a bridge that does not know names', behind, [['a', 'b']]],
  ['Artemis', { ...direct, dialect: artemis }, [['a'], ['a@'], ['b'], ['b@']]],
] as const)('a worker that was given a name reads queues of its own, before %s', ([, session, groups]) => {
  const ports = { ...unnamed, isNamed: true }
  const queues = new Queues({ session: () => session, tasks: ['a', 'b'], ...ports })
  expect([queues.groups, queues.isNamed]).toEqual([groups, groups.flat().some(source => source.endsWith('@'))])
  expect(queues.subscribeOptions(['a@'], () => {}).destination).toBe('/queue/myapp.named.a.plum')
  expect([...queues.byQueue(['a', 'a@'])]).toEqual([
    ['/queue/myapp.tasks.a', 'a'],
    ['/queue/myapp.named.a.plum', 'a@'],
  ])
})

test('a worker whose own queues are refused says so once, and goes on with those that it shares', () => {
  const problems: string[] = []
  const changed = vi.fn()
  const ports = { ...unnamed, isNamed: true, problem: (message: string) => void problems.push(message) }
  const queues = new Queues({ session: () => direct, tasks: ['a', 'b'], ...ports })
  const refused = new DroverError('forbidden', 'not for you')
  const group = ['a', 'a@', 'b', 'b@']
  expect(queues.refusedOwn(group, new DroverError('closed', 'gone'), changed)).toBe(false)
  expect(queues.refusedOwn(group, refused, changed)).toBe(true)
  queues.subscribeOptions(group, changed).onRefused?.(refused)
  expect([queues.groups, queues.isNamed, problems]).toEqual([
    [['a', 'b']],
    false,
    ['No job reaches this worker by its name: not for you'],
  ])
  expect(queues.refusedOwn(['a', 'b'], refused, changed)).toBe(false)
})
