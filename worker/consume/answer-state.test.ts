import { expect, test } from 'vitest'
import { dialects } from '../../shared/stomp/mod.ts'
import { type AnswerStatePorts, answerState } from './answer-state.ts'

const requestId = '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'
const replyTo = `/queue/myapp.reply.ada_job.${requestId}_x`

/** The bodies that a worker sends, and where to; `dropped`: how many questions it let go of. */
function asking(
  { ended, held }: { ended?: object; held?: object },
  headers: Record<string, string> = {},
  task = 'a',
): { sent: { destination: string; body: unknown; headers: object }[]; dropped: number } {
  const sent: { destination: string; body: unknown; headers: object }[] = []
  let dropped = 0
  const session = { dialect: dialects.rabbitmq, namespace: 'myapp', owner: 'w', bridged: true }
  const ports = {
    name: 'plum',
    heldJobs: { get: () => held },
    memory: { ended: () => ended },
    replyBuffer: {
      send: (message: { destination: string; headers: object; body: string }) =>
        void sent.push({ ...message, body: JSON.parse(message.body) }),
    },
    session: () => session,
    dropped: () => void dropped++,
    steady: () => 5_000,
  } as unknown as AnswerStatePorts
  const asked = {
    'reply-to': replyTo,
    'drover-sender': 'ada',
    'drover-pass': 'p',
    'correlation-id': requestId,
    ...headers,
  }
  answerState(ports, task, requestId, { headers: asked })
  return { sent, dropped }
}

const ended = { task: 'a', sender: 'ada', body: '{"type":"result","output":7}' }
const held = (more: object = {}) => ({
  task: 'a',
  mode: 'queue',
  phase: 'running',
  job: { losses: 1 },
  copies: [{ origin: { headers: { 'drover-sender': 'ada' } } }],
  lastProgress: { type: 'progress', percent: 7 },
  replies: { isSealed: false, aside: (fields: object) => JSON.stringify(fields) },
  ...more,
})

test('an outcome goes where it was asked for, in the spelling of the broker, with the pass of the question, for a minute', () => {
  expect(asking({ ended }, { expires: '1795000000000' })).toEqual({
    dropped: 0,
    sent: [
      {
        destination: `/amq/queue/myapp.reply.ada_job.${requestId}_x`,
        body: { type: 'result', output: 7 },
        headers: expect.objectContaining({
          'correlation-id': requestId,
          'drover-pass': 'p',
          persistent: 'false',
          expiration: '60000',
          expires: '1795000000000',
        }),
      },
    ],
  })
})

test('one that runs is told with its latest progress, of a sealed one only that it runs', () => {
  const types = (of: object) => asking({ held: held(of) }).sent.map(({ body }) => (body as { type: string }).type)
  expect(types({})).toEqual(['accepted', 'progress'])
  expect(types({ lastProgress: undefined })).toEqual(['accepted'])
  expect(types({ replies: { ...held().replies, isSealed: true } })).toEqual(['accepted'])
  expect([types({ phase: 'waiting' }), types({ phase: 'resting' })]).toEqual([[], []])
})

test('nothing is told of a job of another sender or task, or where no reply may go', () => {
  for (const of of [{ ended }, { held: held() }, { ended, held: held() }]) {
    expect(asking(of, { 'drover-sender': 'eve' })).toEqual({ sent: [], dropped: 1 })
    expect(asking(of, { 'reply-to': '/queue/myapp.tasks.a' })).toEqual({ sent: [], dropped: 1 })
    expect(asking(of, { 'reply-to': '/queue/other.reply.a.b' })).toEqual({ sent: [], dropped: 1 })
    expect(asking(of, {}, 'b')).toEqual({ sent: [], dropped: 0 })
  }
  const { sender: _, ...ofNobody } = ended
  expect(asking({ ended: ofNobody })).toEqual({ sent: [], dropped: 1 })
  expect(asking({})).toEqual({ sent: [], dropped: 0 })
})

test('a program with the broker’s own login is told of any', () => {
  expect(asking({ ended }, { 'drover-sender': undefined } as never).sent).toHaveLength(1)
})
