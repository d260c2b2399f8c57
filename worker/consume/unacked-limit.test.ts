import { expect, test } from 'vitest'
import { classic, rabbitmq } from '../../shared/stomp/mod.ts'
import { unackedLimit } from './unacked-limit.ts'

const tasks = [
  { name: 'a.long', timeoutMs: 30 * 60_000 + 1 },
  { name: 'a.limit', timeoutMs: 30 * 60_000 },
  { name: 'a.default' },
]

test('unackedLimit() names the limit, the tasks above it and the setting', () => {
  expect(unackedLimit(rabbitmq, tasks)).toMatch(/within 30 minutes.*"a\.long", "a\.default" may run.*consumer_timeout/)
  expect(unackedLimit(rabbitmq, tasks)).not.toContain('a.limit')
})

test('unackedLimit() says nothing where no task is above it, or there is no limit', () => {
  expect(unackedLimit(rabbitmq, tasks.slice(1, 2))).toBeUndefined()
  expect(unackedLimit(classic, tasks)).toBeUndefined()
})
