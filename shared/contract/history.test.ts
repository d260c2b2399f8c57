import { expect, test } from 'vitest'
import { deadLetterBody } from './dead-letter.ts'
import { historyError, readHistory, withEntry } from './history.ts'
import { parseJob } from './job.ts'
import { readRetried } from './retried.ts'

const id = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
const failed = (attempt: number, message = 'no') => ({
  kind: 'failed',
  attempt,
  at: attempt,
  error: historyError({ code: 'x', message }),
})

test('a history is bounded in entries and in characters, and counts what it left out', () => {
  let history: unknown
  for (let attempt = 1; attempt <= 100; attempt++) history = withEntry(history, failed(attempt))
  expect(history).toHaveLength(20)
  expect(history).toMatchObject({ 0: { kind: 'earlier', count: 81 }, 1: { attempt: 82 }, 19: { attempt: 100 } })
  for (let attempt = 1; attempt <= 100; attempt++) history = withEntry(history, failed(attempt, '€'.repeat(5_000)))
  expect(JSON.stringify(history).length).toBeLessThanOrEqual(4_000)
  expect(withEntry(history, failed(7)).at(-1)).toMatchObject({ attempt: 7 })
})

test.for([undefined, null, 7, 'x', {}, [null, 1, 'a', {}, { kind: 5 }], [[]]])(
  'a history that is none does not keep its job: %j',
  history => {
    expect(readHistory(history)).toEqual([])
    const job = parseJob(JSON.stringify({ request_id: id, task: 'a', input: 1, history, retried: history }))
    expect(job).toMatchObject({ request_id: id, attempt: 1 })
    expect(job.retried).toBeUndefined()
  },
)

test('parts of an entry that are wrong are left out', () => {
  expect(readHistory([{ kind: 'lost', at: 'then', attempt: null, name: 5, error: 'boom', later: 1 }])).toEqual([
    { kind: 'lost' },
  ])
  expect(readRetried({ id: 'a', at: 'x', by: 7, bound_attempt: '3' })).toEqual({ id: 'a' })
})

test('a dead letter has the last thing that happened in its history, once', () => {
  const error = { name: 'Error', code: 'job_dead', message: 'lost', retryable: false }
  const added = { error, worker_id: 'w', at: 9 }
  const body = JSON.stringify({ request_id: id, task: 'a', input: 1, attempt: 2, history: [failed(1)] })
  const letter = deadLetterBody(body, added, 10_000, 'box')
  const expected = [failed(1), { kind: 'lost', at: 9, attempt: 2, name: 'box', worker_id: 'w' }]
  expect(JSON.parse(letter).history).toMatchObject(expected)
  expect(JSON.parse(deadLetterBody(letter, added, 10_000)).history).toMatchObject(expected)
  // It goes before the input does, without which no letter is sent again
  expect(JSON.parse(deadLetterBody(body, added, 260))).toMatchObject({ input: 1, error: { code: 'job_dead' } })
})
