import { expect, test } from 'vitest'
import { classic, rabbitmq } from '../shared/stomp/dialects/mod.ts'
import { createMac } from './mac.ts'
import { createMac as createNodeMac } from './node/crypto.ts'
import { createPasses, mayAnswer, type PassedJob } from './passes.ts'

const passes = createPasses(createMac('a key'))
const job: PassedJob = { destination: '/queue/myapp.tasks.a', replyTo: '/queue/myapp.reply.ada.m', sender: 'ada' }
const pass = passes.issue(job, 'c1', 'rex')

test('a pass is read back by whoever has the key, for the same job and worker', () => {
  expect(passes.read(pass, 'c1', 'rex')).toEqual(job)
  expect(createPasses(createMac('a key')).read(pass, 'c1', 'rex')).toEqual(job)
  expect(pass).toMatch(/^1\.[\w-]+\.[\w-]{43}$/)
})

test.each([
  ['another correlation-id', pass, 'c2', 'rex'],
  ['no correlation-id', pass, '', 'rex'],
  ["another worker's owner", pass, 'c1', 'eve'],
  ['a changed proof', `${pass.slice(0, -1)}${pass.endsWith('A') ? 'B' : 'A'}`, 'c1', 'rex'],
  ['a longer proof', `${pass}A`, 'c1', 'rex'],
  ['no proof', pass.slice(0, pass.lastIndexOf('.') + 1), 'c1', 'rex'],
  ['another version', `2${pass.slice(1)}`, 'c1', 'rex'],
  ['a part too many', `${pass}.x`, 'c1', 'rex'],
  ['nothing', '', 'c1', 'rex'],
  ['what is not base64', `1.&&.${pass.split('.')[2]}`, 'c1', 'rex'],
  ['far too much', `1.${'A'.repeat(10_000)}.A`, 'c1', 'rex'],
])('%s is no pass', (_what, given, correlationId, owner) => {
  expect(passes.read(given, correlationId, owner)).toBeUndefined()
})

test('another job under the same proof is no pass', () => {
  const other = passes.issue({ ...job, replyTo: '/queue/myapp.reply.eve.m' }, 'c1', 'rex')
  const forged = `1.${other.split('.')[1]}.${pass.split('.')[2]}`
  expect(passes.read(forged, 'c1', 'rex')).toBeUndefined()
})

test('another key makes other passes', () => {
  expect(createPasses(createMac('another key')).read(pass, 'c1', 'rex')).toBeUndefined()
})

test('a job that came without correlation-id is passed for any', () => {
  expect(passes.read(passes.issue(job, '', 'rex'), 'c9', 'rex')).toEqual(job)
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
  expect(createPasses(createNodeMac('a key')).read(pass, 'c1', 'rex')).toEqual(job)
  for (const text of ['', 'a', 'ä€😀']) expect(createNodeMac('a key')(text)).toBe(createMac('a key')(text))
})
