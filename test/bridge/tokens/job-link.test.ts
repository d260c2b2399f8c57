/** A link to one job: its holder reads that job along. Design section 4. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { mintToken } from '../../../bridge/node.ts'
import { defineTask, type Reply } from '../../../shared/contract/mod.ts'
import { type Master, readJob, startMaster } from '../../../shared/master/node.ts'
import { implement } from '../../../worker/mod.ts'
import { startWorker } from '../../../worker/node.ts'
import { secret, startBridge, type TestBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { connectRaw, type RawSession, raw } from '../../support/raw-session.ts'
import { until } from '../../support/until.ts'

const gated = defineTask('link.gated', { input: z.object({ fails: z.boolean() }) })
const everywhere = defineTask('link.everywhere', { input: z.object({}) })

/** Workers whose jobs go on when the test says so. */
function gatedTasks() {
  const gate = Promise.withResolvers<void>()
  const tasks = [
    implement(gated, async ({ fails }, job) => {
      job.progress(40, 'half')
      job.log('info', 'for the master')
      await gate.promise
      if (fails) throw new Error('It broke')
      return { answer: 42 }
    }),
    implement(everywhere, async (_input, job) => {
      job.progress(10)
      await gate.promise
      return job.request_id
    }),
  ]
  return { tasks, open: gate.resolve }
}

const addressOf = (bridge: TestBridge): string => `${bridge.url.replace('http', 'ws')}/stomp`

async function ask(bridge: TestBridge, bearer: string, body: object) {
  const init = { method: 'POST', headers: { authorization: `Bearer ${bearer}` }, body: JSON.stringify(body) }
  const response = await fetch(`${bridge.url}/token`, init)
  return { status: response.status, ...((await response.json()) as { token: string; owner: string; job: object }) }
}

/** All that a reader is told. */
async function readAll(bridge: TestBridge, token: string, onReply?: (reply: Reply) => void): Promise<Reply[]> {
  const replies: Reply[] = []
  for await (const reply of readJob({ url: addressOf(bridge), token })) {
    replies.push(reply)
    onReply?.(reply)
  }
  return replies
}

const repeatedOf = ({ discards }: Master): number => discards.repeated ?? 0

test.each(['embedded', 'classic'] as const)(
  'its holder reads state, progress and outcome, before %s, of workers behind the bridge and beside it',
  async name => {
    const { stompUrl } = await sharedBroker(name)
    const ns = unique('link')
    await using bridge = await startBridge({ broker: stompUrl })
    const ada = await tokenFor('ada', { ns, dispatch: ['link.*'], broadcast: ['link.*'] })
    const { tasks, open } = gatedTasks()
    const behind = { url: addressOf(bridge), token: () => tokenFor('rex', { ns, work: ['*'] }), name: 'behind' }
    const beside = { url: stompUrl, namespace: ns, name: 'beside' }
    await using _behind = await startWorker({ ...behind, signals: false, tasks, concurrency: 2 })
    await using _beside = await startWorker({ ...beside, signals: false, tasks, concurrency: 2 })
    using _opening = { [Symbol.dispose]: open }
    await using master = await startMaster({ url: addressOf(bridge), token: () => ada })
    const job = master.dispatch(gated, { fails: false })
    const broadcast = master.broadcast(everywhere, {}, { until: { count: 2 } })
    await until('the progress of the job', () => master.jobs.get(job.request_id)?.progress !== undefined)
    await until('both workers', () => master.jobs.get(broadcast.request_id)?.workers.length === 2)

    const link = await ask(bridge, ada, { job: { task: 'link.gated', request_id: job.request_id } })
    expect(link).toMatchObject({ status: 200, owner: 'ada_job', job: { task: 'link.gated' } })
    const toBoth = await ask(bridge, ada, { job: { task: 'link.everywhere', request_id: broadcast.request_id } })
    let heard = 0
    const onReply = ({ type }: Reply): void => {
      if (type === 'progress' && ++heard === 3) open()
    }
    const [replies, others] = await Promise.all([
      readAll(bridge, link.token, onReply),
      readAll(bridge, toBoth.token, onReply),
    ])
    expect(replies.map(({ type }) => type)).toEqual(['accepted', 'progress', 'result'])
    expect(replies[1]).toMatchObject({ percent: 40, message: 'half', request_id: job.request_id, attempt: 1 })
    expect(replies[2]).toMatchObject({ output: { answer: 42 } })
    const outcomes = others.filter(({ type }) => type === 'result')
    expect(new Set(outcomes.map(one => one.worker_id)).size).toBe(2)
    // A later reader has the outcome at once, and the master was told nothing of it
    expect((await readAll(bridge, link.token)).map(({ type }) => type)).toEqual(['result'])
    // A UUID in capitals names the same job
    const inCapitals = { task: 'link.gated', request_id: job.request_id.toUpperCase() }
    const { token } = await ask(bridge, ada, { job: inCapitals })
    expect(await readAll(bridge, token)).toMatchObject([{ type: 'result', output: { answer: 42 } }])
    expect(await job.outcome).toMatchObject({ type: 'result' })
    expect([repeatedOf(master), master.jobs.get(job.request_id)?.replies.map(({ type }) => type)]).toEqual([
      0,
      ['accepted', 'progress', 'log', 'result'],
    ])
  },
)

