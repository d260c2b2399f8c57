import { describe, expect, test } from 'vitest'
import { Grants } from '../../shared/contract/mod.ts'
import { artemis, classic, embedded, rabbitmq } from '../../shared/stomp/dialects/mod.ts'
import { compilePolicy, type Policy } from './policy.ts'

const policyOf = (grants: Partial<Grants>, dialect = classic, isConfiguredUser = false): Policy =>
  compilePolicy({ grants: Grants.parse(grants), owner: 'ada', isConfiguredUser, dialect })
const verdict = (rule: { allow: string } | { refuse: string }): string => ('refuse' in rule ? 'refused' : rule.allow)

const dispatcher = policyOf({ dispatch: ['image.*'] })
const broadcaster = policyOf({ broadcast: ['host.facts'] })
const worker = policyOf({ work: ['image.thumbnail'] })
const observer = policyOf({ observe: ['image.*'], workers: true, dead: true })

describe('SEND', () => {
  test.each([
    ['dispatcher', dispatcher, '/queue/myapp.tasks.image.thumbnail', 'job'],
    ['dispatcher', dispatcher, '/queue/myapp.named.image.thumbnail.box-1_2elan', 'job'],
    ['dispatcher', dispatcher, '/queue/myapp.named.host.facts.box-1', 'refused'],
    ['dispatcher', dispatcher, '/queue/myapp.named.image.thumbnail', 'refused'],
    ['dispatcher', dispatcher, '/queue/myapp.named.image.thumbnail.Box', 'refused'],
    ['dispatcher', dispatcher, '/topic/myapp.named.image.thumbnail.box-1', 'refused'],
    ['dispatcher', dispatcher, '/topic/myapp.control.image.thumbnail', 'control'],
    ['dispatcher', dispatcher, '/topic/myapp.tasks.image.thumbnail', 'refused'],
    ['dispatcher', dispatcher, '/queue/myapp.reply.ada.m', 'own_replies'],
    ['dispatcher', dispatcher, '/queue/myapp.reply.eve.m', 'refused'],
    ['dispatcher', dispatcher, '/queue/myapp.reply', 'refused'],
    ['broadcaster', broadcaster, '/topic/myapp.tasks.host.facts', 'job'],
    ['broadcaster', broadcaster, '/topic/myapp.control.host.facts', 'control'],
    ['broadcaster', broadcaster, '/queue/myapp.tasks.host.facts', 'refused'],
    ['worker', worker, '/queue/myapp.tasks.image.thumbnail', 'with_pass'],
    ['worker', worker, '/queue/myapp.named.image.thumbnail.box-1', 'with_pass'],
    ['worker', worker, '/queue/myapp.named.image.crop.box-1', 'refused'],
    ['worker', worker, '/topic/myapp.tasks.image.thumbnail', 'refused'],
    ['worker', worker, '/queue/myapp.reply', 'with_pass'],
    ['worker', worker, '/queue/myapp.reply.eve.m', 'with_pass'],
    ['worker', worker, '/queue/myapp.reply.ada.m', 'own_replies'],
    ['worker', worker, '/temp-queue/x', 'with_pass'],
    ['worker', worker, '/remote-temp-queue/ID:host-1', 'with_pass'],
    ['worker', worker, '/queue/myapp.dead', 'with_pass'],
    ['worker', worker, '/topic/myapp.workers.image.thumbnail', 'message'],
    ['worker', worker, '/topic/myapp.events.image.thumbnail', 'message'],
    ['worker', worker, '/topic/myapp.control.image.thumbnail', 'refused'],
    ['worker', worker, '/topic/myapp.workers.image.crop', 'refused'],
    ['observer', observer, '/queue/myapp.dead', 'refused'],
    ['observer', observer, '/topic/myapp.events.image.thumbnail', 'refused'],
  ] as const)('%s %#: %o', (_who, policy, destination, expected) => {
    expect(verdict(policy.send(destination))).toBe(expected)
    expect(verdict(policy.send(destination))).toBe(expected) // remembered
  })

  test("replies are sent to where the dialect's broker takes them", () => {
    const policy = policyOf({ work: ['a'] }, rabbitmq)
    expect(verdict(policy.send('/amq/queue/myapp.reply.eve.m'))).toBe('with_pass')
    expect(verdict(policy.send('/amq/queue/myapp.reply.ada.m'))).toBe('own_replies')
    expect(verdict(policy.send('/queue/myapp.reply.ada.m'))).toBe('with_pass')
    expect(verdict(policy.send('/amq/queue/myapp.reply'))).toBe('refused')
    expect(verdict(policy.send('/amq/queue/myapp.tasks.a'))).toBe('refused')
    expect(verdict(worker.send('/amq/queue/myapp.reply.eve.m'))).toBe('refused')
  })
})

