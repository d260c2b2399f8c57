/** A session goes on with a new token, as far as that one allows. Design section 4. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mintToken } from '../../../bridge/node.ts'
import { allGrants } from '../../../shared/contract/grants.ts'
import type { Grants } from '../../../shared/contract/mod.ts'
import { encodeFrame, type StompVersion } from '../../../shared/frames/mod.ts'
import { secret, startBridge, type TestBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { bodyOf, connectRaw, type RawSession, raw } from '../../support/raw-session.ts'
import { openRaw as openTcp } from '../../support/raw-stomp.ts'

let bridge: TestBridge
beforeAll(async () => {
  bridge = await startBridge({ broker: 'embedded', limits: { heartBeatMs: 100 } })
})
afterAll(() => bridge[Symbol.asyncDispose]())

const worksOnBoth: Partial<Grants> = { work: ['a.one', 'a.two'] }

const renewal = (token: string, receipt = 'new'): string =>
  raw('SEND', ['destination:/bridge/renew', `receipt:${receipt}`], token)

async function renew(session: RawSession, token: string): Promise<void> {
  session.send(renewal(token))
  expect((await session.next('RECEIPT')).header('receipt-id')).toBe('new')
}

async function subscribe(session: RawSession, id: string, destination: string): Promise<void> {
  session.send(raw('SUBSCRIBE', [`id:${id}`, `destination:${destination}`, 'ack:client-individual', `receipt:${id}`]))
  expect((await session.next('RECEIPT')).header('receipt-id')).toBe(id)
}

/** Neither the events nor the words to the session have a part of the token in them. */
function expectUnsaid(token: string, told = ''): void {
  for (const part of token.split('.')) expect(JSON.stringify(bridge.events) + told).not.toContain(part)
}

test('a session outlives its tokens, and the message that it holds is not handed out again', async () => {
  // Before the token begins to end: a password takes a while
  await using sender = await connectRaw(bridge.url, { login: 'foo', passcode: 'bar' })
  const short = (): Promise<string> => mintToken({ secret, sub: 'ada', grants: worksOnBoth, expiresInMs: 3_000 })
  const token = await short()
  await using session = await connectRaw(bridge.url, { token })
  await using shorter = await connectRaw(bridge.url, { token })
  expect(session.connected.header('drover-features')).toContain('renew')
  await subscribe(session, 's', '/queue/myapp.tasks.a.one')
  const job = ['destination:/queue/myapp.tasks.a.one', 'correlation-id:c', 'reply-to:/queue/myapp.reply.foo.m']
  sender.send(raw('SEND', job, '{}'))
  const message = await session.next('MESSAGE')
  const second = await short()
  await renew(session, second)
  await renew(shorter, second)
  await renew(session, await tokenFor('ada', worksOnBoth))
  expect((await shorter.next('ERROR')).header('message')).toContain('token has expired')
  await shorter.closed()
  session.send(raw('ACK', [`id:${message.header('ack')}`, 'receipt:acked']))
  expect((await session.next('RECEIPT')).header('receipt-id')).toBe('acked')
  sender.send(raw('SEND', job, '{"n":2}'))
  const next = await session.next('MESSAGE')
  expect([bodyOf(next), next.header('redelivered') ?? 'false']).toEqual(['{"n":2}', 'false'])
})

test('the new grants count from the RECEIPT on: more is allowed, and less', async () => {
  await using session = await connectRaw(bridge.url, { token: await tokenFor('ada', { work: ['a.one'] }) })
  await subscribe(session, 'one', '/queue/myapp.tasks.a.one')
  await renew(session, await tokenFor('ada', { work: ['a.one', 'a.two'], dispatch: ['b'] }))
  await subscribe(session, 'two', '/queue/myapp.tasks.a.two')
  session.send(raw('UNSUBSCRIBE', ['id:two']))
  const job = ['destination:/queue/myapp.tasks.b', 'correlation-id:c', 'reply-to:/queue/myapp.reply.ada.m']
  session.send(raw('SEND', [...job, 'receipt:sent'], '{}'))
  expect((await session.next('RECEIPT')).header('receipt-id')).toBe('sent')
  await renew(session, await tokenFor('ada', { work: ['a.one'] })) // an ended subscription needs no grant
  session.send(raw('SEND', job, '{}'))
  const error = await session.next('ERROR')
  expect(error.header('drover-code')).toBe('forbidden')
  expect(error.header('message')).toContain('"/queue/myapp.tasks.b"')
})

