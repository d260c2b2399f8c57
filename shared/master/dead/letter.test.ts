import { expect, test } from 'vitest'
import { session } from '../testing.ts'
import { fits, jobText, readLetter } from './letter.ts'
import { letterToSend } from './retry.ts'

test.for([1_700_000_000_000, -8.64e15, 8.64e15, 8.7e15, -1e300, 1e300, '1700000000000'])(
  'a seal that says it ends at %j keeps nobody from reading its letter, or from trying it again',
  expires_at => {
    const header = Buffer.from(JSON.stringify({ drover: { expires_at } })).toString('base64url')
    const request_id = crypto.randomUUID()
    const body = JSON.stringify({ request_id, task: 'a', input: null, sealed: { protected: header } })
    const letter = readLetter({ headers: {}, body }, session)
    expect(letter.problem).toBeUndefined()
    expect(letter.sealed_until === undefined || new Date(letter.sealed_until).toISOString()).toBeTruthy()
    const found = { letter, messages: [] }
    const chosen = letterToSend([found], 1_800_000_000_000)
    const isOver = (letter.sealed_until ?? Number.POSITIVE_INFINITY) <= 1_800_000_000_000
    expect(chosen).toEqual(isOver ? expect.stringContaining('its seal ended at') : found)
  },
)

test('an empty id means no letter, those that have no request_id neither', () => {
  const letter = readLetter({ headers: {}, body: 'of another program' }, session)
  expect(letter.request_id).toBeUndefined()
  expect(fits(letter, { id: '' }, 0)).toBe(false)
  expect(fits(letter, { id: [''] }, 0)).toBe(false)
  expect(fits(letter, { id: letter.id.toUpperCase() }, 0)).toBe(true)
})

test('a job goes out again with its own members alone, and counts anew', () => {
  const job = { request_id: crypto.randomUUID(), task: 'a', input: [1], to: 'plum', attempt: 1 }
  const counted = { alone: 2, losses: 4, handed_back: true, wait_ms: 5 }
  const letter = { ...job, attempt: 3, ...counted, error: {}, worker_id: 'w', at: 1, input_omitted: false }
  expect(JSON.parse(jobText(JSON.stringify(letter), { attempt: 1 }))).toEqual(job)
})