describe('SUBSCRIBE', () => {
  test.each([
    ['dispatcher', dispatcher, '/queue/myapp.reply.ada.tab-1', 'own_replies'],
    ['dispatcher', dispatcher, '/queue/myapp.reply.eve.tab-1', 'refused'],
    ['dispatcher', dispatcher, '/queue/myapp.reply', 'refused'],
    ['dispatcher', dispatcher, '/topic/myapp.workers.image.thumbnail', 'messages'],
    ['dispatcher', dispatcher, '/topic/myapp.workers.host.facts', 'refused'],
    ['dispatcher', dispatcher, '/topic/myapp.workers.image.>', 'refused'],
    ['dispatcher', dispatcher, '/topic/myapp.workers.image.*', 'messages'],
    ['dispatcher', dispatcher, '/topic/myapp.workers.image', 'refused'],
    ['dispatcher', dispatcher, '/topic/myapp.workers.image.small.>', 'messages'],
    ['dispatcher', dispatcher, '/topic/myapp.workers.>', 'refused'],
    ['dispatcher', dispatcher, '/topic/myapp.workers.image.#', 'refused'],
    ['dispatcher', dispatcher, '/topic/myapp.workers.images.>', 'refused'],
    ['dispatcher', dispatcher, '/queue/myapp.tasks.image.thumbnail', 'refused'],
    ['broadcaster', broadcaster, '/topic/myapp.workers.host.facts', 'messages'],
    ['broadcaster', broadcaster, '/topic/myapp.workers.host.facts.>', 'refused'],
    ['worker', worker, '/queue/myapp.tasks.image.thumbnail', 'jobs'],
    ['worker', worker, '/topic/myapp.tasks.image.thumbnail', 'jobs'],
    ['worker', worker, '/topic/myapp.control.image.thumbnail', 'control'],
    ['worker', worker, '/topic/myapp.workers.image.thumbnail', 'refused'],
    ['worker', worker, '/queue/myapp.dead', 'refused'],
    ['observer', observer, '/topic/myapp.events.image.thumbnail', 'messages'],
    ['observer', observer, '/topic/myapp.events.host.facts', 'refused'],
    ['observer', observer, '/topic/myapp.workers.>', 'messages'],
    ['observer', observer, '/topic/myapp.workers.host.facts', 'messages'],
    ['observer', observer, '/queue/myapp.dead', 'messages'],
  ] as const)('%s %#: %o', (_who, policy, destination, expected) => {
    expect(verdict(policy.subscribe(destination))).toBe(expected)
  })

  test('a wildcard that reads the task it begins with as well needs a grant for that one too', () => {
    for (const [dialect, rest] of [
      [classic, '>'],
      [embedded, '>'],
      [artemis, '#'],
      [rabbitmq, '#'],
    ] as const) {
      const destination = `/topic/myapp.workers.image.${rest}`
      const ask = (grants: Partial<Grants>) => verdict(policyOf(grants, dialect).subscribe(destination))
      expect([
        ask({ dispatch: ['image.*'] }),
        ask({ dispatch: ['image'] }),
        ask({ dispatch: ['image.*'], broadcast: ['image'] }),
        ask({ dispatch: ['*'] }),
        ask({ workers: true }),
      ]).toEqual(['refused', 'refused', 'messages', 'messages', 'messages'])
    }
  })

  test('a grant for all tasks brings the presence of all, in the wildcard of the dialect', () => {
    expect(verdict(policyOf({ dispatch: ['*'] }, artemis).subscribe('/topic/myapp.workers.#'))).toBe('messages')
    expect(verdict(policyOf({ dispatch: ['*'] }, artemis).subscribe('/topic/myapp.workers.>'))).toBe('refused')
  })

  test('the common reply queue is for configured users', () => {
    expect(verdict(policyOf({}, classic, true).subscribe('/queue/myapp.reply'))).toBe('messages')
  })
})

