import { expect, test } from 'vitest'
import { classic, rabbitmq } from '../../shared/stomp/mod.ts'
import { UnackedLimit } from './unacked-limit.ts'

const tasks = [
  { name: 'a.long', timeoutMs: 30 * 60_000 + 1 },
  { name: 'a.limit', timeoutMs: 30 * 60_000 },
  { name: 'a.default' },
]
const takenBack = (ms: number) =>
  new Error(
    `The broker refused: precondition_failed: PRECONDITION_FAILED - delivery acknowledgement on channel 1 timed out. Timeout value used: ${ms} ms. This timeout value can be configured, see consumers doc guide to learn more`,
  )

test('at the start it names the limit, the tasks above it, the setting, and how to tell this worker', () => {
  const said = new UnackedLimit().atStart(rabbitmq, tasks)
  expect(said).toMatch(/within 30 minutes, unless.*"a\.long", "a\.default" may run.*consumer_timeout.*--unacked-limit/)
  expect(said).not.toContain('a.limit')
  const told = new UnackedLimit(60_000)
  expect(told.atStart(rabbitmq, [{ name: 'a', timeoutMs: 60_001 }])).toMatch(/within 1 minute, as this worker was told/)
  expect(told.atStart(classic, [{ name: 'a', timeoutMs: 60_001 }])).toContain('limit for unacknowledged messages')
})

test('it says nothing where no task is above it, or there is no limit', () => {
  expect(new UnackedLimit().atStart(rabbitmq, tasks.slice(1, 2))).toBeUndefined()
  expect(new UnackedLimit().atStart(classic, tasks)).toBeUndefined()
  expect(new UnackedLimit(7_200_000).atStart(rabbitmq, tasks)).toBeUndefined()
})

test('what the broker says as it takes a job back counts more than what was told, and nothing else is taken for it', () => {
  const limit = new UnackedLimit(60_000)
  expect(limit.learnFrom(rabbitmq, new Error('The broker ended this session; connect again'))).toBe(false)
  expect(limit.learnFrom(classic, takenBack(10_000)), 'of another broker').toBe(false)
  expect(limit.knownMs).toBe(60_000)
  expect(limit.learnFrom(rabbitmq, takenBack(10_000))).toBe(true)
  expect([limit.knownMs, limit.mostMs(rabbitmq)]).toEqual([10_000, 10_000])
  expect(limit.whyEnded(rabbitmq)).toMatch(/not done within 10 s.*\(rabbitmq\).*raise its consumer_timeout/)
  expect(limit.whyEnded(rabbitmq).length).toBeLessThan(500)
})

test('what is shipped is counted on, and known for certain by nobody', () => {
  const limit = new UnackedLimit()
  expect([limit.knownMs, limit.mostMs(rabbitmq), limit.mostMs(classic)]).toEqual([undefined, 1_800_000, undefined])
})
