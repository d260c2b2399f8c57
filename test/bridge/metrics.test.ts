/** The metrics of a bridge, as Prometheus reads them. */
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { describe, expect, test } from 'vitest'
import { spawnBridge, startBridge, type TestBridge, tokenFor } from '../support/bridges/bridges.ts'
import { connectRaw, openRaw, type RawSession, raw } from '../support/raw-session.ts'
import { connected, startBroker } from './relay/fake-broker.ts'

const foo = { login: 'foo', passcode: 'bar' }

async function scrape({ metricsUrl = '' }: TestBridge): Promise<string> {
  const response = await fetch(metricsUrl)
  expect(response.status).toBe(200)
  return await response.text()
}

/** The answer to who asks by that name. */
async function statusBy(url: string, host: string): Promise<number | undefined> {
  const asked = request(url, { headers: { host } }).end()
  const [response] = (await once(asked, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

/** The value of one line; 0 where there is none. */
const metric = (text: string, name: string): number =>
  Number(
    text
      .split('\n')
      .find(line => line.startsWith(`${name} `))
      ?.slice(name.length + 1) ?? 0,
  )

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('sessions, frames, jobs and refusals are counted, and the end of a session is one line of its own', async () => {
    await using bridge = await spawnBridge(runtime, { broker: 'embedded', metrics: { port: 0 }, audit: true })
    await using session = await connectRaw(bridge.url, foo)
    const body = '{"v":1}'
    for (const id of ['r-1', 'r-2']) {
      session.send(
        raw(
          'SEND',
          [
            'destination:/queue/myapp.tasks.sums.add',
            'reply-to:/queue/myapp.reply.foo.m1',
            `correlation-id:${id}`,
            `receipt:${id}`,
            `content-length:${body.length}`,
          ],
          body,
        ),
      )
      await session.next('RECEIPT')
    }
    const during = await scrape(bridge)
    expect(metric(during, 'drover_bridge_sessions')).toBe(1)
    expect(metric(during, 'drover_bridge_frames_total{direction="in",command="SEND"}')).toBe(2)
    expect(metric(during, 'drover_bridge_frames_total{direction="out",command="RECEIPT"}')).toBe(2)
    expect(metric(during, 'drover_bridge_bytes_total{direction="in",command="SEND"}')).toBeGreaterThan(200)
    expect(metric(during, 'drover_bridge_jobs_dispatched_total{task="sums.add"}')).toBe(2)
    expect(metric(during, 'drover_bridge_broker_up')).toBe(1)
    expect(metric(during, 'drover_bridge_broker_connect_seconds_count')).toBeGreaterThan(0)
    session.send(raw('SEND', ['destination:/queue/elsewhere']))
    expect((await session.next('ERROR')).header('drover-code')).toBe('forbidden')
    await session.closed()
    await expect.poll(() => bridge.events.some(({ type }) => type === 'session_closed')).toBe(true)
    const after = await scrape(bridge)
    expect(metric(after, 'drover_bridge_sessions')).toBe(0)
    expect(metric(after, 'drover_bridge_refusals_total{code="forbidden"}')).toBe(1)
    expect(metric(after, 'drover_bridge_sessions_closed_total{reason="forbidden"}')).toBe(1)
    await expect
      .poll(async () => metric(await scrape(bridge), 'drover_bridge_event_loop_delay_seconds_count'))
      .toBeGreaterThan(0)
    const who = { session: expect.any(String), owner: 'foo', address: '127.0.0.1' }
    expect(bridge.events).toContainEqual({
      type: 'job_dispatched',
      ...who,
      task: 'sums.add',
      request_id: 'r-2',
      destination: '/queue/myapp.tasks.sums.add',
      is_retry: false,
    })
    expect(bridge.events).toContainEqual({
      type: 'session_closed',
      ...who,
      reason: expect.stringContaining('/queue/elsewhere'),
      ended_by: 'forbidden',
      close_code: 4403,
      sessions: 0,
      duration_ms: expect.any(Number),
      frames_in: 4, // CONNECT too
      bytes_in: expect.any(Number),
      frames_out: 4, // CONNECTED and ERROR too
      bytes_out: expect.any(Number),
    })
  })
})

test('the messages of a worker are counted by their kind, and a dead letter that is sent again beside the jobs', async () => {
  await using bridge = await startBridge({ broker: 'embedded', metrics: { port: 0 }, audit: true })
  const queue = '/queue/myapp.tasks.sums.add'
  const reply = '/queue/myapp.reply.ada.m1'
  await using master = await connectRaw(bridge.url, { token: await tokenFor('ada', { dispatch: ['*'] }) })
  await using worker = await connectRaw(bridge.url, { token: await tokenFor('rex', { work: ['*'] }) })
  await using operator = await connectRaw(bridge.url, { token: await tokenFor('ops', { dead: true, operate: ['*'] }) })
  const send = async (session: RawSession, to: string, ...headers: string[]): Promise<void> => {
    session.send(raw('SEND', [`destination:${to}`, 'correlation-id:r-1', 'receipt:sent', ...headers], '{}'))
    await session.next('RECEIPT')
  }
  const reads = (session: RawSession, from: string): void =>
    session.send(raw('SUBSCRIBE', ['id:s', `destination:${from}`, 'ack:client-individual']))

  await send(master, queue, `reply-to:${reply}`)
  reads(worker, queue)
  const job = await worker.next('MESSAGE')
  const pass = `drover-pass:${job.header('drover-pass')}`
  await send(worker, reply, pass, 'persistent:false')
  await send(worker, reply, pass, 'persistent:false')
  worker.send(raw('SEND', [`destination:${queue}`, 'correlation-id:r-1', pass], '{}'))
  worker.send(raw('ACK', [`id:${job.header('ack')}`]))
  const again = await worker.next('MESSAGE')
  await send(worker, '/queue/myapp.dead', `drover-pass:${again.header('drover-pass')}`)
  await send(worker, reply, pass)
  reads(operator, '/queue/myapp.dead')
  const letter = await operator.next('MESSAGE')
  await send(operator, queue, `drover-letter:${letter.header('ack')}`)

  const text = await scrape(bridge)
  const answers = (kind: string): number =>
    metric(text, `drover_bridge_job_answers_total{task="sums.add",answer="${kind}"}`)
  expect(['report', 'again', 'dead', 'outcome'].map(answers)).toEqual([2, 1, 1, 1])
  expect(metric(text, 'drover_bridge_jobs_dispatched_total{task="sums.add"}')).toBe(1)
  expect(metric(text, 'drover_bridge_jobs_retried_total{task="sums.add"}')).toBe(1)
  const told = { type: 'job_dispatched', task: 'sums.add', request_id: 'r-1', destination: queue }
  expect(bridge.events.filter(({ type }) => type === 'job_dispatched')).toMatchObject([
    { ...told, owner: 'ada', is_retry: false },
    { ...told, owner: 'ops', is_retry: true },
  ])
})

test('a broker that is away is told of by the logins of sessions alone, and so is its return', async () => {
  let isThere = true
  await using broker = await startBroker((text, link) => {
    if (!text.startsWith('CONNECT')) return
    if (isThere) link.send(connected)
    else link.close()
  })
  await using bridge = await startBridge({ broker: broker.url, metrics: { port: 0 } })
  const up = async (): Promise<readonly number[]> => {
    const text = await scrape(bridge)
    return ['broker_up', 'broker_failures_total', 'broker_reconnects_total'].map(name =>
      metric(text, `drover_bridge_${name}`),
    )
  }
  expect(await up()).toEqual([Number.NaN, 0, 0])
  await using _first = await connectRaw(bridge.url, foo)
  expect(await up()).toEqual([1, 0, 0])
  isThere = false
  await expect(connectRaw(bridge.url, foo)).rejects.toThrow('cannot reach its broker')
  expect(await up()).toEqual([0, 1, 0])
  isThere = true
  await using _second = await connectRaw(bridge.url, foo)
  expect(await up()).toEqual([1, 1, 1])
  expect(await (await fetch(`${bridge.url}/ready`)).json()).toEqual({ status: 'ready' })
})

test('a page of another origin is named by a refusal and by the end of its session', async () => {
  const origin = 'https://shop.example'
  await using bridge = await startBridge({ broker: 'embedded', origins: [origin] })
  await using session = await openRaw(bridge.url, { headers: { origin } })
  session.send(raw('CONNECT', ['accept-version:1.2', 'login:foo', 'passcode:wrong']))
  await session.closed()
  expect(bridge.events).toContainEqual(expect.objectContaining({ type: 'refused', code: 'not_authenticated', origin }))
  await expect(openRaw(bridge.url, { headers: { origin: 'https://evil.example' } })).rejects.toThrow()
  expect(bridge.events).toContainEqual(
    expect.objectContaining({ type: 'refused', code: 'forbidden', origin: 'https://evil.example' }),
  )
  expect(bridge.events.some(({ type }) => type === 'job_dispatched')).toBe(false)
})

test('past 200 tasks the others are one, so that nobody fills the memory by names', async () => {
  await using bridge = await startBridge({ broker: 'embedded', metrics: { port: 0 } })
  await using session = await connectRaw(bridge.url, foo)
  for (let at = 0; at < 210; at++) {
    session.send(
      raw('SEND', [
        `destination:/queue/myapp.tasks.many.t${at}`,
        'reply-to:/queue/myapp.reply.foo.m1',
        `correlation-id:r-${at}`,
        ...(at === 209 ? ['receipt:last'] : []),
      ]),
    )
  }
  await session.next('RECEIPT')
  const text = await scrape(bridge)
  expect(metric(text, 'drover_bridge_jobs_dispatched_total{task="many.t199"}')).toBe(1)
  expect(metric(text, 'drover_bridge_jobs_dispatched_total{task="other"}')).toBe(10)
  expect(text.match(/jobs_dispatched_total\{/g)).toHaveLength(201)
})

test('metrics beyond this machine take a token, and a page whose name leads here gets none', async () => {
  const metrics = { port: 0, hostname: '0.0.0.0' }
  await expect(startBridge({ broker: 'embedded', metrics })).rejects.toThrow(/DROVER_METRICS_TOKEN/)
  await using bridge = await startBridge({ broker: 'embedded', metrics: { ...metrics, token: 'opal' } })
  const url = bridge.metricsUrl!.replace('0.0.0.0', '127.0.0.1')
  expect((await fetch(url)).status).toBe(401)
  expect((await fetch(url, { headers: { authorization: 'Bearer ruby' } })).status).toBe(401)
  expect((await fetch(url, { headers: { authorization: 'Bearer opal' } })).status).toBe(200)
  await using plain = await startBridge({ broker: 'embedded', metrics: { port: 0 } })
  expect(await statusBy(plain.metricsUrl!, 'evil.example')).toBe(403)
  expect(await statusBy(plain.metricsUrl!, 'localhost:9000')).toBe(200)
  expect((await fetch(plain.metricsUrl!.replace('/metrics', '/'))).status).toBe(404)
  expect((await fetch(`${plain.url}/metrics`)).status).toBe(404)
})
