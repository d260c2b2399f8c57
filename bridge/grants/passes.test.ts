import { base64url } from 'jose'
import { expect, test } from 'vitest'
import { classic, rabbitmq } from '../../shared/stomp/dialects/mod.ts'
import { createMac as createNodeMac } from '../node/mac.ts'
import { createMac } from './mac.ts'
import { createPasses, type Mac, type PassedJob, passEnd, SessionPasses } from './passes.ts'
import { mayAnswer } from './policy.ts'

const job: PassedJob = { destination: '/queue/myapp.tasks.a', replyTo: '/queue/myapp.reply.ada.m', sender: 'ada' }
const hour = 3_600_000
const startedAt = 1_000_000_000_000
let time = startedAt

const passesOf = (key = 'a key', macOf: (key: string) => Mac = createMac) =>
  createPasses({ mac: macOf(key), olderMac: macOf(`${key} of before`), now: () => time })
const passes = passesOf()
const pass = passes.write(job, 'c1', startedAt + hour)
const parts = pass.split('.')

test('a bridge with the key reads a pass back, for the same correlation-id', () => {
  expect(passes.read(pass, 'c1', 'rex')).toEqual({
    job,
    kind: 'written',
    correlationId: 'c1',
    endsAt: startedAt + hour,
  })
  expect(passesOf().check(pass, job, 'c1')).toMatchObject({ job, kind: 'written' })
  expect(pass).toMatch(/^2\.[\w-]+\.\d+\.[\w-]{43}$/)
})

test.each([
  ['another correlation-id', pass, 'c2'],
  ['no correlation-id', pass, ''],
  ['a changed proof', `${pass.slice(0, -1)}${pass.endsWith('A') ? 'B' : 'A'}`, 'c1'],
  ['a longer proof', `${pass}A`, 'c1'],
  ['no proof', pass.slice(0, pass.lastIndexOf('.') + 1), 'c1'],
  ['a later end', [parts[0], parts[1], startedAt + 2 * hour, parts[3]].join('.'), 'c1'],
  ['an end that is none', [parts[0], parts[1], '1e99', parts[3]].join('.'), 'c1'],
  ['another kind', `3${pass.slice(1)}`, 'c1'],
  ['another version', `4${pass.slice(1)}`, 'c1'],
  ['a part too many', `${pass}.x`, 'c1'],
  ['nothing', '', 'c1'],
  ['a part that is not base64', [parts[0], '&&', parts[2], parts[3]].join('.'), 'c1'],
  ['far too much', `2.${'A'.repeat(10_000)}.1.A`, 'c1'],
])('%s is no pass', (_what, given, correlationId) => {
  expect(passes.read(given, correlationId, 'rex')).toBeTypeOf('string')
  expect(passes.check(given, job, correlationId)).toBeTypeOf('string')
})

test.each([
  ['reply-to', { ...job, replyTo: '/queue/myapp.reply.eve.m' }],
  ['sender', { ...job, sender: 'eve' }],
  ['destination', { ...job, destination: '/queue/myapp.tasks.b' }],
])('a pass does not fit a message with another %s', (_what, other) => {
  expect(passes.check(pass, other, 'c1')).toMatch(/another destination, reply-to or sender/)
  const swapped = [parts[0], passes.write(other, 'c1', startedAt + hour).split('.')[1], parts[2], parts[3]].join('.')
  expect(passes.read(swapped, 'c1', 'rex')).toMatch(/forged/)
})

test('passes of further keys count, and the first key alone makes new ones', () => {
  const key = (text: string) => ({ mac: createMac(text), olderMac: createMac(`${text} of before`) })
  let further = [key('no key'), key('a key')]
  const rotated = createPasses({ ...key('a new key'), furtherKeys: () => further, now: () => time })
  expect(rotated.check(pass, job, 'c1')).toMatchObject({ job, kind: 'written' })
  expect(rotated.proves(pass, 'c1')).toEqual(job)
  expect(rotated.check(pass, job, 'c2')).toMatch(/forged/)
  const handed = passes.issue(job, 'c1', 'rex')
  expect(rotated.read(handed, 'c1', 'rex')).toMatchObject({ kind: 'handed' })
  expect(rotated.read(handed, 'c1', 'eve')).toMatch(/forged/)
  const proof = createMac('a key of before')(JSON.stringify(['c1', job.destination, job.replyTo, job.sender, 'rex']))
  const older = `1.${base64url.encode(JSON.stringify([job.destination, job.replyTo, job.sender]))}.${proof}`
  expect(rotated.read(older, 'c1', 'rex')).toMatchObject({ kind: 'older' })
  expect(passesOf('a new key').check(rotated.write(job, 'c1', startedAt + hour), job, 'c1')).toMatchObject({ job })
  expect(passesOf('a new key').read(rotated.issue(job, 'c1', 'rex'), 'c1', 'rex')).toMatchObject({ kind: 'handed' })
  further = []
  for (const old of [pass, handed, older]) expect(rotated.read(old, 'c1', 'rex')).toMatch(/another secret/)
})

test('another key makes other passes, and the reason says so', () => {
  expect(passesOf('another key').check(pass, job, 'c1')).toMatch(/another secret/)
})

test('a pass ends', () => {
  time = startedAt + hour + 1
  expect(passes.read(pass, 'c1', 'rex')).toBe('ended at 2001-09-09T02:46:40.000Z')
  expect(passes.check(pass, job, 'c1')).toMatch(/^ended at/)
  time = startedAt
})

