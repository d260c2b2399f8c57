/** Replies about a sealed job leave in their order, however long each is sealed, and each for the masters that wait then. */
import { expect, test, vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import type { Copy } from '../job-copy.ts'
import type { CopySeal } from '../sealing/copy-seal.ts'
import { fakeSession, fakeStomp } from '../testing.ts'
import { Replies } from './replies.ts'
import { ReplyBuffer } from './reply-buffer.ts'

/** Its seal waits for each type that has a gate. */
function setUp(gates: Record<string, Promise<void>> = {}) {
  const stomp = fakeStomp()
  const sealReply: CopySeal['sealReply'] = async ({ type }, _, others) => {
    await gates[type]
    return { protected: String(others.length), iv: '', ciphertext: '', tag: '' }
  }
  const seal = { sealReply: vi.fn(sealReply) } as Partial<CopySeal> as CopySeal
  const requestId = crypto.randomUUID()
  const copyFor = (replyTo: string): Copy => {
    const origin = { requestId, replyTo, deadlineAt: 1e9, headers: {} }
    return { origin, body: '', delivery: undefined, connection: 1, receivedAt: 0, seal }
  }
  const job = { requestId, seal, copies: [copyFor('/queue/myapp.reply')] }
  const ports = {
    workerId: 'w',
    name: 'box',
    replyBuffer: new ReplyBuffer(stomp, () => {}),
    session: () => fakeSession,
    isStale: () => false,
    dropped() {},
    clock: systemClock,
    newId: () => crypto.randomUUID(),
  }
  const types = (): string[] => stomp.sent.map(({ body }) => JSON.parse(body).type)
  return { job, seal, copyFor, types, replies: new Replies(ports, job, 1) }
}

const log = { type: 'log', level: 'info', message: 'one' } as const
const result = { type: 'result', output: 1, took_ms: 1 } as const

test('a reply waits for those before it that are being sealed, and the outcome for all of them', async () => {
  const gate = Promise.withResolvers<void>()
  const { replies, seal, types } = setUp({ log: gate.promise })
  replies.accepted(0)
  expect(types(), 'it has nothing to seal').toEqual(['accepted'])
  replies.send(log)
  replies.send({ type: 'progress', percent: 1 })
  replies.accepted(0)
  const sentBefore = replies.sealed(result).then(types)
  await vi.waitFor(() => expect(seal.sealReply).toHaveBeenCalledTimes(3))
  expect(types()).toEqual(['accepted'])
  gate.resolve()
  expect(await sentBefore).toEqual(['accepted', 'log', 'progress', 'accepted'])
  expect(seal.sealReply).toHaveBeenCalledTimes(3)
})

test('an outcome is sealed once more where one more master waits by then', async () => {
  const gate = Promise.withResolvers<void>()
  const { replies, job, seal, copyFor } = setUp({ result: gate.promise })
  const sealing = replies.sealed(result)
  await vi.waitFor(() => expect(seal.sealReply).toHaveBeenCalledOnce())
  job.copies = [...job.copies, copyFor('/queue/myapp.reply.other.m')]
  gate.resolve()
  const { body, answers } = replies.outcome(await sealing, { bytes: 1_000, why: undefined })
  expect(JSON.parse(body)).toMatchObject({ seq: 0, sealed: { protected: '2' } })
  expect(answers).toHaveLength(2)
})
