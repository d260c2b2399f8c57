import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask } from '../../shared/contract/mod.ts'
import {
  type BrokerSession,
  classic,
  type Dialect,
  type Headers,
  type Incoming,
  rabbitmq,
} from '../../shared/stomp/mod.ts'
import { replyHeaders } from '../settle/replies.ts'
import { readJob } from './read-job.ts'

const request_id = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
const other = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a12'
const task = defineTask('a.b', { input: z.unknown() })
const session = (dialect: Dialect = classic): BrokerSession => ({
  dialect,
  owner: 'foo',
  namespace: 'myapp',
  bridged: false,
})
const least = { request_id, task: 'a.b', input: 1 }

function read(body: unknown, headers: Headers = {}, mode: 'queue' | 'topic' = 'queue', dialect: Dialect = classic) {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const incoming: Incoming = { headers, body: text, destination: '/queue/myapp.tasks.a.b', ack() {} }
  return readJob(incoming, task, mode, session(dialect), 10_000)
}

test('readJob() takes the least job: answered on the shared queue, with a deadline of its own', () => {
  expect(read(least)).toMatchObject({ is: 'job', replyTo: '/queue/myapp.reply', deadlineAt: 10_000 + 3_600_000 })
  expect(read(least, {}, 'topic')).toMatchObject({ deadlineAt: 70_000 })
  expect(read({ ...least, timeout_ms: 5 })).toMatchObject({ deadlineAt: 10_005 })
})

test.for([
  ['the time that the broker says is left', { expires: '1700000020000', timestamp: '1700000000000' }, 20_000],
  ['none left', { expires: '1700000020000', timestamp: '1700000020001' }, -1],
  ['its own timeout where the broker gives no time', { expires: '1700000020000' }, 30_000],
  ['0 means never', { expires: '0', timestamp: '1700000000000' }, 30_000],
  ['its own timeout behind a wait at the broker', { expires: '1700000090000', timestamp: '1700000000000' }, 30_000],
] as const)('readJob() counts the deadline from receipt, by no clock of its own: %s', ([, headers, leftMs]) => {
  expect(read({ ...least, timeout_ms: 30_000 }, headers)).toMatchObject({ deadlineAt: 10_000 + leftMs })
})

test.for([
  ['its own timeout, which begins with its end', {}, 'queue', 36_000],
  ['less, where the broker says so', { expires: '1700000033000', timestamp: '1700000000000' }, 'queue', 33_000],
  ['its own timeout of a broadcast, which knows no wait', {}, 'topic', 30_000],
] as const)('readJob() adds a wait to the time that a job may take: %s', ([, headers, mode, leftMs]) => {
  const job = { ...least, timeout_ms: 30_000, wait_ms: 6_000 }
  expect(read(job, headers, mode)).toMatchObject({ deadlineAt: 10_000 + leftMs })
})

test('readJob() takes only whole digits for an instant', () => {
  for (const odd of ['soon', '', '-1', '0x10', '1e3', '1.5', 'Infinity', 'NaN', '2026-11-29T10:00:00Z']) {
    for (const headers of [
      { expires: odd, timestamp: '1700000000000' },
      { expires: '1700000020000', timestamp: odd },
    ]) {
      expect(read({ ...least, timeout_ms: 5 }, headers), odd).toMatchObject({ deadlineAt: 10_005 })
    }
  }
})

