import { expect, test } from 'vitest'
import { deadLetterBody } from '../../shared/contract/dead-letter.ts'
import { fakeStomp } from '../testing.ts'
import { changedJob, sentOnHeaders } from './job-messages.ts'

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

const last = JSON.stringify([{ kind: 'failed', at: 5, attempt: 1, worker_id: 'w', error: { code: 'x', message: 'm' } }])

// Each once more with "losses":2 in the place of its own.
test.for([
  ['numbers that JavaScript has not', '"input":[9007199254740993,1e400,1.0,-0]', ',"losses":0'],
  ['names that stand twice', '"input":1,"input":2', ',"losses":0,"losses":1'],
  ['names that a language knows', '"__proto__":{"input":3},"input":{"__proto__":1},"toJSON":"x"', ',"losses":0'],
  ['texts that look like more', String.raw`"input":"\"losses\":7,}\\"`, ',"losses":0'],
  ['names inside of others', '"input":{"losses":5,"a":[{"losses":6},"losses"]}', ',"losses":0'],
  ['blanks and line breaks', '"input" : [ ]', ',\r\n  "losses" :\t0'],
  ['a name that is escaped', '"input":1', String.raw`,"\u006cosses":0`],
  ['no losses yet', '"input":{}', ''],
] as const)('a job goes on, and to dead, as it was written: %s', ([, kept, losses]) => {
  for (const mark of ['', '\ufeff', '\ufeff\ufeff']) {
    const body = `${mark}{"request_id":"1",${kept}${losses}}`
    expect(changedJob(body, { losses: 2, attempt: undefined })).toBe(`{"request_id":"1",${kept},"losses":2}`)
    expect(deadLetterBody(body, { ...added, losses: 2 }, 10_000)).toBe(
      `{"request_id":"1",${kept},"error":${JSON.stringify(error)},"worker_id":"w","at":5,"losses":2,"history":${last}}`,
    )
  }
})

test('deadLetterBody() adds who gave the job up and why, and drops an input that is too large for that', () => {
  const body = JSON.stringify({ request_id: '1', input: 'x'.repeat(500) })
  expect(JSON.parse(deadLetterBody(body, added, 10_000))).toMatchObject({
    request_id: '1',
    input: 'x'.repeat(500),
    ...added,
  })
  expect(JSON.parse(deadLetterBody(body, added, 300))).toEqual({ request_id: '1', ...added, input_omitted: true })
})

test('deadLetterBody() keeps a body that is no JSON object as text', () => {
  for (const body of ['{', '[1]', 'null'])
    expect(JSON.parse(deadLetterBody(body, added, 1_000))).toEqual({ body, ...added })
})

test.for([
  ['0', '0'],
  ['9', '9'],
  [' 7', ' 7'],
  ['10', undefined],
  ['-1', undefined],
  ['4.5', undefined],
  ['high', undefined],
  ['', undefined],
] as const)('a job that came with the priority "%s" goes on with %s', ([came, goes]) => {
  const { state } = fakeStomp()
  if (state.at !== 'open') throw new Error('The fake is not connected')
  expect(sentOnHeaders({ priority: came }, state.session).priority).toBe(goes)
})
