import { DroverError } from 'drover/contract'
import { expect, test } from 'vitest'
import { describeWorkerEvent } from './worker-log.ts'

test('a line about a job has its facts as fields', () => {
  const job = {
    what: 'result',
    task: 'a.b',
    request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
    attempt: 1,
    took_ms: 7,
  }
  const line = describeWorkerEvent({ type: 'job', ...job } as Parameters<typeof describeWorkerEvent>[0], {
    url: 'stomp://h',
  })
  expect(line?.fields).toMatchObject(job)
})

test('a token that ended is not asked for: it has expired', () => {
  const reason = new DroverError('not_authenticated', "This session's token has expired; connect again with a new one")
  const event = { type: 'connection', state: { at: 'waiting', retryAt: 0, reason } } as const
  const text = (token?: string, source?: string): string | undefined =>
    describeWorkerEvent(event, { url: 'ws://h/stomp', token, source })?.text
  expect(text('x.y.z')).toMatch(/given by --token or DROVER_TOKEN has expired/)
  expect(text('x.y.z')).not.toMatch(/give a token by/)
  expect(text()).toMatch(/give a token by --token/)
  expect(text('x.y.z', '--token-file')).toMatch(/^The token that --token-file gave has expired; see that a new one/)
})