test('readJob() quotes little of a field that is large', () => {
  const message = expect.stringMatching(/^This job has v "x{199}… \(1000002 characters\); expected 1$/)
  expect(read({ ...least, v: 'x'.repeat(1_000_000) })).toMatchObject({ is: 'invalid', issues: [{ message }] })
})

test('readJob() takes a UUID in capitals for the same', () => {
  expect(read(least, { 'correlation-id': request_id.toUpperCase() })).toMatchObject({
    is: 'job',
    requestId: request_id,
  })
})

test('readJob() gives no deadline whose reply a bridge would refuse for an expires of over 15 digits', () => {
  const far: [object, Record<string, string>][] = [
    [{ ...least, timeout_ms: 1e15 }, {}],
    [{ ...least, timeout_ms: Number.MAX_SAFE_INTEGER }, {}],
    [least, { expires: '999999999999999', timestamp: '1700000000000' }],
  ]
  for (const [job, headers] of far) {
    const { deadlineAt = NaN, replyTo = '' } = read(job, headers) as { deadlineAt?: number; replyTo?: string }
    const origin = { requestId: request_id, headers, replyTo: `${replyTo}.ada.tab-1`, deadlineAt }
    for (const dialect of [classic, rabbitmq]) {
      for (const [name, value] of Object.entries(replyHeaders(origin, session(dialect), true, 10_000)))
        if (/^expir/.test(name)) expect(value, name).toMatch(/^[0-9]{1,15}$/)
    }
  }
})

test.for([
  [classic, '/queue/myapp.reply', '/queue/myapp.reply'],
  [classic, '/queue/myapp.reply.ada.tab-1', '/queue/myapp.reply.ada.tab-1'],
  [classic, '/remote-temp-queue/ID:1', '/remote-temp-queue/ID:1'],
  [rabbitmq, '/queue/myapp.reply.ada.tab-1', '/amq/queue/myapp.reply.ada.tab-1'],
  [rabbitmq, '/amq/queue/myapp.reply.ada.tab-1', '/amq/queue/myapp.reply.ada.tab-1'],
  [rabbitmq, '/queue/myapp.reply', '/queue/myapp.reply'],
  [rabbitmq, '/reply-queue/amq.gen-1', '/reply-queue/amq.gen-1'],
] as const)('readJob() for %o answers %s at %s', ([dialect, replyTo, answered]) => {
  expect(read(least, { 'reply-to': replyTo }, 'queue', dialect)).toMatchObject({ is: 'job', replyTo: answered })
})

test.for([
  '/queue/other.reply',
  '/queue/myapp.reply.a.b,/queue/elsewhere',
  '/queue/myapp.reply,/queue/myapp.reply',
  '/topic/myapp.reply',
  '/queue/myapp.reply.a',
  '/queue/myapp.reply.a.b.c',
  '/queue/myapp.reply.*.*',
  '/queue/myapp.tasks.a.b',
  '/queue/myapp.dead',
  '/temp-queue/x,/queue/y',
  '/exchange/amq.topic/x',
  // RabbitMQ turns a reply-to that names any queue into this
  '/reply-queue/x',
  '/reply-queue/myapp.tasks.a.b',
  '/reply-queue/amq.topic',
])('readJob() answers nobody at %s, on any broker', replyTo => {
  for (const dialect of [classic, rabbitmq]) {
    expect(read(least, { 'reply-to': replyTo }, 'queue', dialect)).toMatchObject({
      is: 'unanswerable',
      reason: expect.stringContaining('reply-to'),
    })
  }
})

test.for([
  ['a newer version', { ...least, v: 2 }, {}, request_id, 'v'],
  ['a field of the wrong type', { ...least, attempt: 'x' }, {}, request_id, ''],
  ['a correlation-id that differs', least, { 'correlation-id': other }, other, 'request_id'],
  ['a correlation-id that is no UUID', least, { 'correlation-id': 'x' }, request_id, 'request_id'],
  ['a body that is not JSON', '{', { 'correlation-id': request_id }, request_id, ''],
  ['the task of another queue', { ...least, task: 'c' }, {}, request_id, 'task'],
  ['a body that is cut off', JSON.stringify(least).slice(0, -1), {}, request_id, ''],
  ['a body with something behind it', `${JSON.stringify(least)}}`, {}, request_id, ''],
  ['a body in a list', [least], {}, request_id, ''],
  ['a body with NaN in it', `{"request_id":"${request_id}","task":"a.b","input":NaN}`, {}, request_id, ''],
  [
    'a wrong field behind a byte order mark',
    `\ufeff\ufeff${JSON.stringify({ ...least, attempt: 0 })}`,
    {},
    request_id,
    '',
  ],
] as const)('readJob() tells the master of %s', ([, body, headers, requestId, path]) => {
  expect(read(body, headers)).toMatchObject({ is: 'invalid', requestId, issues: [{ path }] })
})

const twoIds = `[{"request_id":"${request_id}"},{"request_id":"${other}"}]`
test.for(['', '{', '[]', 'null', '7', '{"task":"a.b"}', '{"request_id":7}', twoIds])(
  'readJob() has nobody to tell of %s',
  body => {
    expect(read(body)).toMatchObject({ is: 'unanswerable' })
  },
)

test('readJob() rejects a job in the open where its sender has to sign', () => {
  const readSigned = (content: object) => {
    const body = JSON.stringify({ request_id, task: 'a.b', ...content })
    return readJob({ headers: {}, body, destination: '', ack() {} }, task, 'queue', session(), 10_000, true)
  }
  const issues = [{ path: 'input', message: expect.stringContaining('signed jobs only') }]
  expect(readSigned({ input: 1 })).toMatchObject({ is: 'invalid', issues })
  expect(readSigned({ sealed: {} })).toMatchObject({ is: 'job' })
})
