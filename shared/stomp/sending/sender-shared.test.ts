/** Frames on a link to a broker whose RECEIPT covers those before it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { open, pass } from '../../../test/support/scripted.ts'
import type { Outgoing, Stomp, Transaction } from '../stomp.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const server = 'server:drover-embedded/1'
const one: Outgoing = { destination: '/queue/a', headers: { persistent: 'true' }, body: 'x' }
const two = (transaction: Transaction): void => {
  for (const destination of ['/queue/a', '/queue/b']) transaction.publish({ ...one, destination })
}
/** The frames since CONNECT, with a `+` for each that asks for a RECEIPT. */
const framesOf = (sent: readonly string[]): string =>
  sent
    .slice(1)
    .map(frame => `${frame.split('\n')[0]}${frame.includes('\nreceipt:') ? '+' : ''}`)
    .join(' ')

const settled = (promises: readonly Promise<void>[]): Promise<unknown> =>
  Promise.race([Promise.all(promises).then(() => 'done'), pass().then(() => 'waits')])

test('transactions that come while one is under way share the next, in which COMMIT alone asks', async () => {
  const { stomp, peer } = await open({}, server)
  const all = Array.from({ length: 4 }, () => stomp.transaction(two))
  expect(framesOf(peer.socket.sent)).toBe('BEGIN SEND SEND COMMIT+')
  peer.socket.confirm('COMMIT')
  await pass()
  expect(framesOf(peer.socket.sent.slice(4))).toBe('BEGIN SEND SEND SEND SEND SEND SEND COMMIT+')
  peer.socket.confirm('COMMIT')
  expect(await settled(all)).toBe('done')
})

test('many that wait leave before the one that is under way is confirmed', async () => {
  const { stomp, peer } = await open({}, server)
  const all = Array.from({ length: 17 }, () => stomp.transaction(two))
  expect(peer.socket.sent.filter(frame => frame.startsWith('COMMIT')).length).toBe(2)
  peer.socket.end()
  await Promise.allSettled(all)
})

test('a fence does not wait for the group that is under way', async () => {
  const { stomp, peer } = await open({}, server)
  const all = [stomp.transaction(two), stomp.transaction(() => {})]
  expect(framesOf(peer.socket.sent)).toBe('BEGIN SEND SEND COMMIT+ BEGIN COMMIT+')
  peer.socket.end()
  await Promise.allSettled(all)
})

test('one that is to be alone, and one that may be refused by a RECEIPT, share nothing', async () => {
  const { stomp, peer } = await open({}, server)
  const told = { ...one, headers: { ...one.headers, 'on-full': 'receipt' } }
  const send = (it: Stomp): Promise<void>[] => [
    it.transaction(two),
    it.transaction(two, { isAlone: true }),
    it.transaction(transaction => {
      two(transaction)
      transaction.publish(told)
    }),
  ]
  const all = send(stomp)
  expect(framesOf(peer.socket.sent)).toBe('BEGIN SEND SEND COMMIT+ BEGIN SEND+ SEND+ COMMIT+ BEGIN SEND+ SEND+ SEND+')
  peer.socket.end()
  await Promise.allSettled(all)
})

test('a SEND asks for no RECEIPT while one is under way, and a fence does so after it', async () => {
  const { stomp, peer } = await open({}, server)
  const all = [stomp.publish(one), stomp.publish(one), stomp.publish(one)]
  expect(framesOf(peer.socket.sent)).toBe('SEND+ SEND SEND')
  peer.socket.say(`RECEIPT\nreceipt-id:${/\nreceipt:(.*)/.exec(peer.socket.sent[1] ?? '')?.[1]}`)
  await pass(1)
  expect(framesOf(peer.socket.sent)).toBe('SEND+ SEND SEND BEGIN COMMIT+')
  peer.socket.confirm('COMMIT')
  expect(await settled(all)).toBe('done')
})

test('behind a bridge, which may refuse a frame for its grants, each is told of by itself', async () => {
  const { stomp, peer } = await open({}, `${server}\ndrover-owner:foo\ndrover-dialect:embedded`)
  const all = [stomp.publish(one), stomp.publish(one), stomp.transaction(two)]
  expect(framesOf(peer.socket.sent)).toBe('SEND+ SEND+ BEGIN SEND+ SEND+ COMMIT+')
  peer.socket.end()
  await Promise.allSettled(all)
})
