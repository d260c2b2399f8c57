import type { JobNews, Outcome } from 'drover/master'
import { expect, test } from 'vitest'
import { createProgressLine } from '../progress-line.ts'
import { createTerminalView } from './terminal-view.ts'

const reply = { v: 1, request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11', worker_id: 'w1', attempt: 1 } as const

/** The text that stays on the screen, the progress line at its last state set off by `~`. */
function show(
  isBroadcast: boolean,
  news: readonly JobNews[],
  outcome?: Outcome,
  isUnclaimed = false,
  kids?: readonly string[],
): string {
  let screen = ''
  let line = ''
  const out = {
    isTTY: true,
    columns: 100,
    write(text: string) {
      const parts = text.split('\r\u001b[2K')
      if (parts.length > 1) line = ''
      const rest = parts.at(-1) ?? ''
      if (rest.endsWith('\n')) screen += rest
      else line = rest
    },
  }
  using view = createTerminalView(
    { requestId: reply.request_id, task: 'a.b', isBroadcast },
    { out, progressLine: createProgressLine(out), env: { NO_COLOR: '1' }, now: () => 0 },
  )
  if (kids !== undefined) view.sealed(kids)
  for (const one of news) view.news(one)
  if (outcome !== undefined) view.end(outcome, isUnclaimed)
  return line === '' ? screen : `${screen}~${line}`
}

test('while it runs: where, how far, and for which step', () => {
  expect(show(false, [])).toMatch(/^~a\.b .* sending$/)
  expect(show(false, [{ ...reply, type: 'accepted', name: 'one' }])).toMatch(/running on one$/)
  expect(show(false, [{ ...reply, type: 'progress', percent: 25, message: 'half of half' }])).toMatch(
    / 25 % {2}0\.0 s {2}half of half$/,
  )
  expect(show(false, [{ type: 'unclaimed', unclaimed: true, at: 0 }])).toMatch(
    /no worker of this task is there; it waits$/,
  )
})

test('a job that is to begin later says when, once it is sent', () => {
  let line = ''
  const out = {
    isTTY: true,
    columns: 100,
    write(text: string) {
      line = text
    },
  }
  const options = { requestId: reply.request_id, task: 'a.b', isBroadcast: false, startsAt: 1_800_000_000_000 }
  const progressLine = createProgressLine(out)
  using view = createTerminalView(options, { out, progressLine, env: { NO_COLOR: '1' }, now: () => 0 })
  view.sent()
  expect(line).toMatch(/sent; starts at .*2027/)
})

test('partials, log lines, retries and losses stay above the line', () => {
  const error = { name: 'Error', code: 'x', message: 'no disk', retryable: true }
  const text = show(false, [
    { ...reply, type: 'partial', data: { file: 'a.log', line: 3 } },
    { ...reply, type: 'partial', data: [1, '\u001b[2J'] },
    { ...reply, type: 'log', level: 'warn', message: 'slow\u001b[2J' },
    { ...reply, type: 'retrying', error },
    { type: 'loss', losses: 2, at: 0 },
    { type: 'missed', count: 7, at: 0 },
    { type: 'priority', message: 'this broker orders none', at: 0 },
  ])
  const lines = text.split('\n')
  expect(lines.slice(0, 3)).toEqual(['a.log  3', '[1,""]', 'warn  slow'])
  expect(lines.slice(3, 7)).toEqual([
    'retrying after: no disk',
    'its worker went away; the job goes to another (loss 2)',
    '7 replies were left out, since they came faster than they could be shown',
    'priority  this broker orders none',
  ])
})

test.for<[string, Outcome, boolean, string]>([
  [
    'a flat result',
    { type: 'result', output: { bytes: 7, url: 'x'.repeat(300) }, took_ms: 12 },
    false,
    'result in 12 ms\n  bytes  7\n  url    ',
  ],
  ['any other result', { type: 'result', output: [1] }, false, 'result\n  [1]\n'],
  [
    'an error',
    { type: 'error', error: { name: 'E', code: 'c', message: 'm', retryable: false } },
    false,
    'error c: m\n',
  ],
  [
    'rejected',
    { type: 'rejected', issues: [{ path: '', message: 'odd' }] },
    false,
    'rejected: the worker does not take this input\n  input: odd\n',
  ],
  ['cancelled', { type: 'cancelled', reason: 'enough' }, false, 'cancelled: enough\n'],
  [
    'timed out',
    { type: 'timed_out', timeout_ms: 2000, missing: ['two'] },
    false,
    'timed out after 2.0 s\nno answer from: two\n',
  ],
  [
    'timed out unclaimed',
    { type: 'timed_out', timeout_ms: 2000 },
    true,
    'timed out after 2.0 s: no worker of this task is there',
  ],
  ['no worker', { type: 'no_worker' }, false, 'no worker: no worker of this task is there; start one with'],
  ['everyone', { type: 'answered', missing: [] }, false, 'everyone answered\n'],
  ['not everyone', { type: 'answered', missing: ['one', 'two'] }, false, 'no answer from: one, two\n'],
])('the end: %s', ([, outcome, isUnclaimed, text]) => {
  expect(show(false, [], outcome, isUnclaimed).slice(0, text.length)).toBe(text)
})

test('a broadcast has a row a worker, by name', () => {
  const text = show(
    true,
    [
      { ...reply, type: 'accepted', name: 'one' },
      { ...reply, worker_id: 'w2', type: 'accepted', name: 'two' },
      { ...reply, type: 'result', output: { pid: 1 }, took_ms: 3 },
      { ...reply, worker_id: 'w2', type: 'partial', data: 'found' },
      { ...reply, worker_id: 'w2', type: 'cancelled' },
    ],
    { type: 'answered', missing: ['three'] },
  )
  expect(text).toBe('one  result in 3 ms\n  pid  1\ntwo  found\ntwo  cancelled\nno answer from: three\n')
})

test('the progress of a worker that answered is gone from the line of a broadcast', () => {
  const news: JobNews[] = [
    { ...reply, type: 'accepted', name: 'plum' },
    { ...reply, type: 'progress', percent: 17, message: 'web.log' },
    { ...reply, type: 'result', output: 1, took_ms: 1 },
  ]
  expect(show(true, news).split('\n').at(-1)).toMatch(/^~a\.b [░█ ]* 0\.0 s {2}1 answered$/)
})

test('nothing of a worker is a command to the terminal', () => {
  const evil = '\u001b]0;x\u0007\u009b2J'
  const text = show(
    true,
    [
      { ...reply, type: 'accepted', name: evil },
      { ...reply, type: 'progress', message: evil },
      { ...reply, type: 'result', output: { [evil]: evil } },
      { ...reply, type: 'rejected', issues: [{ path: evil, message: evil }] },
      { ...reply, type: 'error', error: { name: evil, code: evil, message: evil, retryable: false } },
      { ...reply, type: 'cancelled', reason: evil },
    ],
    { type: 'answered', missing: [evil] },
  )
  expect(text.replace(/\n/g, '')).not.toMatch(/\p{Cc}/u)
})

test('text that programs write for a terminal is read without its colours and links', () => {
  const colour = '\u001b[1;31mfail\u001b[0m'
  const link = '\u001b]8;;https://example.org\u0007link\u001b]8;;\u0007'
  const text = show(false, [
    { ...reply, type: 'progress', percent: 50, message: '\u001b[2K\r50%' },
    { ...reply, type: 'log', level: 'info', message: `${colour} ${link}` },
    { ...reply, type: 'partial', data: { [colour]: [link], deep: { [colour]: colour } } },
    { ...reply, type: 'log', level: 'info', message: 'bell \u0007' },
  ])
  expect(text).toContain('info  fail link\n["link"]  {"fail":"fail"}\ninfo  bell \\u0007\n')
  expect(text).not.toMatch(/u001b|\[2K|\[1;31m/)
})

test('a sealed job says for whom, and what it cannot open is called sealed, and no error', () => {
  const sealed = { protected: 'e30' }
  const placeholder = { name: 'Sealed', code: 'sealed', message: 'this is not shown', retryable: true }
  const closed = 'sealed; its key is not here'
  const lines = show(
    false,
    [
      { ...reply, type: 'partial', data: null, sealed },
      { ...reply, type: 'log', level: 'info', message: '', sealed },
      { ...reply, type: 'retrying', error: placeholder, sealed },
      { type: 'unsealed', message: 'Not sealed yet: away', at: 0 },
    ],
    { type: 'result', output: undefined, took_ms: 3, sealed: true },
    false,
    ['k1', 'k\u001b[2J2'],
  ).split('\n')
  expect(lines).toEqual([
    'sealed for k1, k2',
    closed,
    `info  ${closed}`,
    `retrying after: ${closed}`,
    'unsealed  Not sealed yet: away',
    'result in 3 ms',
    `  ${closed}`,
    '',
  ])
  expect(show(false, [{ ...reply, type: 'progress', sealed }])).toContain(closed)
  expect(show(false, [], { type: 'error', error: placeholder, sealed: true })).toBe(`error ${closed}\n`)
  expect(show(false, [], { type: 'rejected', issues: [], sealed: true })).toContain(`\n  ${closed}\n`)
})

test('a worker without the key is named, and the line says that one with the key is awaited', () => {
  const text = show(false, [{ ...reply, type: 'cannot_open', name: 'plum\u001b[2J', kids: ['k1'] }])
  expect(text).toMatch(/^plum {2}has no key for this job, and puts it back for another worker\n~/)
  expect(text).toMatch(/waiting for a worker that has the key$/)
})
