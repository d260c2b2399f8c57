/**
 * A bridge of today between masters and workers of the first recorded version, and the traces of a bridge of then: answers
 * with its passes, and jobs in its broker's queues.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { mintToken, type RunningBridge, serveBridge } from '../../bridge/node.ts'
import { createVerifier, trustSecret } from '../../bridge/tokens/verify.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import type { Grants } from '../../shared/contract/mod.ts'
import { connectRaw, type RawStomp } from '../support/raw-stomp.ts'
import { readFrames } from './frames.ts'
import { connectAs, type Sent, said, sent, today } from './replay.ts'
import { secret } from './test-bed.ts'

const recording = readFrames(new URL('first/bridge.frames', import.meta.url))
// The passes that were recorded are of this namespace
const ns = 'myapp'
const tasks = /\.tasks\./
const replies = /\.reply\./

let bridge: RunningBridge
let url: string
let master: RawStomp
let worker: RawStomp
const open = new AsyncDisposableStack()

const masters = { ns, dispatch: ['*'], broadcast: ['*'], workers: true }
const workers = { ns, work: ['*'] }
const tokenOf = (sub: string, grants: Partial<Grants>): Promise<string> =>
  mintToken({ secret, sub, grants, expiresInMs: 600_000 })

beforeAll(async () => {
  const users = [{ login: 'foo', password: 'bar', grants: allGrants }]
  bridge = open.use(await serveBridge({ broker: 'embedded', port: 0, stompPort: 0, secret, users }))
  url = `${bridge.url.replace('http:', 'ws:')}/stomp`
})
afterAll(() => open.disposeAsync())
beforeEach(async () => {
  master = await connectAs('master', recording, url, ns, await tokenOf('ada', masters))
  worker = await connectAs('worker', recording, url, ns, await tokenOf('one', workers))
})
afterEach(() => Promise.all([master[Symbol.asyncDispose](), worker[Symbol.asyncDispose]()]))

const handed = (job: Sent, reader = worker) =>
  reader.next(({ command, body }) => command === 'MESSAGE' && body.includes(String(job.body.request_id)))

async function heard(count: number): Promise<unknown[]> {
  const bodies: unknown[] = []
  while (bodies.length < count) {
    const message = await master.next(
      ({ command, headers }) => command === 'MESSAGE' && replies.test(headers.destination ?? ''),
    )
    master.ack(message)
    bodies.push(JSON.parse(message.body))
  }
  return bodies
}

test.for(['queued', 'broadcast', 'failed', 'rejected', 'large'])('%s: both hear what they heard', async scenario => {
  const [job] = sent(recording, scenario, 'master', tasks)
  master.sendBytes(today(job!.text, ns))
  const message = await handed(job!)
  expect(JSON.parse(message.body)).toEqual(job!.body)
  const said = sent(recording, scenario, 'worker', replies)
  // It copies the headers that it was handed
  const copied = { 'drover-pass': message.headers['drover-pass'] ?? '' }
  for (const { text } of said) worker.sendBytes(today(text, ns, copied))
  if (message.headers.ack !== undefined) worker.ack(message)
  expect(await heard(said.length)).toEqual(said.map(({ body }) => body))
})

test('a worker that was handed its job by a bridge of then answers by the pass that it has', async () => {
  const said = sent(recording, 'broadcast', 'worker', replies)
  expect(said.map(({ text }) => /^drover-pass:(\d)\./m.exec(text)?.[1])).toEqual(said.map(() => '1'))
  for (const { text } of said) worker.sendBytes(today(text, ns))
  expect(await heard(said.length)).toEqual(said.map(({ body }) => body))
})

test('a job that a bridge of then left in its queue is handed to a worker, who answers it', async () => {
  await using broker = await connectRaw(bridge.stompUrl!.replace('//', '//foo:bar@'))
  const [left] = sent(recording, 'queued', 'bridge', tasks)
  expect(left!.text).not.toContain('drover-pass')
  broker.sendBytes(today(left!.text, ns))
  const message = await handed(left!)
  const said = sent(recording, 'queued', 'worker', replies)
  for (const { text } of said)
    worker.sendBytes(today(text, ns, { 'drover-pass': message.headers['drover-pass'] ?? '' }))
  worker.ack(message)
  expect(await heard(said.length)).toEqual(said.map(({ body }) => body))
})

test('a pass of then sends no job on: that is refused by a sentence, and the job is handed out again', async () => {
  const [first] = sent(recording, 'retried', 'master', tasks)
  const [again] = sent(recording, 'retried', 'worker', tasks)
  expect(again!.text).toMatch(/^drover-pass:1\./m)
  master.sendBytes(today(first!.text, ns))
  await handed(first!)
  worker.sendBytes(today(again!.text, ns))
  const { headers } = await worker.next('ERROR')
  expect(headers).toMatchObject({
    'drover-code': 'forbidden',
    message: expect.stringContaining(
      'is of a job that does not wait for an ACK of this session, or was sent on already; each that it is handed, with ack:client-individual, may be sent on once',
    ),
  })
  await worker.expectClosed()
  await using next = await connectAs('worker', recording, url, ns, await tokenOf('one', workers))
  const message = await handed(first!, next)
  expect(JSON.parse(message.body)).toEqual(first!.body)
  next.ack(message)
})

test('a token of then is good for as long as it was to be, and refused by a sentence after that', async () => {
  const [connect = ''] = said(recording, 'start', 'master', 'CONNECT')
  const token = /^passcode:(.*)$/m.exec(connect)?.[1] ?? ''
  const { exp } = JSON.parse(atob(token.split('.')[1] ?? '')) as { exp: number }
  const at = (seconds: number) => createVerifier(trustSecret(secret, undefined), () => seconds * 1000)(token, undefined)
  expect(await at(exp - 1)).toMatchObject({ subject: 'ada', owner: 'ada', grants: { ns, dispatch: ['*'] } })
  await expect(at(exp + 60)).rejects.toThrow('it has expired at')
})
