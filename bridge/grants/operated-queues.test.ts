import { expect, test } from 'vitest'
import { createMac } from './mac.ts'
import { createReaddress, mayOperate, whyNotMoved } from './operated-queues.ts'
import { createPasses } from './passes.ts'

test.each([
  [['image.*'], 'myapp.tasks.image.thumbnail', true],
  [['image.*'], 'myapp.tasks.host.facts', false],
  [['image.*'], 'myapp.named.image.thumbnail.box-1', true],
  [['host.*'], 'myapp.named.image.thumbnail.box-1', false],
  [['image.*'], 'myapp.dead', false],
  [['image.*'], 'myapp.reply.ada.m', false],
  [['image.*'], 'myapp.parked', false],
  [['*'], 'myapp.tasks.host.facts', true],
  [['*'], 'myapp.dead', true],
  [['*'], 'myapp.reply.ada.m', true],
  [['*'], 'myapp.parked', true],
  [['*'], 'other.tasks.host.facts', false],
  [['*'], 'myapp2.dead', false],
  [[], 'myapp.tasks.host.facts', false],
])('who may operate %j operates %s: %j', (operate, name, expected) => {
  expect(mayOperate({ ns: 'myapp', operate }, name)).toBe(expected)
})

test.each([
  ['myapp.tasks.a', 'myapp.parked', undefined],
  ['myapp.parked', 'myapp.tasks.a', undefined],
  ['myapp.parked', 'myapp.other', undefined],
  ['myapp.named.a.box-1', 'myapp.tasks.a', undefined],
  ['myapp.named.a.box-1', 'myapp.named.a.box-2', undefined],
  ['myapp.named.a.box-1', 'myapp.tasks.b', 'workers of b cannot run'],
  ['myapp.tasks.a', 'myapp.tasks.a', 'name another'],
  ['myapp.tasks.a', 'myapp.tasks.b', 'workers of b cannot run'],
  ['myapp.dead', 'myapp.tasks.a', 'drover dead retry'],
  ['myapp.tasks.a', 'myapp.dead', 'dead letters'],
  ['myapp.reply.ada.m', 'myapp.reply.eve.m', 'only that master may read'],
  ['myapp.tasks.a', 'myapp.reply', 'replies'],
  ['myapp.tasks.a', 'myapp.größe', undefined],
  ['myapp.tasks.Bad_Task', 'myapp.parked', undefined],
  ['myapp.tasks..a', 'myapp.tasks.a', undefined],
  ['myapp.tasks.a', 'myapp.tasks.Bad_Task', 'nobody reads'],
  ['myapp.tasks.a', 'myapp.tasks.', 'nobody reads'],
  ['myapp.tasks.a', 'myapp.tasks', 'nobody reads'],
  ['myapp.tasks.a', 'myapp.named.a.Box', 'nobody reads'],
  ['myapp.tasks.a', 'myapp.reply.ada.m.x', 'nobody reads'],
  ['myapp.tasks.a', 'myapp.events.a', 'nobody reads'],
  ['myapp.tasks.a', 'myapp.dead.x', 'nobody reads'],
  ['myapp.tasks.a', 'myapp.', 'cannot be typed'],
  ['myapp.tasks.a', 'myapp.parked..x', 'cannot be typed'],
  ['myapp.tasks.a', 'myapp.\u001b[31m', 'cannot be typed'],
  ['myapp.tasks.a', 'myapp.\u202ex', 'cannot be typed'],
  ['myapp.\u001b[31m', 'myapp.parked', undefined],
])('messages of %s go to %s, or it is said why not', (from, to, why) => {
  const found = whyNotMoved('myapp', from, to)
  if (why === undefined) expect(found).toBeUndefined()
  else expect(found).toContain(why)
})

const now = () => 1_000
const mac = createMac('the secret of these tests')
const passes = createPasses({ mac, olderMac: mac, now })
const job = { destination: '/queue/myapp.tasks.a', replyTo: '/queue/myapp.reply.ada.m', sender: 'ada' }
const headersOf = (pass: string, more = {}) =>
  new Map(
    Object.entries({
      'correlation-id': 'c',
      'reply-to': job.replyTo,
      'drover-sender': 'ada',
      'drover-pass': pass,
      ...more,
    }),
  )

test('a job that comes to a queue of its task has a pass for it, until the same time', () => {
  const readdress = createReaddress('myapp', 'myapp.tasks.a', passes)
  const changed = readdress(headersOf(passes.write(job, 'c', 9_000)))
  const pass = changed instanceof Map ? changed.get('drover-pass') : undefined
  expect(passes.check(pass, job, 'c')).toMatchObject({ kind: 'written', endsAt: 9_000 })
})

test('a job for a worker that is gone has a pass for the queue that all workers of its task share', () => {
  const own = { ...job, destination: '/queue/myapp.named.a.box-1' }
  const changed = createReaddress('myapp', 'myapp.tasks.a', passes)(headersOf(passes.write(own, 'c', 9_000)))
  const pass = changed instanceof Map ? changed.get('drover-pass') : undefined
  expect(passes.check(pass, job, 'c')).toMatchObject({ kind: 'written', endsAt: 9_000 })
})

test('nobody gives a job a pass that it had not: of another task it stays, and without one that fits it goes as it is', () => {
  const readdress = createReaddress('myapp', 'myapp.tasks.a', passes)
  const other = { ...job, destination: '/queue/myapp.tasks.b' }
  expect(readdress(headersOf(passes.write(other, 'c', 9_000)))).toContain('may not dispatch a')
  expect(readdress(headersOf(passes.write({ ...job, destination: '/topic/myapp.tasks.a' }, 'c', 9_000)))).toContain(
    'may not',
  )
  const none = [
    headersOf('2.forged.9000.x'),
    headersOf(passes.write(job, 'c', 9_000), { 'drover-sender': 'eve' }),
    headersOf(passes.write(job, 'c', 9_000), { 'reply-to': '/queue/myapp.reply.eve.m' }),
    headersOf(passes.write(job, 'other', 9_000)),
    headersOf(passes.write(job, 'c', 999)),
    new Map<string, string>(),
  ]
  for (const headers of none) expect(readdress(headers)).toEqual(new Map())
  expect(createReaddress('myapp', 'myapp.parked', passes)(headersOf(passes.write(job, 'c', 9_000)))).toEqual(new Map())
})
