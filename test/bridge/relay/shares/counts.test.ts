/** The limits of one owner, and of one address. Up to a limit all is well, and one more is refused. */
import { expect, test } from 'vitest'
import type { Grants } from '../../../../shared/contract/mod.ts'
import { secret, startBridge, type TestBridge, tokenFor } from '../../../support/bridges/bridges.ts'
import { bodyOf, connectRaw, openRaw, type RawSession, raw } from '../../../support/raw-session.ts'
import { fullnessOf, hitsOf } from './hits.ts'

const grants: Partial<Grants> = { dispatch: ['*'], work: ['*'], observe: ['*'] }
/** A proxy on this machine comes from 127.0.0.1; these are two others. */
const [here, there] = ['127.0.0.2', '127.0.0.3']
const metrics = { port: 0 }

const connect = async ({ url }: TestBridge, owner: string, from?: string) =>
  await connectRaw(url, { token: await tokenFor(owner, grants), from })

/** The end of a session that is not let in. */
async function refused({ url }: TestBridge, owner: string, from?: string): Promise<readonly unknown[]> {
  await using session = await openRaw(url, { from })
  session.send(raw('CONNECT', ['accept-version:1.2', `passcode:${await tokenFor(owner, grants)}`]))
  return await endOf(session)
}

/** The session's end: the code, the sentence and the close. */
async function endOf(session: RawSession): Promise<readonly unknown[]> {
  const error = await session.next('ERROR')
  return [error.header('drover-code'), bodyOf(error).trim(), (await session.closed()).code]
}

/** Sends frames and waits until the broker has taken them. */
async function done(session: RawSession, ...frames: string[]): Promise<void> {
  session.send(
    frames.join('') + raw('BEGIN', ['transaction:done', 'receipt:done']) + raw('ABORT', ['transaction:done']),
  )
  await session.next('RECEIPT')
}

const noRoom = (whose: string, what: string, limit: string): readonly unknown[] => [
  'queue_full',
  expect.stringMatching(new RegExp(`^No room: ${whose} would have ${what}; .*limit is .* \\(${limit}\\); end some`)),
  1013,
]

test('sessions: of one owner, and of one address that is not a proxy on this machine', async () => {
  await using bridge = await startBridge({
    broker: 'embedded',
    limits: { maxOwnerSessions: 2, maxAddressSessions: 3 },
    metrics,
  })
  await using first = await connect(bridge, 'ada', here)
  await using _second = await connect(bridge, 'ada', there)
  expect(await refused(bridge, 'ada')).toEqual([
    'queue_full',
    "No room: ada would have 3 sessions; one owner's limit is 2 (max_owner_sessions); end some first, or try again later",
    1013,
  ])
  await using _third = await connect(bridge, 'bob', here)
  await using _fourth = await connect(bridge, 'eve', here)
  const tooMany = noRoom('this address', '4 sessions', 'max_address_sessions')
  expect(await refused(bridge, 'eve', here)).toEqual(tooMany)
  await using _fifth = await connect(bridge, 'eve', there)
  await using _sixth = await connect(bridge, 'guy', there)
  expect(await refused(bridge, 'guy', there)).toEqual(tooMany)
  // By a proxy on this machine everybody has its address
  await using many = new AsyncDisposableStack()
  for (const owner of ['k', 'l', 'm', 'n', 'o']) many.use(await connect(bridge, owner))
  // A socket that is killed gives its place back
  first.socket.terminate()
  const again = async (): Promise<string> => {
    await using session = await connect(bridge, 'ada', here)
    return session.connected.command
  }
  await expect.poll(() => again().catch(String)).toBe('CONNECTED')
  expect(await hitsOf(bridge)).toMatchObject({ max_owner_sessions: expect.any(Number), max_address_sessions: 2 })
})

const subscribe = (id: string, destination = `/topic/myapp.events.${id}`): string =>
  raw('SUBSCRIBE', [`id:${id}`, `destination:${destination}`])
const unsubscribe = (id: string): string => raw('UNSUBSCRIBE', [`id:${id}`])

test('subscriptions: an UNSUBSCRIBE and the end of a session give them back', async () => {
  await using bridge = await startBridge({
    broker: 'embedded',
    limits: { maxOwnerSubscriptions: 3, maxAddressSubscriptions: 4 },
    metrics,
  })
  await using first = await connect(bridge, 'ada', here)
  await using second = await connect(bridge, 'ada', here)
  await using other = await connect(bridge, 'bob', here)
  await done(first, subscribe('a'), subscribe('b'))
  await done(second, subscribe('a'))
  expect(await fullnessOf(bridge)).toMatchObject({
    max_sessions: 3 / 10_000,
    max_owner_subscriptions: 1,
    max_address_subscriptions: 3 / 4,
    max_owner_sessions: 2 / 5_000,
    max_owner_transactions: 0,
  })
  first.send(subscribe('c'))
  expect(await endOf(first)).toEqual(noRoom('ada', '4 subscriptions', 'max_owner_subscriptions'))
  await done(second, subscribe('b'), subscribe('c'), unsubscribe('a'), subscribe('d'))
  await done(other, subscribe('a'), unsubscribe('a'), subscribe('a'))
  other.send(subscribe('b'))
  expect(await endOf(other)).toEqual(noRoom('this address', '5 subscriptions', 'max_address_subscriptions'))
  await using elsewhere = await connect(bridge, 'bob', there)
  await done(elsewhere, subscribe('a'), subscribe('b'), subscribe('c'))
  expect(await hitsOf(bridge)).toEqual({ max_owner_subscriptions: 1, max_address_subscriptions: 1 })
})

