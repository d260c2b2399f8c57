import { expect, test } from 'vitest'
import { DroverError } from '../shared/contract/mod.ts'
import { type BrokerSession, classic } from '../shared/stomp/mod.ts'
import { WorkerConnection } from './connection.ts'
import { fakeStomp } from './testing.ts'

const session = (bridged: boolean): BrokerSession => ({ dialect: classic, owner: 'foo', namespace: 'myapp', bridged })
const forbidden = new DroverError('forbidden', 'a pass of another secret')

test('WorkerConnection has no session before the first, and then the latest, also while there is none', () => {
  const connection = new WorkerConnection()
  expect(connection.session).toThrow(expect.objectContaining({ code: 'connection_lost' }))
  expect(connection.ended(new Error('gone')), 'there was none').toBe(false)
  connection.opened(session(true))
  expect([connection.ended(new Error('gone')), connection.ended(new Error('gone'))]).toEqual([true, false])
  expect([connection.session().namespace, connection.number]).toEqual(['myapp', 1])
})

test('a session that came before it was followed ends as any other', () => {
  const connection = new WorkerConnection()
  expect(connection.is(session(false), true), 'it was not known').toBe(true)
  expect(connection.is(session(false), true), 'it is known').toBe(false)
  expect([connection.number, connection.ended(undefined), connection.ended(undefined)]).toEqual([1, true, false])
  expect(connection.is(session(false), false), 'it is gone already').toBe(false)
  expect(connection.ended(undefined)).toBe(false)
})

test.for([
  ['a bridge that refused something', true, forbidden, true],
  ['a bridge that was cut off', true, new DroverError('connection_lost', 'gone'), false],
  ['a broker that refused something', false, forbidden, false],
] as const)('whether passes of a connection before are honoured still, from %s', ([, bridged, reason, isStale]) => {
  const connection = new WorkerConnection()
  for (const _ of 'ab') {
    connection.opened(session(bridged))
    connection.ended(reason)
  }
  connection.opened(session(bridged))
  expect([1, 2, 3].map(connection.isStale)).toEqual([isStale, false, false])
})

test('WorkerConnection tells a listener of each state, and has the session of a new one before that is told', () => {
  const stomp = fakeStomp()
  const connection = new WorkerConnection()
  const told: unknown[] = []
  connection.follow(stomp, {
    changed: ({ at }) => void told.push(`changed ${at}`),
    opened: () => void told.push(`opened ${connection.number} ${connection.session().namespace}`),
    lost: () => void told.push('lost'),
    refused: reason => void told.push(reason),
  })
  stomp.become({ at: 'connecting' })
  stomp.become({ at: 'open', session: session(false) })
  stomp.become({ at: 'closed' })
  stomp.become({ at: 'closed', reason: forbidden })
  expect(told).toEqual([
    ...['changed connecting', 'changed open', 'opened 1 myapp', 'changed closed', 'lost'],
    ...['changed closed', forbidden],
  ])
})
