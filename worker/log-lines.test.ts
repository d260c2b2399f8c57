import { configure, type LogRecord, reset } from '@logtape/logtape'
import { expect, onTestFinished, test } from 'vitest'
import { DroverError } from '../shared/contract/errors.ts'
import type { BrokerSession } from '../shared/stomp/mod.ts'
import { createWorkerLog, describeWorkerEvent, newLines } from './log-lines.ts'
import type { WorkerEvent } from './options.ts'

const job: WorkerEvent = {
  type: 'job',
  what: 'result',
  task: 'a.b',
  request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
  attempt: 1,
  took_ms: 7,
}
const problem: WorkerEvent = { type: 'problem', message: 'Job x: {y}', request_id: 'x' }

test('a line about a job has its facts as fields, a problem with one its id', () => {
  const { type: _, ...facts } = job
  expect(describeWorkerEvent(job, 'stomp://h')?.fields).toMatchObject(facts)
  expect(describeWorkerEvent(problem, 'stomp://h')?.fields).toEqual({ request_id: 'x' })
})

test('the line of a connection names the session as the other side does, and no password', () => {
  const session = { id: 's-1' } as unknown as BrokerSession
  const state = { at: 'open', session } as const
  expect(describeWorkerEvent({ type: 'connection', state }, new URL('stomp://foo:bar@h'))).toEqual({
    level: 'info',
    text: 'connected to stomp://foo:***@h',
    fields: { session: 's-1' },
  })
})

test('a broker that stays away is told of once, in the words of who tells it', () => {
  const reason = new DroverError('broker_unreachable', 'away')
  const event: WorkerEvent = { type: 'connection', state: { at: 'waiting', retryAt: 0, reason } }
  const lineOf = newLines('stomp://h', ({ message }) => `${message}; look`)
  expect([lineOf(event)?.text, lineOf(event)]).toEqual(['away; look; connecting again', undefined])
})

test('a program that configured LogTape reads the events, and one that did not has nothing to do', async () => {
  onTestFinished(() => reset())
  let asked = 0
  const tell = createWorkerLog('stomp://h', () => ++asked)
  tell(job)
  expect(asked).toBe(0)
  const records: LogRecord[] = []
  await configure({
    sinks: { list: record => void records.push(record) },
    loggers: [
      { category: 'drover', sinks: ['list'] },
      { category: ['logtape', 'meta'], sinks: [] },
    ],
  })
  tell(problem)
  expect(records).toMatchObject([
    {
      category: ['drover', 'worker'],
      level: 'warning',
      message: ['Job x: {y}'],
      timestamp: 1,
      properties: { event: 'problem', request_id: 'x' },
    },
  ])
})