test('the end of a pass is a day behind that of its job', () => {
  const day = 24 * hour
  expect(passEnd(1_000, { expires: 5_000 })).toBe(5_000 + day)
  expect(passEnd(1_000, { expires: 5_000, ttlMs: 7 })).toBe(5_000 + day)
  expect(passEnd(1_000, { ttlMs: 9_000, delayMs: 50 })).toBe(10_050 + day)
  expect(passEnd(1_000, {})).toBe(1_000 + hour + day)
})

test('a pass that is handed out at delivery is for one owner, for a day, and for no message', () => {
  const handed = passes.issue(job, 'c1', 'rex')
  expect(passes.read(handed, 'c1', 'rex')).toMatchObject({ job, kind: 'handed' })
  for (const [id, owner] of [
    ['c2', 'rex'],
    ['', 'rex'],
    ['c1', 'eve'],
  ] as const)
    expect(passes.read(handed, id, owner)).toMatch(/forged/)
  expect(passes.read(`2${handed.slice(1)}`, 'c1', 'rex')).toMatch(/forged/)
  expect(passes.check(handed, job, 'c1')).toMatch(/not one that a bridge writes into a job/)
  expect(passes.read(passes.issue(job, '', 'rex'), 'c9', 'rex')).toMatchObject({ correlationId: '' })
  time += 25 * hour
  expect(passes.read(handed, 'c1', 'rex')).toMatch(/^ended/)
  time = startedAt
})

test('passes of before count for a day from the start, and for no message', () => {
  const said = parts[1]
  const proof = createMac('a key of before')(JSON.stringify(['c1', job.destination, job.replyTo, job.sender, 'rex']))
  const older = `1.${said}.${proof}`
  expect(passes.read(older, 'c1', 'rex')).toMatchObject({ job, kind: 'older', correlationId: 'c1' })
  expect(passes.read(older, 'c1', 'eve')).toMatch(/forged/)
  expect(passes.check(older, job, 'c1')).toMatch(/not one that a bridge writes into a job/)
  time += 25 * hour
  expect(passes.read(older, 'c1', 'rex')).toMatch(/^ended/)
  time = startedAt
})

test('a pass covers the reply queue, the job’s own queue and the dead queue', () => {
  const may = (destination: string, of = job, dialect = classic) => mayAnswer(of, destination, 'myapp', dialect)
  expect(may('/queue/myapp.reply.ada.m')).toBe(true)
  expect(may('/queue/myapp.tasks.a')).toBe(true)
  expect(may('/queue/myapp.dead')).toBe(true)
  expect(may('/queue/myapp.reply')).toBe(false)
  expect(may('/queue/myapp.reply.ada.n')).toBe(false)
  expect(may('/queue/myapp.tasks.b')).toBe(false)
  expect(may('/amq/queue/myapp.reply.ada.m')).toBe(false)
  expect(may('/amq/queue/myapp.reply.ada.m', job, rabbitmq)).toBe(true)
  // It would make a queue there that its master cannot read any more
  expect(may('/queue/myapp.reply.ada.m', job, rabbitmq)).toBe(false)
  expect(may('/queue/myapp.reply', { ...job, replyTo: '/queue/myapp.reply' }, rabbitmq)).toBe(true)
  expect(may('/topic/myapp.tasks.a', { ...job, destination: '/topic/myapp.tasks.a' })).toBe(false)
})

test('a job without reply-to is answered on the common queue, one with a temporary queue there', () => {
  expect(mayAnswer({ ...job, replyTo: '' }, '/queue/myapp.reply', 'myapp', classic)).toBe(true)
  expect(mayAnswer({ ...job, replyTo: '' }, '/queue/myapp.reply.ada.m', 'myapp', classic)).toBe(false)
  const temporary = { ...job, replyTo: '/remote-temp-queue/ID:x' }
  expect(mayAnswer(temporary, '/remote-temp-queue/ID:x', 'myapp', classic)).toBe(true)
  expect(mayAnswer(temporary, '/remote-temp-queue/ID:y', 'myapp', classic)).toBe(false)
})

test('a job that asks to be answered somewhere else is answered nowhere', () => {
  for (const replyTo of ['/queue/other', '/queue/myapp.tasks.b', '/queue/a,/queue/b', '/topic/myapp.reply.ada.m']) {
    expect(mayAnswer({ ...job, replyTo }, replyTo, 'myapp', classic)).toBe(false)
  }
})

test('bridges of different runtimes take each other’s passes', () => {
  expect(passesOf('a key', createNodeMac).check(pass, job, 'c1')).toMatchObject({ job })
  for (const key of ['k', 'a key', 'ä€😀', 'k'.repeat(64), 'k'.repeat(65), 'ä'.repeat(33)]) {
    const mac = createNodeMac(key)
    // Shorter ones behind longer ones: each is of its own text alone
    for (const text of ['€'.repeat(1_344), '€'.repeat(1_345), 'a'.repeat(5_000), 'ä€😀', '\ud800', 'a', '']) {
      expect(mac(text), `${key}, ${text.length}`).toBe(createMac(key)(text))
    }
  }
})

test('a pass that is remembered ends like any, and is for no other correlation-id', () => {
  let now = 1_000
  const mac = createMac('a key')
  const passes = new SessionPasses(createPasses({ mac, olderMac: mac, now: () => now }), 'rex')
  const pass = passes.write(job, 'c1', 2_000)
  expect(passes.check(pass, job, 'c1')).toMatchObject({ kind: 'written' })
  expect(passes.read(pass, 'c1')).toMatchObject({ job })
  expect(passes.read(pass, 'c2')).toMatch(/forged/)
  now = 2_001
  expect(passes.read(pass, 'c1')).toMatch(/^ended/)
})
