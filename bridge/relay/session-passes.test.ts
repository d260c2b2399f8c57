import { expect, test } from 'vitest'
import { createMac } from '../mac.ts'
import { createPasses, type PassedJob } from '../passes.ts'
import { SessionPasses } from './session-passes.ts'

const job: PassedJob = { destination: '/queue/myapp.tasks.a', replyTo: '/queue/myapp.reply.ada.m', sender: 'ada' }
const mac = createMac('a key')

test('a pass that is remembered ends like any, and is for no other correlation-id', () => {
  let now = 1_000
  const passes = new SessionPasses(createPasses({ mac, olderMac: mac, now: () => now }), 'rex')
  const pass = passes.write(job, 'c1', 2_000)
  expect(passes.check(pass, job, 'c1')).toMatchObject({ kind: 'written' })
  expect(passes.read(pass, 'c1')).toMatchObject({ job })
  expect(passes.read(pass, 'c2')).toMatch(/forged/)
  now = 2_001
  expect(passes.read(pass, 'c1')).toMatch(/^ended/)
})
