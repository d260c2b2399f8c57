/** The ids by which an operator finds all lines of a session, a job or a request, and the log of a bridge in a program. */
import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { configure, type LogRecord, reset } from '@logtape/logtape'
import { describe, expect, onTestFinished, test } from 'vitest'
import { serveBridge } from '../../bridge/node.ts'
import { secret, spawnBridge, startBridge, type TestBridge, tokenFor } from '../support/bridges/bridges.ts'
import { connectRaw, raw } from '../support/raw-session.ts'

const foo = { login: 'foo', passcode: 'bar' }
const eventsOf = ({ events }: TestBridge, type: string): unknown[] => events.filter(event => event.type === type)

/** Headers of the answer to a request with that id. */
async function asked(url: string, id: string | undefined, headers: object = {}): Promise<IncomingHttpHeaders> {
  const sent = request(url, { headers: { ...headers, ...(id === undefined ? {} : { 'x-request-id': id }) } }).end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  response.resume()
  return response.headers
}

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('each event of a session has the id that its CONNECTED has, and a refusal says what was refused', async () => {
    await using bridge = await spawnBridge(runtime, { broker: 'embedded', audit: true })
    await using session = await connectRaw(bridge.url, foo)
    const id = session.connected.header('session')
    const job = ['destination:/queue/myapp.tasks.sums.add', 'correlation-id:r-1', 'receipt:sent']
    session.send(raw('SEND', [...job, 'reply-to:/queue/myapp.reply.foo.m1'], '{}'))
    await session.next('RECEIPT')
    session.send(raw('SEND', [...job, 'reply-to:/queue/elsewhere'], '{}'))
    await session.next('ERROR')
    await expect.poll(() => eventsOf(bridge, 'session_closed')).toHaveLength(1)
    const ofSession = bridge.events.filter(({ type }) => type !== 'listening')
    const types = ['session_opened', 'job_dispatched', 'refused', 'session_closed']
    expect(ofSession).toMatchObject(types.map(type => ({ type, session: id, owner: 'foo', address: '127.0.0.1' })))
    const what = { destination: '/queue/myapp.tasks.sums.add', task: 'sums.add', request_id: 'r-1' }
    expect(ofSession[2]).toMatchObject({ code: 'forbidden', ...what })
  })

  test('a request has the id of the proxy, or a new one where that is none, in its answer and its line', async () => {
    await using bridge = await spawnBridge(runtime, { broker: 'embedded' })
    const refused = { origin: 'https://evil.example' }
    const ids = ['of-the-proxy', undefined, 'a'.repeat(129), 'two words']
    const answered: unknown[] = []
    for (const id of ids) answered.push((await asked(`${bridge.url}/token`, id, refused))['x-request-id'])
    expect(answered).toEqual(['of-the-proxy', ...ids.slice(1).map(() => expect.stringMatching(/^[0-9a-f-]{36}$/))])
    expect(new Set(answered).size).toBe(ids.length)
    await expect.poll(() => eventsOf(bridge, 'refused')).toHaveLength(ids.length)
    expect(eventsOf(bridge, 'refused')).toMatchObject(answered.map(http_request_id => ({ http_request_id })))
    const authorization = `Bearer ${await tokenFor('ops', { admin: true })}`
    const body = JSON.stringify({ jti: 'lost' })
    const headers = { authorization, 'x-request-id': 'r-9' }
    expect((await fetch(`${bridge.url}/revoke`, { method: 'POST', headers, body })).status).toBe(200)
    await expect.poll(() => eventsOf(bridge, 'revoked')).toMatchObject([{ owner: 'ops', http_request_id: 'r-9' }])
  })
})

test('a refusal tells no more of a frame than its place, cut, and nothing of a login', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  await using session = await connectRaw(bridge.url, foo)
  const long = `/queue/${'x'.repeat(5_000)}`
  session.send(raw('SEND', [`destination:${long}`, 'correlation-id:a\\nb\u001b[2J', 'passcode:opal'], 'opal'))
  await session.next('ERROR')
  await expect.poll(() => eventsOf(bridge, 'refused')).toHaveLength(1)
  const [refusal] = eventsOf(bridge, 'refused') as { destination: string }[]
  expect(refusal).toMatchObject({ destination: long.slice(0, 300), request_id: 'a\nb\u001b[2J' })
  const other = await connectRaw(bridge.url, { ...foo, passcode: 'opal' }).catch((error: Error) => error)
  expect(other).toBeInstanceOf(Error)
  await expect.poll(() => eventsOf(bridge, 'refused')).toHaveLength(2)
  expect(eventsOf(bridge, 'refused')[1]).toMatchObject({ session: expect.any(String), code: 'not_authenticated' })
  expect(JSON.stringify(bridge.events)).not.toContain('opal')
})

test('a program that configured LogTape reads what its bridge tells, unless it takes the events itself', async () => {
  const records: LogRecord[] = []
  await configure({
    sinks: { list: record => void records.push(record) },
    loggers: [
      { category: 'drover', sinks: ['list'] },
      { category: ['logtape', 'meta'], sinks: [] },
    ],
  })
  onTestFinished(() => reset())
  await using _silent = await startBridge({ broker: 'embedded' })
  expect(records).toEqual([])
  await using bridge = await serveBridge({ broker: 'embedded', port: 0, stompPort: 0, secret })
  await fetch(`${bridge.url}/token`, { headers: { origin: 'https://evil.example' } })
  expect(records).toMatchObject([
    { category: ['drover', 'bridge'], level: 'info', message: [`listening on ${bridge.url}`] },
    { level: 'warning', properties: { event: 'refused', code: 'forbidden', http_request_id: expect.any(String) } },
  ])
})