test('a reload changes what an owner may have, also for sessions that are open', async () => {
  const options = { broker: 'embedded', port: 0, stompPort: 0, secret }
  await using bridge = await startBridge({ ...options, limits: { maxOwnerSubscriptions: 1 } })
  await using session = await connect(bridge, 'ada')
  await done(session, subscribe('a'))
  const limits = { maxOwnerSubscriptions: 2 }
  expect(bridge.reload({ ...options, limits }).changed).toContain('limits.maxOwnerSubscriptions')
  await done(session, subscribe('b'))
  session.send(subscribe('c'))
  expect(await endOf(session)).toEqual(noRoom('ada', '3 subscriptions', 'max_owner_subscriptions'))
})

const replies = (owner: string, master: string): string => subscribe(master, `/queue/myapp.reply.${owner}.${master}`)

test('reply queues: one that a newer session takes over needs no room, and an ended one counts until the session ends', async () => {
  await using bridge = await startBridge({
    broker: 'embedded',
    limits: { maxOwnerReplyQueues: 2, maxAddressReplyQueues: 3 },
    metrics,
  })
  await using first = await connect(bridge, 'ada', here)
  await done(first, replies('ada', 'm'), unsubscribe('m'), replies('ada', 'm'), replies('ada', 'n'))
  await using second = await connect(bridge, 'ada', there)
  await done(second, replies('ada', 'm'))
  expect((await endOf(first))[0]).toBe('session_replaced')
  await done(second, replies('ada', 'o'), unsubscribe('o'))
  second.send(replies('ada', 'p'))
  expect(await endOf(second)).toEqual(noRoom('ada', '3 reply queues', 'max_owner_reply_queues'))
  await using third = await connect(bridge, 'ada', here)
  await done(third, replies('ada', 'p'), replies('ada', 'q'))
  await using other = await connect(bridge, 'bob', here)
  await done(other, replies('bob', 'm'))
  other.send(replies('bob', 'n'))
  expect(await endOf(other)).toEqual(noRoom('this address', '4 reply queues', 'max_address_reply_queues'))
  expect(await hitsOf(bridge)).toEqual({ max_owner_reply_queues: 1, max_address_reply_queues: 1 })
})

const begin = (id: string): string => raw('BEGIN', [`transaction:${id}`])
const end = (command: 'COMMIT' | 'ABORT', id: string): string => raw(command, [`transaction:${id}`])

test('open transactions: COMMIT, ABORT and the end of a session give them back', async () => {
  await using bridge = await startBridge({
    broker: 'embedded',
    // One more for those that ask whether all before arrived
    limits: { maxOwnerTransactions: 3, maxAddressTransactions: 4 },
    metrics,
  })
  await using first = await connect(bridge, 'ada', here)
  await using second = await connect(bridge, 'ada', here)
  await using other = await connect(bridge, 'bob', here)
  await done(first, begin('a'), end('COMMIT', 'a'), begin('b'), end('ABORT', 'b'), begin('c'))
  await done(second, begin('a'))
  second.send(begin('b') + begin('c'))
  expect(await endOf(second)).toEqual(noRoom('ada', '4 open transactions', 'max_owner_transactions'))
  await using third = await connect(bridge, 'ada', here)
  await done(third, begin('a'))
  await done(other, begin('a'))
  other.send(begin('b') + begin('c'))
  expect(await endOf(other)).toEqual(noRoom('this address', '5 open transactions', 'max_address_transactions'))
  expect(await hitsOf(bridge)).toEqual({ max_owner_transactions: 1, max_address_transactions: 1 })
})

test('bytes in open transactions: from each frame to COMMIT, ABORT or the end of the session', async () => {
  const frame = (transaction: string, bytes: number): string => {
    const begun = raw('SEND', [
      'destination:/queue/myapp.tasks.a',
      'correlation-id:c',
      'reply-to:/queue/myapp.reply.ada.m',
      `transaction:${transaction}`,
    ])
    return begun.replace('\0', `${'x'.repeat(bytes - begun.length)}\0`)
  }
  await using bridge = await startBridge({
    broker: 'embedded',
    limits: { maxOwnerTransactionBytes: 10_000, maxAddressTransactionBytes: 15_000 },
    metrics,
  })
  await using first = await connect(bridge, 'ada', here)
  await done(
    first,
    begin('a'),
    frame('a', 10_000),
    end('COMMIT', 'a'),
    begin('a'),
    frame('a', 5_000),
    frame('a', 5_000),
  )
  await done(first, end('ABORT', 'a'), begin('b'), begin('c'), frame('c', 4_000), frame('b', 4_000), end('COMMIT', 'b'))
  await using second = await connect(bridge, 'ada', here)
  await done(second, begin('a'), frame('a', 6_000))
  second.send(frame('a', 300))
  expect(await endOf(second)).toEqual(noRoom('ada', '10300 bytes in open transactions', 'max_owner_transaction_bytes'))
  await using third = await connect(bridge, 'ada', here)
  await done(third, begin('a'), frame('a', 6_000))
  await using other = await connect(bridge, 'bob', here)
  other.send(begin('a') + frame('a', 6_000).replace('ada', 'bob'))
  expect(await endOf(other)).toEqual(
    noRoom('this address', '16000 bytes in open transactions', 'max_address_transaction_bytes'),
  )
  // No byte of a transaction counts outside of one
  await done(third, ...Array.from({ length: 4 }, () => frame('a', 6_000).replace('transaction:a\n', '')))
  expect(await hitsOf(bridge)).toEqual({ max_owner_transaction_bytes: 1, max_address_transaction_bytes: 1 })
})
