import { expect, test } from 'vitest'
import { artemis } from '../dialects/mod.ts'
import { readSession } from './broker-session.ts'

const defaults = { login: 'Ada', namespace: 'myapp' }

test('readSession() reads the headers of a bridge, which win over the defaults', () => {
  const headers = {
    'drover-dialect': 'rabbitmq',
    'drover-owner': 'ada',
    'drover-namespace': 'other',
    'drover-grants': '{"ns":"other","dispatch":["image.*"]}',
    'drover-time': '1700000005000',
    'drover-max-frame-bytes': '1048576',
  }
  const session = readSession(headers, defaults, 5_000)
  expect(session).toMatchObject({
    owner: 'ada',
    namespace: 'other',
    clockOffsetMs: 1_700_000_000_000,
    maxFrameBytes: 1_048_576,
  })
  expect(session.dialect.name).toBe('rabbitmq')
  expect(session.bridged).toBe(true)
  expect(session.grants).toMatchObject({ dispatch: ['image.*'], work: [] })
})

test('readSession() without a bridge: the login, encoded, and the dialect of the server', () => {
  const session = readSession({ server: 'drover-embedded/0.1.0' }, defaults, 0)
  expect(session).toEqual({
    dialect: expect.objectContaining({ name: 'embedded' }),
    owner: '_41da',
    namespace: 'myapp',
    bridged: false,
  })
})

test('readSession() takes a given dialect over the one it is told', () => {
  expect(readSession({ server: 'ActiveMQ/6.1.8' }, { ...defaults, dialect: artemis }, 0).dialect.name).toBe('artemis')
})

test('readSession() gives somebody without a login a name that can stand in a destination', () => {
  expect(readSession({}, { namespace: 'myapp' }, 0).owner).toBe('anonymous')
})

test.for([
  ['drover-grants', 'no json', 'message_invalid'],
  ['drover-grants', '{"dispatch":["../x"]}', 'message_invalid'],
  ['drover-time', 'soon', 'frame_invalid'],
  ['drover-max-frame-bytes', '', 'frame_invalid'],
] as const)('readSession() refuses %s "%s"', ([name, value, code]) => {
  expect(() => readSession({ [name]: value }, defaults, 0)).toThrow(expect.objectContaining({ code }))
})
