/** Operators at the embedded broker over HTTP: who sees which queues, and how they are emptied and moved. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { spawnBridge, startBridge, type TestBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'

let bridge: TestBridge
beforeAll(async () => {
  bridge = await startBridge({ broker: 'embedded' })
})
afterAll(() => bridge[Symbol.asyncDispose]())

const ask = async (at: { url: string }, token: string | undefined, path: string, body?: unknown) => {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const method = body === undefined ? 'GET' : 'POST'
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(`${at.url}${path}`, { method, headers, ...(body === undefined ? {} : { body: text }) })
  // biome-ignore lint/suspicious/noExplicitAny: the tests look at any answer
  return { status: response.status, headers: response.headers, json: (await response.json()) as any }
}

const operate = (ns: string, patterns = ['*']) => tokenFor('op', { ns, operate: patterns })

/** Jobs of `ada` in queues of the tasks. */
async function dispatch(at: { url: string }, ns: string, jobs: Record<string, readonly string[]>): Promise<void> {
  await using master = await connectRaw(at.url, { token: await tokenFor('ada', { ns, dispatch: ['*'] }) })
  for (const [task, ids] of Object.entries(jobs)) {
    for (const id of ids) {
      const headers = [`destination:/queue/${ns}.tasks.${task}`, `correlation-id:${id}`, 'receipt:r', 'persistent:true']
      master.send(raw('SEND', [...headers, `reply-to:/queue/${ns}.reply.ada.m`], `{"request_id":"${id}"}`))
      await master.next('RECEIPT')
    }
  }
}

test('queues are told of to who may operate them, and to nobody else', async () => {
  const ns = 'seen'
  await dispatch(bridge, ns, { 'image.a': ['1', '2'], other: ['3'] })
  const names = async (token: string) =>
    (await ask(bridge, token, '/broker')).json.queues.map(({ name }: { name: string }) => name)
  expect(await names(await operate(ns))).toEqual([`${ns}.tasks.image.a`, `${ns}.tasks.other`])
  expect(await names(await operate(ns, ['image.*']))).toEqual([`${ns}.tasks.image.a`])
  expect(await names(await operate('elsewhere'))).toEqual([])
  const { json, headers } = await ask(bridge, await operate(ns, ['other']), '/broker')
  expect([json, headers.get('cache-control')]).toEqual([
    {
      broker: 'embedded',
      namespace: ns,
      kept: false,
      queues: [
        {
          name: `${ns}.tasks.other`,
          ...{ waiting: 1, delayed: 0, unacknowledged: 0, consumers: 0, dropped: 0 },
          bytes: expect.any(Number),
          oldest_at: expect.any(Number),
          oldest_age_ms: expect.any(Number),
        },
      ],
      more: 0,
    },
    'no-store',
  ])
  const one = await ask(bridge, await operate(ns), `/broker?queue=${ns}.tasks.image.a`)
  expect(one.json).toMatchObject({
    queue: { waiting: 2 },
    messages: [{ correlation_id: '1', sender: 'ada' }, { correlation_id: '2' }],
  })
  const refusals = [
    [undefined, '/broker', 401],
    [await tokenFor('ada', { ns, dispatch: ['*'], dead: true, workers: true }), '/broker', 403],
    [await operate(ns, ['other']), `/broker?queue=${ns}.tasks.image.a`, 403],
    [await operate(ns, ['other']), `/broker?queue=${ns}.dead`, 403],
    [await operate('elsewhere'), `/broker?queue=${ns}.tasks.other`, 403],
    [await operate(ns), `/broker?queue=${ns}.*`, 400],
  ] as const
  for (const [token, path, status] of refusals) expect((await ask(bridge, token, path)).status, path).toBe(status)
})

test('a user of the bridge operates by password, and a bridge before another broker says so', async () => {
  const headers = { authorization: `Basic ${btoa('foo:bar')}` }
  expect(await (await fetch(`${bridge.url}/broker`, { headers })).json()).toMatchObject({
    namespace: 'myapp',
    queues: [],
  })
  await using before = await startBridge({ broker: bridge.stompUrl!.replace('stomp://', 'stomp://foo:bar@') })
  const post = { queue: 'myapp.a', confirm: true }
  for (const answer of [
    await ask(before, await operate('myapp'), '/broker'),
    await ask(before, await operate('myapp'), '/broker/purge', post),
  ]) {
    expect(answer).toMatchObject({ status: 501, json: { error: { code: 'unsupported' } } })
    expect(answer.json.error.message).toMatch(/stands before stomp:\/\/127\.0\.0\.1:\d+, .* use the console/)
  }
})

