/** The names that a session gives are bounded: a bridge keeps each while the named thing is open. */
import { expect, test } from 'vitest'
import { startBridge, type TestBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'

const task = 'image.thumbnail'
const long = 'i'.repeat(1_001)
const longest = 'i'.repeat(1_000)
const replies = 'destination:/queue/myapp.reply.eve.m'
const job = [`destination:/queue/myapp.tasks.${task}`, 'reply-to:/queue/myapp.reply.eve.m']

test('an id, a transaction, a receipt and any other name has at most 1,000 bytes', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  for (const [name, frame] of [
    ['id', raw('SUBSCRIBE', [`id:${long}`, replies])],
    ['id', raw('UNSUBSCRIBE', [`id:${long}`])],
    ['transaction', raw('BEGIN', [`transaction:${long}`])],
    ['transaction', raw('ACK', ['id:1', `transaction:${long}`])],
    ['receipt', raw('BEGIN', ['transaction:t', `receipt:${long}`])],
    ['receipt', raw('SEND', [...job, `receipt:${long}`], '{}')],
    ['correlation-id', raw('SEND', [...job, `correlation-id:${long}`], '{}')],
    ['destination', raw('SUBSCRIBE', ['id:s', `destination:/queue/${long}`])],
    ['receipt', raw('DISCONNECT', [`receipt:${long}`])],
  ] as const) {
    await using session = await open(bridge)
    session.send(frame)
    const error = await session.next('ERROR')
    expect(error.header('drover-code'), frame.slice(0, 60)).toBe('frame_invalid')
    expect(error.header('message')).toMatch(new RegExp(`has the header ${name} with 10\\d\\d bytes; use at most 1000`))
    expect((await session.closed()).code).toBe(4400)
  }
})

test('one of 1,000 bytes passes, and an ACK may name more where the broker made it', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  await using session = await open(bridge)
  session.send(raw('SUBSCRIBE', [`id:${longest}`, replies, `receipt:${longest}`]))
  expect((await session.next('RECEIPT')).header('receipt-id')).toBe(longest)
  session.send(raw('BEGIN', [`transaction:${longest}`]))
  session.send(raw('SEND', [...job, `correlation-id:${longest}`, `transaction:${longest}`], '{}'))
  session.send(raw('COMMIT', [`transaction:${longest}`, 'receipt:r']))
  await session.next('RECEIPT')
  session.send(raw('ACK', [`id:${long}`]))
  expect((await session.next('ERROR')).header('message')).toMatch(/was not handed/)
})

const open = async ({ url }: TestBridge) => connectRaw(url, { token: await tokenFor('eve', { dispatch: [task] }) })
