/** Replies that are not as the contract has them, each applied to its job, without a broker. */
import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isOutcome, parseReply } from '../../../contract/mod.ts'
import { readReply } from '../../replies/reply-reader.ts'
import { type JobState, statusOf } from './job.ts'
import { reduceJob } from './reduce.ts'
import { id, queued } from './testing.ts'

const other = 'aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa'
const inputs = 'test/cases/inputs/'

/** A job after this message alone. */
function told(body: string, correlationId: string | undefined = id): JobState | string {
  const read = readReply(
    { headers: correlationId === undefined ? {} : { 'correlation-id': correlationId }, body },
    () => true,
  )
  if (typeof read === 'string') return read
  if (read.reply.request_id !== id) return read.otherwise
  return reduceJob(queued, { type: 'reply', reply: read.reply, at: 5 }).state
}

function endOf(state: JobState | string): string {
  if (typeof state === 'string') return state
  const { phase } = state
  if (phase.at !== 'ended') return statusOf(state)
  const { outcome } = phase
  return outcome.type === 'error' ? `${outcome.error.code}: ${outcome.error.message}` : outcome.type
}

const json = (fields: object) => JSON.stringify({ request_id: id, ...fields })
const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`

const files: Record<string, readonly string[] | object> = {
  'C01-2-error-text.frame': ['disk full', '"error" is the text "disk full"', 'expected an object'],
  'C01-3-took-text.frame': ['"took_ms" is the text "812"', 'a number from 0', 'Its output: 1'],
  'C01-4-took-negative.frame': ['"took_ms" is -3', 'Its output: 1'],
  'C01-6-at-text.frame': ['"at" is the text "2027-03-31T09:30:00Z"', 'Its output: 1'],
  'C01-9-issues-texts.frame': ['"issues" is ["name is missing"]', 'expected a list'],
  'C01-11-log-warning.frame': { type: 'log', level: 'warn', message: 'x' },
  'C01-11-progress-100.4.frame': { type: 'progress', percent: 100 },
}

test('every stored frame of this kind is in the table', () => {
  expect(readdirSync(inputs).filter(name => name.startsWith('C01-'))).toEqual(Object.keys(files).sort())
})

test.each(Object.entries(files))('%s', (name, expected) => {
  const [head, body] = readFileSync(`${inputs}${name}`, 'utf8').split('\n\n') as [string, string]
  const correlationId = /^correlation-id:(.*)$/m.exec(head)![1]
  const state = told(body.replace('^@', ''), correlationId)
  if (!Array.isArray(expected)) return expect(state).toMatchObject({ phase: { at: 'running' }, replies: [expected] })
  expect(endOf(state)).toMatch(/^message_invalid: /)
  for (const part of expected as string[]) expect(endOf(state)).toContain(part)
})

/** Messages that end the job as an error, and the error's text. */
const outcomes: readonly [body: string, says: string, correlationId?: string | undefined][] = [
  ['', 'its body is empty'],
  [' \n', 'its body is empty'],
  ['{', 'its body is not JSON'],
  ['done', 'It says: done'],
  ['null', 'not a JSON object'],
  [`[${json({ type: 'result', output: 7 })}]`, 'not a JSON object'],
  ['7', 'not a JSON object'],
  ['{"type":"result","output":NaN}', 'NaN'],
  [`{"request_id":"${id}","type":"result","output":NaN}`, 'its body is not JSON', ''],
  [`{"request_id":"${id}","type":"result","output":"cut of`, 'cut of'],
  [`{"request_id":"${id}","type":"result","output":{"type":"log"},}`, 'its body is not JSON'],
  [json({ type: 'result', output: 'deep' }).replace('"deep"', deep), 'nested more than 100 levels'],
  ['{"type":"result","output":5}', '"request_id" is missing'],
  [json({ type: 'result', request_id: 'job-1', output: 5 }), '"request_id" is the text "job-1"'],
  [json({ output: 'the answer' }), 'the answer'],
  [json({ type: 5, output: 'the answer' }), '"type" is 5'],
  [json({ type: 'RESULT', output: 5 }), '"type" is the text "RESULT"'],
  [json({ type: 'result', v: 2, output: 5 }), '"v" is 2; expected 1, or a newer Drover here'],
  [json({ type: 'result', v: '1', output: 5 }), '"v" is the text "1"'],
  [json({ type: 'result', took_ms: 'NaN', output: 'kept' }), 'Its output: kept'],
  [json({ type: 'result', took_ms: null, output: 'kept' }), '"took_ms" is null'],
  [json({ type: 'result', worker_id: 7 }), '"worker_id" is 7'],
  [json({ type: 'result', seq: '3' }), '"seq" is the text "3"'],
  [json({ type: 'result', attempt: 0 }), '"attempt" is 0'],
  [json({ type: 'error' }), '"error" is missing'],
  [json({ type: 'error', error: { message: 'no disk', code: 5 } }), 'no disk'],
  [json({ type: 'error', error: ['no disk'] }), 'no disk'],
  [json({ type: 'rejected' }), '"issues" is missing'],
  [json({ type: 'rejected', issues: 'no name' }), 'no name'],
  [json({ type: 'rejected', issues: [{ path: 'name' }] }), '"path":"name"'],
  [json({ type: 'cancelled', reason: { why: 'late' } }), 'late'],
  [json({ type: 'result', took_ms: -1 }).replace('{', '{"__proto__":{"took_ms":1},'), '"took_ms" is -1'],
  [json({ type: 'result', request_id: other, output: 5 }), `"request_id" is the text "${other}"`],
  [json({ type: 'result', output: 5 }), 'correlation-id is the text "job-1"', 'job-1'],
  [json({ type: 'result', output: 5, took_ms: 'x' }), '"took_ms"', ''],
]

