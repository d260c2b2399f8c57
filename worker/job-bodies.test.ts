import { expect, test } from 'vitest'
import { changedJob, deadJob } from './job-bodies.ts'

const error = { name: 'Error', code: 'x', message: 'm', retryable: false }
const added = { error, worker_id: 'w', at: 5 }

test('changedJob() keeps fields that this version does not know', () => {
  const body = JSON.stringify({ request_id: '1', input: { deep: [1] }, later: { kept: true }, losses: 1 })
  expect(JSON.parse(changedJob(body, { losses: 2 }))).toEqual({
    request_id: '1',
    input: { deep: [1] },
    later: { kept: true },
    losses: 2,
  })
})

test('deadJob() adds who gave the job up and why, and drops the input of what is too large for that', () => {
  const body = JSON.stringify({ request_id: '1', input: 'x'.repeat(500) })
  expect(JSON.parse(deadJob(body, added, 10_000))).toMatchObject({ request_id: '1', input: 'x'.repeat(500), ...added })
  expect(JSON.parse(deadJob(body, added, 300))).toEqual({ request_id: '1', ...added, input_omitted: true })
})

test('deadJob() keeps a body that is no JSON object as text', () => {
  for (const body of ['{', '[1]', 'null']) expect(JSON.parse(deadJob(body, added, 1_000))).toEqual({ body, ...added })
})