test('a job asks to be answered where its sender reads', () => {
  const user = policyOf({ dispatch: ['*'] }, classic, true)
  expect(dispatcher.mayReplyTo('/queue/myapp.reply.ada.m')).toBe(true)
  for (const elsewhere of ['/queue/myapp.reply.eve.m', '/queue/myapp.reply', '/temp-queue/x', '', undefined]) {
    expect(dispatcher.mayReplyTo(elsewhere)).toBe(false)
  }
  expect(user.mayReplyTo('/queue/myapp.reply')).toBe(true)
  expect(user.mayReplyTo(undefined)).toBe(true)
  expect(user.mayReplyTo('/queue/myapp.reply.eve.m')).toBe(false)
})

test('another namespace is nobody’s', () => {
  const policy = policyOf({ ns: 'theirs', dispatch: ['*'] })
  expect(verdict(policy.send('/queue/theirs.tasks.a'))).toBe('job')
  expect(verdict(policy.send('/queue/myapp.tasks.a'))).toBe('refused')
})

test('the remembered rules do not grow with the destinations that a peer tries', () => {
  const before = verdict(dispatcher.send('/queue/myapp.tasks.image.a'))
  for (let at = 0; at < 1_000; at++) dispatcher.send(`/queue/myapp.tasks.image.n${at}`)
  expect(verdict(dispatcher.send('/queue/myapp.tasks.image.a'))).toBe(before)
})

test.each([
  ['classic', classic, '/queue/myapp.tasks.image.thumbnail,/queue/myapp.tasks.image.crop', 'jobs'],
  ['classic', classic, '/queue/myapp.tasks.image.thumbnail,/queue/myapp.tasks.text', 'refused'],
  ['classic', classic, '/queue/myapp.tasks.image.thumbnail,/topic/myapp.tasks.image.crop', 'refused'],
  ['classic', classic, '/topic/myapp.tasks.image.thumbnail,/topic/myapp.tasks.image.crop', 'refused'],
  ['classic', classic, '/queue/myapp.tasks.image.thumbnail,', 'refused'],
  ['classic', classic, ',/queue/myapp.tasks.image.thumbnail', 'refused'],
  ['artemis', artemis, '/queue/myapp.tasks.image.thumbnail,/queue/myapp.tasks.image.crop', 'refused'],
  ['rabbitmq', rabbitmq, '/queue/myapp.tasks.image.thumbnail,/queue/myapp.tasks.image.crop', 'refused'],
  ['embedded', embedded, '/queue/myapp.tasks.image.thumbnail,/queue/myapp.tasks.image.crop', 'refused'],
] as const)('SUBSCRIBE to queues as one before %s: %o', (_name, dialect, destination, expected) => {
  const policy = policyOf({ work: ['image.*'] }, dialect)
  const rule = policy.subscribe(destination)
  expect(verdict(rule)).toBe(expected)
  if ('allow' in rule && rule.allow === 'jobs') expect(rule.destinations).toEqual(destination.split(','))
  expect(verdict(policy.send(destination))).toBe('refused')
})
