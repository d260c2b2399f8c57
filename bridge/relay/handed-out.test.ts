import { expect, test } from 'vitest'
import type { StompVersion } from '../../shared/frames/mod.ts'
import { HandedOut } from './handed-out.ts'

interface Session {
  readonly handedOut: HandedOut
  /** @returns whether it is let through */
  readonly ack: (id: string, transaction?: string, command?: string) => boolean
}

/** Subscribed as `s`, and handed `a`, `b` and `c`. */
function open(version: StompVersion, ack: string, most = 1_000): Session {
  const handedOut = new HandedOut(version, most)
  handedOut.subscribed('s', ack)
  for (const id of ['a', 'b', 'c']) if (handedOut.counts('s')) handedOut.add('s', id)
  return {
    handedOut,
    ack(id, transaction, command = 'ACK') {
      try {
        handedOut.acknowledge({ command, id, subscription: version === '1.2' ? undefined : 's', transaction })
        return true
      } catch (error) {
        expect(error).toMatchObject({ code: 'frame_invalid', message: expect.stringContaining(JSON.stringify(id)) })
        return false
      }
    },
  }
}

test.each(['1.1', '1.2'] as const)('%s: what was handed out is acknowledged once, and nothing else is', version => {
  const each = open(version, 'client-individual')
  expect(['b', 'b', 'a', 'nope', 'c'].map(id => each.ack(id))).toEqual([true, false, true, false, true])
  const upTo = open(version, 'client')
  expect(['b', 'a', 'b', 'c'].map(id => upTo.ack(id))).toEqual([true, false, false, true])
  const refused = open(version, 'client') // of brokers, some take a NACK for all before it and some for one
  expect(['c', 'c', 'a'].map(id => refused.ack(id, undefined, 'NACK'))).toEqual([true, false, true])
  const auto = open(version, 'auto')
  expect(auto.ack('a')).toBe(false)
})

test.each(['1.1', '1.2'] as const)('%s: in a transaction it waits for COMMIT; after ABORT it is as before', version => {
  const { handedOut, ack } = open(version, 'client')
  expect(ack('b', 't')).toBe(true)
  expect(ack('b')).toBe(false)
  expect(ack('b', 'u')).toBe(false)
  handedOut.transactionEnded('t', false)
  expect(ack('a')).toBe(true)
  expect(ack('b', 't')).toBe(true)
  handedOut.transactionEnded('t', true)
  expect(ack('b')).toBe(false)
  expect(ack('c')).toBe(true)
  handedOut.add('s', 'c') // came once more
  expect(ack('c')).toBe(true)
})

test('one message by two subscriptions is acknowledged for each', () => {
  const handedOut = new HandedOut('1.1', 100)
  for (const subscription of ['s', 'z']) {
    handedOut.subscribed(subscription, 'client')
    handedOut.add(subscription, 'a')
  }
  const ack = (subscription: string) => () =>
    handedOut.acknowledge({ command: 'ACK', id: 'a', subscription, transaction: undefined })
  expect(ack('z')).not.toThrow()
  expect(ack('z')).toThrow('of subscription "z"')
  expect(ack('s')).not.toThrow()
  expect(ack('other')).toThrow('of subscription "other"')
})

test.each(['1.1', '1.2'] as const)(
  '%s: what an ended subscription left, or still brings, is for the broker to judge; of many, the newest',
  version => {
    const { handedOut, ack } = open(version, 'client-individual')
    handedOut.unsubscribed('s')
    expect(ack('b')).toBe(true)
    expect(handedOut.counts('s')).toBe(true)
    handedOut.add('s', 'late')
    expect(ack('late')).toBe(true)
    for (let n = 0; n < 200; n++) {
      handedOut.subscribed(`n${n}`, 'client')
      handedOut.add(`n${n}`, `of ${n}`)
      handedOut.unsubscribed(`n${n}`)
    }
    expect(ack('a')).toBe(false)
    const last = { command: 'ACK', id: 'of 199', subscription: 'n199', transaction: undefined }
    expect(() => handedOut.acknowledge(last)).not.toThrow()
  },
)

test('past the limit nothing more is remembered, and the broker judges what is not known', () => {
  const { handedOut, ack } = open('1.2', 'client-individual', 2)
  expect(ack('c')).toBe(true)
  expect(ack('a')).toBe(true)
  handedOut.add('s', 'd')
  expect(ack('d')).toBe(true)
  expect(ack('nope')).toBe(true)
})
