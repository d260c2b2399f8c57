import { expect, test } from 'vitest'
import { parseJob } from './mod.ts'

const job = { request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11', task: 'host.facts' }

test('a sealed job comes without input, and an open one beside the seal counts for nothing', () => {
  const sealed = { protected: 'a', iv: 'b', ciphertext: 'c', tag: 'd' }
  expect(parseJob(JSON.stringify({ ...job, sealed }))).toMatchObject({ ...job, sealed, input: null })
  expect(parseJob(JSON.stringify({ ...job, sealed, input: 'forged' })).input).toBeNull()
  expect(() => parseJob(JSON.stringify(job))).toThrow('input')
})
