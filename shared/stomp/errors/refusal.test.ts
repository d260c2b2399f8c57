import { expect, test } from 'vitest'
import { readError, saysNoRoom } from './refusal.ts'

// As the brokers were seen to say it: Classic 6.1.8, Artemis 2.44, RabbitMQ 3.10.
const badCredentials = [
  ['User name [foo] or password is invalid.', 'java.lang.SecurityException: …\n\tat org.apache…'],
  ['Security Error occurred\\c User name [foo] or password is invalid', ''],
  ['Bad CONNECT', "Access refused for user 'foo'\n"],
] as const
const notAllowed = [
  ['User foo is not authorized to write to: queue://other.x', 'java.lang.SecurityException: …\n\tat …'],
  ["AMQ229032 User foo does not have permission='CREATE_ADDRESS' on address other.x", ''],
  ['access_refused', "ACCESS_REFUSED - access to queue 'x' in vhost '/' refused for user 'foo'\n"],
] as const

const error = (message: string, body = '', more = {}): Parameters<typeof readError>[0] => ({
  headers: { message, ...more },
  body,
})

test.for(badCredentials)('readError() knows wrong credentials: %s', ([message, body]) => {
  expect(readError(error(message, body), false).code).toBe('not_authenticated')
})

/** Names that a task, a namespace, an owner or a master may have, and that look like words of a broker. */
const names = [
  'not.authorized',
  'queue.full',
  'access.denied',
  'permission.denied',
  'store-is.memory.full',
  'a.Forbidden',
]
// Their errors about a destination that concern neither rights nor room
const aboutOther = (name: string) => [
  [`Destination queue://myapp.tasks.${name} is being deleted`, ''],
  [`The connection is already stopped: topic://${name}`, ''],
  [`AMQ229017: Queue myapp.tasks.${name} does not exist`, ''],
  [`AMQ339001: Destination /queue/${name} cannot be read`, `no such address: myapp.reply.ada.${name}`],
  ['not_found', `NOT_FOUND - no queue 'myapp.tasks.${name}' in vhost '/'\n`],
]

test.for(names)('no broker error about %s is taken for one about rights or room', name => {
  for (const [message = '', body = ''] of aboutOther(name)) {
    const read = readError(error(message, body), true)
    expect([message, read.code, saysNoRoom(read.message)]).toEqual([message, 'broker_error', false])
    expect(read.message).toContain(message)
  }
})

test.for(names)('errors of brokers about rights and room are known, also of a destination called %s', name => {
  expect(readError(error(`User foo is not authorized to write to: queue://${name}`), true).code).toBe('forbidden')
  expect(readError(error(`AMQ229032 User foo does not have permission='SEND' on address ${name}`), true).code).toBe(
    'forbidden',
  )
  expect(saysNoRoom(`Usage Manager Store is Full. Stopping producer to prevent flooding queue://${name}`)).toBe(true)
  expect(saysNoRoom(`AMQ229102: Address "${name}" is full.`)).toBe(true)
})

test.for(notAllowed)('readError() knows a refused right: %s', ([message, body]) => {
  expect(readError(error(message, body), true).code).toBe('forbidden')
})

test.for([
  ['AMQ339041 Not allowed to specify ANYCAST semantics on [MULTICAST] address.', '', 'address settings'],
  [
    'precondition_failed',
    "PRECONDITION_FAILED - inequivalent arg 'x-max-priority' for queue 'x' in vhost '/': received none but current is the value '9'\n",
    'delete it',
  ],
] as const)('readError() says how to configure the broker: %s', ([message, body, advice]) => {
  const read = readError(error(message, body), true)
  expect([read.code, read.message]).toEqual(['config_invalid', expect.stringContaining(advice)])
})

test('readError() takes the code that a bridge gives', () => {
  expect(readError(error('You may not', '', { 'drover-code': 'session_replaced' }), true)).toMatchObject({
    code: 'session_replaced',
    message: 'You may not',
  })
})

test('readError() calls the rest a broker error, and shows no stack trace', () => {
  const read = readError(error('Queue full', 'java.lang.X\n\tat y'), true)
  expect(read).toMatchObject({ code: 'broker_error', message: 'The broker refused: Queue full' })
})

test('readError() adds a body of one line, and does with less than either', () => {
  expect(readError(error('Bad', 'because of that\n'), true).message).toBe('The broker refused: Bad: because of that')
  expect(readError({ headers: {}, body: 'only this' }, true).message).toBe('The broker refused: only this')
  expect(readError({ headers: {}, body: '' }, true).message).toBe('The broker refused: an ERROR without a message')
})

test('readError() shows an escaped answer to CONNECT once, and as it was meant', () => {
  const frame = error('Login refused\\c check both', 'Login refused: check both', {
    'drover-code': 'not_authenticated',
  })
  expect(readError(frame, false).message).toBe('Login refused: check both')
})

test.for([
  ['Usage Manager Store is Full, 100% of 8388608. Stopping producer to prevent flooding queue://myapp.dead', true],
  ['Usage Manager Memory Limit reached. Stopping producer', true],
  ['javax.jms.ResourceAllocationException: no space', true],
  ['AMQ229102: Address "myapp.reply" is full.', true],
  ['The broker has no room for this message now; try again later', true],
  ['The message to /queue/myapp.reply.a.m does not fit: the broker holds 9 bytes; its limit is 9', true],
  [
    'No room: rex would have 9 bytes in open transactions; one owner limit is 8; end some first, or try again later',
    true,
  ],
  ['Open transactions would hold 9 bytes; the limit is 8', true],
  ['The message to /queue/myapp.reply.a.m does not fit: a has 9 bytes of messages here; one limit is 9', false],
  ['The message to /queue/a does not fit: /queue/a holds 9 bytes and 9 more do not fit; its limit is 9', false],
  ['User foo is not authorized to write to: queue://myapp.dead', false],
  ['The frame is larger than 65536 bytes', false],
] as const)('saysNoRoom() of "%s": %s', ([message, isNoRoom]) => {
  expect(saysNoRoom(`The broker refused: ${message}`)).toBe(isNoRoom)
})