test('a purge tells what it would take, then takes it, in its bound, and says so in the events', async () => {
  const ns = 'purged'
  const queue = `${ns}.tasks.a`
  await dispatch(bridge, ns, { a: ['1', '2', '3'] })
  const token = await operate(ns, ['a'])
  const shown = await ask(bridge, token, '/broker/purge', { queue, limit: 2 })
  expect(shown.json).toMatchObject({ preview: true, queue: { waiting: 3 }, messages: [{}, {}, {}] })
  const done = await ask(bridge, token, '/broker/purge', { queue, limit: 2, confirm: true })
  expect([done.status, done.json]).toEqual([200, { messages: 2, left: 1 }])
  const facts = { owner: 'op', queue, messages: 2 }
  expect(bridge.events.filter(({ type }) => type === 'queue_purged')).toMatchObject([facts])
  const bad = ['', '[]', '{', {}, { queue, limit: 0 }, { queue, limit: 1.5 }, { queue: 5 }, { queue, confirm: 'yes' }]
  for (const body of bad) expect((await ask(bridge, token, '/broker/purge', body)).status, String(body)).toBe(400)
  const others = await operate(ns, ['b'])
  expect((await ask(bridge, others, '/broker/purge', { queue, confirm: true })).status).toBe(403)
  expect((await ask(bridge, token, `/broker?queue=${queue}`)).json.queue.waiting).toBe(1)
})

test('jobs that were parked and brought back reach a bridged worker with a pass that fits', async () => {
  const ns = 'moved'
  const [from, to] = [`${ns}.tasks.a`, `${ns}.parked`]
  await dispatch(bridge, ns, { a: ['1', '2'], b: ['3'] })
  const token = await operate(ns)
  const move = (body: object, who = token) => ask(bridge, who, '/broker/move', body)
  expect((await move({ from, to })).json).toMatchObject({ preview: true, queue: { waiting: 2 }, to: null })
  expect((await move({ from, to, confirm: true })).json).toEqual({ messages: 2, left: 0 })
  for (const [other, status] of [
    [`${ns}.tasks.b`, 400],
    [from, 400],
    [`${ns}.dead`, 400],
    ['elsewhere.a', 403],
  ] as const) {
    expect((await move({ from, to: other, confirm: true })).status, other).toBe(status)
  }
  expect((await move({ from: to, to: from, confirm: true }, await operate(ns, ['a']))).status).toBe(403)
  const stays = await move({ from: to, to: `${ns}.tasks.b`, confirm: true })
  expect(stays.json).toMatchObject({
    messages: 0,
    left: 2,
    stopped_because: expect.stringContaining('may not dispatch b'),
  })
  expect((await move({ from: to, to: from, confirm: true })).json).toEqual({ messages: 2, left: 0 })
  await using worker = await connectRaw(bridge.url, { token: await tokenFor('rex', { ns, work: ['a'] }) })
  worker.send(raw('SUBSCRIBE', ['id:w', `destination:/queue/${from}`, 'ack:client-individual']))
  const job = await worker.next('MESSAGE')
  expect([bodyOf(job), job.header('drover-sender')]).toEqual(['{"request_id":"1"}', 'ada'])
  const answer = [
    `destination:/queue/${ns}.reply.ada.m`,
    'correlation-id:1',
    `drover-pass:${job.header('drover-pass')}`,
  ]
  worker.send(raw('SEND', [...answer, 'receipt:answered'], '{}'))
  expect((await worker.next('RECEIPT')).header('receipt-id')).toBe('answered')
  expect(bridge.events.filter(({ type }) => type === 'pass_misfit')).toEqual([])
})

test('a purge and a move that were answered outlive a kill -9 of the bridge with its broker', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-operated-'))
  const data = join(folder, 'drover.db')
  const ns = 'killed'
  const ids = (start: number, count: number) => Array.from({ length: count }, (_, n) => String(start + n))
  try {
    const first = await spawnBridge('node', { broker: 'embedded', data })
    await dispatch(first, ns, { a: ids(0, 30), b: ids(100, 30) })
    const token = await operate(ns)
    const purge = { queue: `${ns}.tasks.a`, limit: 20, confirm: true }
    expect((await ask(first, token, '/broker/purge', purge)).json).toEqual({ messages: 20, left: 10 })
    const move = { from: `${ns}.tasks.b`, to: `${ns}.parked`, limit: 20, confirm: true }
    expect((await ask(first, token, '/broker/move', move)).json).toEqual({ messages: 20, left: 10 })
    process.kill(first.pid, 'SIGKILL')
    await first[Symbol.asyncDispose]()
    await using second = await spawnBridge('node', { broker: 'embedded', data })
    const { json } = await ask(second, token, '/broker')
    expect(json.kept).toBe(true)
    expect(json.queues.map((queue: { name: string; waiting: number }) => [queue.name, queue.waiting])).toEqual([
      [`${ns}.parked`, 20],
      [`${ns}.tasks.a`, 10],
      [`${ns}.tasks.b`, 10],
    ])
    const parked = await ask(second, token, `/broker?queue=${ns}.parked`)
    expect(parked.json.messages.map((message: { correlation_id: string }) => message.correlation_id)).toEqual(
      ids(100, 20),
    )
  } finally {
    await rm(folder, { recursive: true })
  }
})