test('with operate by its new token a session sends the dead letters again that it is handed from then on', async () => {
  await using session = await connectRaw(bridge.url, { token: await tokenFor('ops', { dead: true }) })
  await subscribe(session, 'dead', '/queue/myapp.dead')
  await renew(session, await tokenFor('ops', { dead: true, operate: ['*'] }))
  await using program = await openTcp(bridge.stompUrl!)
  program.send('CONNECT', { 'accept-version': '1.2', host: '/', login: 'foo', passcode: 'bar' })
  program.send('SEND', { destination: '/queue/myapp.dead', 'correlation-id': 'c' }, '{}')
  const letter = `drover-letter:${(await session.next('MESSAGE')).header('ack')}`
  session.send(raw('SEND', ['destination:/queue/myapp.tasks.c', 'correlation-id:c', letter, 'receipt:sent'], '{}'))
  expect((await session.next('RECEIPT')).header('receipt-id')).toBe('sent')
})

test('one whose subscription is not granted any more ends, and names it', async () => {
  await using session = await connectRaw(bridge.url, { token: await tokenFor('ada', worksOnBoth) })
  await subscribe(session, 'one', '/queue/myapp.tasks.a.one')
  await subscribe(session, 'two', '/queue/myapp.tasks.a.two')
  session.send(renewal(await tokenFor('ada', { work: ['a.one'] })))
  const error = await session.next('ERROR')
  expect([error.header('drover-code'), error.header('receipt-id')]).toEqual(['forbidden', 'new'])
  expect(error.header('message')).toMatch(/new token does not grant .*"\/queue\/myapp.tasks.a.two"/)
  expect((await session.closed()).code).toBe(4403)
})

test.each<[string, (good: string) => string | Promise<string>, string, RegExp]>([
  ['of another owner', () => tokenFor('eve', allGrants), 'forbidden', /another owner/],
  ['of another namespace', () => tokenFor('ada', { ...allGrants, ns: 'other' }), 'forbidden', /another namespace/],
  ['that is none', () => 'not-a-token', 'not_authenticated', /token/],
  ['that is empty', () => '', 'not_authenticated', /no token; give the new one as its body/],
  ['with a changed signature', good => `${good.slice(0, -6)}AAAAAA`, 'not_authenticated', /./],
])('a token %s ends the session, and nobody logs it', async (_, make, code, sentence) => {
  const good = await tokenFor('ada', allGrants)
  await using session = await connectRaw(bridge.url, { token: good })
  const token = await make(good)
  session.send(renewal(token))
  const error = await session.next('ERROR')
  expect(error.header('drover-code')).toBe(code)
  expect(error.header('message')).toMatch(sentence)
  if (token !== '') expectUnsaid(token, error.header('message') + bodyOf(error))
})

test.each<StompVersion>(['1.0', '1.1', '1.2'])('a header may bring it, in STOMP %s', async version => {
  const token = await tokenFor('ada', worksOnBoth)
  await using session = await connectRaw(bridge.url, { token: await tokenFor('ada', {}), version })
  for (const [name, value] of [
    ['passcode', token],
    ['authorization', `Bearer ${token}`],
  ] as const) {
    const headers = [
      ['destination', '/bridge/renew'],
      [name, value],
      ['receipt', name],
    ] as const
    session.send(encodeFrame('SEND', headers, '', version))
    expect((await session.next('RECEIPT')).header('receipt-id')).toBe(name)
  }
  expectUnsaid(token)
})

test('one at a time: a second before the RECEIPT of the first ends the session', async () => {
  const token = await tokenFor('ada', {})
  await using session = await connectRaw(bridge.url, { token })
  session.send(renewal(token, 'first') + renewal(token, 'second'))
  const error = await session.next('ERROR')
  expect([error.header('receipt-id'), error.header('drover-code')]).toEqual(['second', 'frame_invalid'])
})
