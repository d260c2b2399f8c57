/** A master takes replies to a sealed job from a worker that could open it, each once and in its place, and from nobody else. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as z from 'zod'
import { systemClock } from '../../shared/clock.ts'
import { type Master, startMaster } from '../../shared/master/node.ts'
import { createSeal, newKey, type OpenedJob, publicKeys, type Seal } from '../../shared/seal/mod.ts'
import { defineTask } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import type { Received } from '../support/inbox.ts'
import { connectRaw, type RawStomp } from '../support/raw-stomp.ts'
import { collect, until, within } from '../support/until.ts'

const task = defineTask('forged.task', { input: z.object({ text: z.string() }) })
const namespace = unique('forged')
const secret = 'Zm9vYmFy-plain-text'
const stack = new AsyncDisposableStack()
let raw: RawStomp
let worker: Seal
let outsider: Seal
let master: Master

beforeAll(async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const keys = { keys: [await newKey('x25519')] }
  const ports = { clock: systemClock, problem: () => {} }
  worker = createSeal({ keys }, ports)
  outsider = createSeal({ keys: publicKeys(keys) }, ports)
  raw = stack.use(await connectRaw(stompUrl))
  await raw.subscribe(`/queue/${namespace}.tasks.${task.name}`)
  master = stack.use(await startMaster({ url: stompUrl, namespace, seal: { keys: publicKeys(keys) } }))
})
afterAll(() => stack.disposeAsync())

interface Taken {
  readonly id: string
  readonly replyTo: string
  readonly opened: OpenedJob
  readonly message: Received
}

/** Dispatches a job and takes it as a worker would. */
async function take() {
  const job = master.dispatch(task, { text: secret }, { timeoutMs: 30_000 })
  const news = collect(job.replies())
  const message = await raw.next()
  const { sealed, request_id: id } = JSON.parse(message.body)
  const opened = await worker.openJob({ namespace, task: task.name, request_id: id, attempt: 1 }, sealed)
  const taken: Taken = { id, replyTo: message.headers['reply-to']!, opened, message }
  return { job, news, taken }
}

type Fields = Readonly<Record<string, unknown>>
const envelope = ({ id }: Taken, seq: number): Fields => ({
  v: 1,
  request_id: id,
  worker_id: 'w1',
  seq,
  at: Date.now(),
  attempt: 1,
})
/** A reply as a worker seals it. */
async function sealedReply(taken: Taken, type: string, seq: number, payload: Fields, key = taken.opened.replyKey) {
  const binding = { namespace, task: task.name, request_id: taken.id, attempt: 1, worker_id: 'w1', type, seq }
  return { ...envelope(taken, seq), type, sealed: await worker.sealReply(binding, payload, [key]) }
}
const send = ({ replyTo, id }: Taken, reply: Fields | string) =>
  raw.confirmed(
    'SEND',
    { destination: replyTo, 'correlation-id': id, 'content-type': 'application/json' },
    typeof reply === 'string' ? reply : JSON.stringify(reply),
  )

