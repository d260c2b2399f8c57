/** However a session ends, its owner has the places again. */
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { startBridge, tokenFor } from '../../../support/bridges/bridges.ts'
import { connectRaw, openRaw, type RawSession, raw } from '../../../support/raw-session.ts'

const grants = { dispatch: ['*'], observe: ['*'] }
const subscribe = (id: string, destination = '/topic/myapp.events.a'): string =>
  raw('SUBSCRIBE', [`id:${id}`, `destination:${destination}`, `receipt:${id}`])
const limits = { maxOwnerSessions: 2, maxOwnerSubscriptions: 2, maxOwnerReplyQueues: 1, maxOwnerTransactions: 1 }

/** Takes all that one owner may have. */
async function takeAll(url: string, token: string): Promise<RawSession> {
  const session = await connectRaw(url, { token })
  session.send(
    subscribe('a') + subscribe('b', '/queue/myapp.reply.ada.m') + raw('BEGIN', ['transaction:t', 'receipt:t']),
  )
  for (const id of ['a', 'b', 't']) expect((await session.next('RECEIPT')).header('receipt-id')).toBe(id)
  return session
}

type End = (session: RawSession, url: string, token: string) => unknown

const ends: Readonly<Record<string, End>> = {
  DISCONNECT: session => session.send(raw('DISCONNECT', [])),
  'a close': session => session.socket.close(),
  'a kill': session => session.socket.terminate(),
  'a frame that is none': session => session.send('no frame\n\n\0'),
  'a refused SEND': session => session.send(raw('SEND', ['destination:/queue/elsewhere'])),
  'one subscription too many': session => session.send(subscribe('c')),
  'one transaction too many': session => session.send(raw('BEGIN', ['transaction:u'])),
  'a token that is revoked': async (_, url, token) => {
    const authorization = `Bearer ${await tokenFor('ops', { admin: true })}`
    const body = JSON.stringify({ jti: decodeJwt(token).jti })
    expect((await fetch(`${url}/revoke`, { method: 'POST', headers: { authorization }, body })).status).toBe(200)
  },
  'a new token with fewer grants': async session =>
    session.send(raw('SEND', ['destination:/bridge/renew'], await tokenFor('ada', { dispatch: ['*'] }))),
}

test('each end of a session gives back all that it had, whoever ended it', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits })
  // It stays, and with it the owner's counts
  await using _other = await connectRaw(bridge.url, { token: await tokenFor('ada', grants) })
  for (const [name, end] of Object.entries(ends)) {
    const token = await tokenFor('ada', grants)
    const session = await takeAll(bridge.url, token)
    await end(session, bridge.url, token)
    await session.closed()
    const ended = (): number => bridge.events.filter(({ type }) => type === 'session_closed').length
    const before = Object.keys(ends).indexOf(name)
    await expect.poll(ended, { message: `the end by ${name}` }).toBe(before + 1)
  }
  await using last = await takeAll(bridge.url, await tokenFor('ada', grants))
  // A new token takes no more places, and gives none back
  last.send(raw('SEND', ['destination:/bridge/renew', 'receipt:new'], await tokenFor('ada', grants)))
  await last.next('RECEIPT')
  last.send(subscribe('c'))
  expect((await last.next('ERROR')).header('message')).toContain('max_owner_subscriptions')
})

test('a CONNECT that comes to nothing takes no place', async () => {
  await using bridge = await startBridge({ broker: 'stomp://a:b@127.0.0.1:1', limits })
  for (let tries = 0; tries < 3; tries++) {
    await using session = await openRaw(bridge.url)
    session.send(raw('CONNECT', ['accept-version:1.2', `passcode:${await tokenFor('ada', grants)}`]))
    expect((await session.next('ERROR')).header('drover-code')).toBe('broker_unreachable')
    await session.closed()
  }
  expect(await (await fetch(`${bridge.url}/health`)).json()).toMatchObject({ sessions: 0 })
})