test.each(outcomes)('%j ends its job: %s', (body, says, correlationId = id) => {
  const end = endOf(told(body, correlationId))
  expect(end).toMatch(/^message_invalid: /)
  expect(end).toContain(says)
  expect(end.length).toBeLessThan(3000)
})

test('of a body that is no JSON object it says just that, and not which fields it has not', () => {
  for (const body of ['', '{', 'done', '[1]', '<result>1</result>']) {
    expect(endOf(told(body, id))).not.toMatch(/"request_id"|"type"/)
  }
  expect(endOf(told(`{"request_id":"${other}"`, id))).toContain(`"request_id" is the text "${other}"`)
  expect(endOf(told(`{"request_id":"${id}"`, 'job-1'))).toContain('correlation-id is the text "job-1"')
})

/** Other replies as they show, as far as they can be read. */
const news: readonly [fields: object, shown: object][] = [
  ...Object.entries({
    warning: 'warn',
    CRITICAL: 'error',
    fatal: 'error',
    trace: 'debug',
    notice: 'info',
    '?': 'info',
  }).map(([level, shown]): [object, object] => [
    { type: 'log', level, message: 'x' },
    { level: shown, message: 'x' },
  ]),
  [{ type: 'log', level: 40, message: 'x' }, { level: 'error' }],
  [
    { type: 'log', level: null, message: 5 },
    { level: 'info', message: '5' },
  ],
  [{ type: 'log' }, { level: 'info', message: '' }],
  [
    { type: 'LOG', message: 'x' },
    { type: 'log', message: 'x' },
  ],
  [
    { type: 'log', message: 'x', v: 2 },
    { v: 1, message: 'x' },
  ],
  [{ type: 'progress', percent: '41.5 %' }, { percent: 41.5 }],
  [
    { type: 'progress', percent: -1, message: 'm' },
    { percent: 0, message: 'm' },
  ],
  [
    { type: 'progress', percent: 'half', message: 'm', data: [1] },
    { percent: undefined, message: 'm', data: [1] },
  ],
  [
    { type: 'partial', data: 1, worker_id: {}, seq: '3', attempt: 0 },
    { data: 1, worker_id: undefined, attempt: 1 },
  ],
  [{ type: 'partial', data: 1, at: '2027-03-31T09:30:00Z' }, { at: Date.UTC(2027, 2, 31, 9, 30) }],
  [
    { type: 'accepted', losses: 'none', name: 5 },
    { losses: undefined, name: '5' },
  ],
  [{ type: 'retrying', error: 'no disk' }, { error: { message: 'no disk', code: 'task_failed' } }],
  [
    { type: 'retrying', next_at: 'soon' },
    { next_at: undefined, error: { message: '' } },
  ],
]

const leftOut = { percent: undefined, worker_id: undefined, losses: undefined, next_at: undefined }

test.each(news)('%j is shown as %j', (fields, shown) => {
  const state = told(json(fields))
  expect(typeof state === 'string' ? state : { ...leftOut, ...state.replies[0] }).toMatchObject(shown)
  expect(endOf(state)).toMatch(/^(running|retrying)$/)
})

test('a log line that is not JSON is a line of its job', () => {
  const state = told('{"type":"log","worker_id":"w1","message":"x","data":NaN}')
  expect(state).toMatchObject({ phase: { at: 'running' }, replies: [{ type: 'log', level: 'warn', worker_id: 'w1' }] })
})

test('a message that is fine in itself is taken as it is', () => {
  expect(endOf(told(`\uFEFF${json({ type: 'result' })}`))).toBe('result')
  expect(endOf(told(json({ type: 'result', output: 1 }).replace('{', '{"type":"log",')))).toBe('result')
})

test.each([
  ['invalid', '{', undefined],
  ['invalid', json({ type: 'result', request_id: 'x' }), undefined],
  ['unknown_type', json({ type: 'paused' }), id],
  ['mismatched', json({ type: 'result' }), other],
  ['mismatched', json({ type: 'log', message: 'x' }), other],
] as const)('%s: %s', (stray, body, correlationId) => {
  expect(told(body, correlationId ?? '')).toBe(stray)
})

test('a refused reply always has a reason, and the reply made of it fits the contract', () => {
  const any = fc.oneof(fc.jsonValue(), fc.constantFrom(0, -1, 1, 'x', 1e308, 2 ** 53, null, [], {}, 'warning'))
  const names = ['v', 'worker_id', 'seq', 'at', 'attempt', 'level', 'message', 'percent', 'error', 'took_ms', 'issues']
  const types = [
    'result',
    'error',
    'rejected',
    'cancelled',
    'log',
    'progress',
    'accepted',
    'retrying',
    'partial',
    '',
    'X',
  ]
  const fields = fc.record(
    {
      type: fc.constantFrom(...types),
      ...Object.fromEntries([...names, 'losses', 'reason', 'name', 'next_at'].map(name => [name, any])),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(fields, said => {
      const body = json(said)
      const read = readReply({ headers: { 'correlation-id': id }, body }, () => true)
      if (typeof read === 'string') {
        expect(read).toBe('unknown_type')
        return
      }
      expect(parseReply(JSON.stringify(read.reply))).toEqual(read.reply)
      if (isOutcome(read.reply)) expect(JSON.stringify(read.reply)).not.toMatch(/as it is: (?!its )/)
    }),
    { numRuns: 1000 },
  )
})