test('what no worker with the key sealed for this reply is discarded and counted', async () => {
  const { job, news, taken } = await take()
  const another = (await take()).taken
  const forged = { text: 'evil' }
  const genuine = await sealedReply(taken, 'partial', 1, { data: 'one' })
  const escaped = (reply: Fields): string => JSON.stringify(reply).replace('"sealed"', '"\\u0073ealed"')
  const stranger = await outsider.replyKey(outsider.newReplyKey())
  const named = { ...stranger, kid: taken.opened.replyKey.kid }
  const ofJob = { namespace, task: task.name, request_id: taken.id, attempt: 1, expires_at: Date.now() + 10_000 }
  const table: Record<string, Fields | string> = {
    'an open result': { ...envelope(taken, 2), type: 'result', output: forged },
    'an open result without output': { ...envelope(taken, 2), type: 'result' },
    'an open partial': { ...envelope(taken, 2), type: 'partial', data: forged },
    'open progress': { ...envelope(taken, 2), type: 'progress', percent: 99, message: 'evil' },
    'an open log line': { ...envelope(taken, 2), type: 'log', level: 'info', message: 'evil' },
    'junk as sealed': { ...envelope(taken, 2), type: 'result', sealed: {}, output: forged },
    'null as sealed': { ...envelope(taken, 2), type: 'result', sealed: null, output: forged },
    'a result that says sealed in other letters': escaped({
      ...envelope(taken, 2),
      type: 'result',
      output: forged,
      sealed: {},
    }),
    'progress that says so': escaped({ ...envelope(taken, 2), type: 'progress', message: 'evil', sealed: {} }),
    'a key of its own': await sealedReply(taken, 'result', 2, { output: forged }, stranger),
    'a key of its own with the name of the other': await sealedReply(taken, 'result', 2, { output: forged }, named),
    'a reply to another job': {
      ...(await sealedReply(another, 'result', 2, { output: forged })),
      request_id: taken.id,
    },
    'another seq': { ...genuine, seq: 2 },
    'another worker': { ...genuine, worker_id: 'w2' },
    'no worker': { ...genuine, worker_id: undefined },
    'no seq': { ...genuine, seq: undefined },
    'another type': { ...genuine, type: 'result' },
    'another attempt': { ...genuine, attempt: 2 },
    'the job as a reply': {
      ...envelope(taken, 2),
      type: 'result',
      sealed: await outsider.sealJob(ofJob, { output: forged }, outsider.newReplyKey()),
    },
    'a partial that is none': await sealedReply(taken, 'log', 3, { message: { no: 'text' } }),
  }
  const before = master.discards.unsealed
  for (const [what, reply] of Object.entries(table)) {
    const { unsealed } = master.discards
    await send(taken, reply)
    await until(`${what} is counted`, () => master.discards.unsealed === unsealed + 1, {
      evidence: () => JSON.stringify([master.discards, job.snapshot]),
    })
  }
  expect(master.discards.unsealed - before).toBe(Object.keys(table).length)
  await send(taken, { ...genuine, data: 'evil' })
  const result = await sealedReply(taken, 'result', 2, {})
  await send(taken, { ...result, output: forged })
  expect(await within('it ends', job.outcome)).toEqual({
    type: 'result',
    output: undefined,
    worker_id: 'w1',
    attempt: 1,
  })
  const said = (await news).filter(({ type }) => type !== 'unclaimed')
  expect(JSON.stringify([said, job.snapshot])).not.toContain('evil')
  expect(said).toMatchObject([{ type: 'partial', data: 'one' }, { type: 'result' }])
})

test('fields in the open beside a payload do not count', async () => {
  const { job, news, taken } = await take()
  await send(taken, { ...(await sealedReply(taken, 'log', 0, { message: 'one' })), level: 'info', data: 'evil' })
  await send(taken, { ...(await sealedReply(taken, 'progress', 1, { percent: 1 })), message: 'evil', data: 'evil' })
  await send(taken, await sealedReply(taken, 'result', 2, { output: 1 }))
  await within('it ends', job.outcome)
  const said = (await news).filter(({ type }) => type !== 'unclaimed')
  expect(said).toMatchObject([
    { type: 'log', message: 'one' },
    { type: 'progress', percent: 1 },
    { type: 'result', output: 1 },
  ])
  expect(JSON.stringify([said, job.snapshot])).not.toContain('evil')
})

test('replies that come twice or out of order count once, each in its place; a forged cannot_open changes nothing', async () => {
  const { job, news, taken } = await take()
  const partials = await Promise.all([0, 1, 2, 3].map(seq => sealedReply(taken, 'partial', seq, { data: seq })))
  await send(taken, { ...envelope(taken, 9), worker_id: 'x', type: 'cannot_open', name: 'x', kids: ['k'] })
  for (const at of [1, 0, 1, 3, 2, 0, 3]) await send(taken, partials[at]!)
  await until('the repeated ones are counted', () => master.discards.repeated === 3)
  await send(taken, await sealedReply(taken, 'result', 4, { output: secret }))
  expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result', output: secret })
  expect((await news).flatMap(one => (one.type === 'partial' ? [one.data] : []))).toEqual([1, 0, 3, 2])
})