test('a failure is told, a link lasts as long as its parent, and a revoked parent ends the reading', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const grants = { dispatch: ['*'], work: ['*'] }
  const ada = await mintToken({ secret, sub: 'ada', grants, jti: 'adas' })
  const { tasks, open } = gatedTasks()
  await using _worker = await startWorker({ url: addressOf(bridge), token: () => ada, signals: false, tasks })
  using _opening = { [Symbol.dispose]: open }
  await using master = await startMaster({ url: addressOf(bridge), token: () => ada })
  const job = master.dispatch(gated, { fails: true })
  const { token } = await ask(bridge, ada, { job: { task: 'link.gated', request_id: job.request_id }, uses: 2 })
  open()
  const replies = await readAll(bridge, token)
  expect(replies.at(-1)).toMatchObject({ type: 'error', error: { message: 'It broke' } })

  const waiting = await ask(bridge, ada, { job: { task: 'link.gated', request_id: crypto.randomUUID() } })
  const reading = readAll(bridge, waiting.token)
  await until(
    'the session of the reader',
    () => bridge.events.filter(({ type }) => type === 'session_opened').length >= 4,
  )
  const revoking = { method: 'POST', headers: { authorization: `Bearer ${await tokenFor('root', { admin: true })}` } }
  await fetch(`${bridge.url}/revoke`, { ...revoking, body: JSON.stringify({ jti: 'adas' }) })
  await expect(reading).rejects.toMatchObject({ code: 'not_authenticated' })
  await expect(readAll(bridge, token)).rejects.toMatchObject({ code: 'not_authenticated' })
})

test('all of an owner revoked ends links too', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const job = { task: 'a', request_id: crypto.randomUUID() }
  const token = await mintToken({ secret, sub: 'ada', grants: {}, job, now: Date.now() - 5_000 })
  await using session = await connectRaw(bridge.url, { token })
  const revoking = { method: 'POST', headers: { authorization: `Bearer ${await tokenFor('root', { admin: true })}` } }
  await fetch(`${bridge.url}/revoke`, { ...revoking, body: JSON.stringify({ owner: 'ada' }) })
  expect((await session.next('ERROR')).header('message')).toContain('was revoked')
})

test('an id alone gives nobody the outcome of another sender, at a worker behind the bridge or beside it', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const ns = unique('link')
  await using bridge = await startBridge({ broker: stompUrl })
  const { tasks, open } = gatedTasks()
  await using _beside = await startWorker({ url: stompUrl, namespace: ns, signals: false, tasks })
  using _opening = { [Symbol.dispose]: open }
  const tokenOf = (sub: string): Promise<string> => tokenFor(sub, { ns, dispatch: ['*'] })
  await using master = await startMaster({ url: addressOf(bridge), token: () => tokenOf('ada') })
  const job = master.dispatch(gated, { fails: false })
  await until('the progress of the job', () => master.jobs.get(job.request_id)?.progress !== undefined)
  const asked = { job: { task: 'link.gated', request_id: job.request_id } }
  const [own, foreign] = [
    await ask(bridge, await tokenOf('ada'), asked),
    await ask(bridge, await tokenOf('eve'), asked),
  ]
  expect(foreign).toMatchObject({ status: 200, owner: 'eve_job' })
  await using eve = await connectRaw(bridge.url, { token: foreign.token })
  const came: string[] = []
  eve.socket.on('message', data => void came.push(String(data)))
  const queue = `/queue/${ns}.reply.eve_job.${job.request_id}_x`
  eve.send(raw('SUBSCRIBE', ['id:r', `destination:${queue}`, 'receipt:s']))
  await eve.next('RECEIPT')
  const question = async () => {
    eve.send(raw('SEND', ['destination:/bridge/job', 'receipt:q']))
    await eve.next('RECEIPT')
  }
  await question()
  open()
  await job.outcome
  await question()
  expect((await readAll(bridge, own.token)).at(-1)).toMatchObject({ type: 'result' })
  eve.send(raw('UNSUBSCRIBE', ['id:r', 'receipt:u']))
  await eve.next('RECEIPT')
  expect(came.filter(frames => frames.includes('MESSAGE'))).toEqual([])
})

test('it asks ten times at once and no more', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const job = { task: 'a', request_id: crypto.randomUUID() }
  const token = await mintToken({ secret, sub: 'ada', grants: {}, job })
  await using session = await connectRaw(bridge.url, { token })
  session.send(raw('SUBSCRIBE', ['id:r', `destination:/queue/myapp.reply.ada_job.${job.request_id}_x`]))
  for (let asked = 0; asked < 14; asked++) session.send(raw('SEND', ['destination:/bridge/job']))
  expect((await session.next('ERROR')).header('drover-code')).toBe('too_many_attempts')
  expect((await session.closed()).code).toBe(4429)
})

test('neither its owner’s sessions nor other links take its place, and it takes none of theirs', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { maxOwnerSessions: 2 } })
  const job = { task: 'a', request_id: crypto.randomUUID() }
  const token = await mintToken({ secret, sub: 'ada', grants: {}, job })
  await using own = await connectRaw(bridge.url, { token: await tokenFor('ada', {}) })
  const links: RawSession[] = [await connectRaw(bridge.url, { token }), await connectRaw(bridge.url, { token })]
  await expect(connectRaw(bridge.url, { token })).rejects.toThrow(/ada_job would have 3 sessions/)
  await using _another = await connectRaw(bridge.url, { token: await tokenFor('ada', {}) })
  own.send(raw('SUBSCRIBE', ['id:r', 'destination:/queue/myapp.reply.ada.m', 'receipt:s']))
  await own.next('RECEIPT')
  for (const link of links) await link[Symbol.asyncDispose]()
})
