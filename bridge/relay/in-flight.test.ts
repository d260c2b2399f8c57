import { expect, test } from 'vitest'
import type { StompVersion } from '../../shared/frames/mod.ts'
import { InFlight } from './in-flight.ts'

interface OpenedSession {
  readonly inFlight: InFlight
  /** @returns whether it is let through */
  readonly ack: (id: string, transaction?: string, command?: string) => boolean
}

/** Subscribed as `s`, and handed `a`, `b` and `c`. */
function open(version: StompVersion, ack: string, most = 1_000): OpenedSession {
  const inFlight = new InFlight(version, most)
  inFlight.subscribed('s', ack)
  for (const id of ['a', 'b', 'c']) if (inFlight.counts('s')) inFlight.add('s', id)
  return {
    inFlight,
    ack(id, transaction, command = 'ACK') {
      try {
        inFlight.acknowledge({ command, id, subscription: version === '1.2' ? undefined : 's', transaction })
        return true
      } catch (error) {
        expect(error).toMatchObject({ code: 'frame_invalid', message: expect.stringContaining(JSON.stringify(id)) })
        return false
      }
    },
  }
}

test.each(['1.1', '1.2'] as const)(
  '%s: a message that was handed out is acknowledged once, and nothing else is',
  version => {
    const each = open(version, 'client-individual')
    expect(['b', 'b', 'a', 'nope', 'c'].map(id => each.ack(id))).toEqual([true, false, true, false, true])
    const upTo = open(version, 'client')
    expect(['b', 'a', 'b', 'c'].map(id => upTo.ack(id))).toEqual([true, false, false, true])
    const refused = open(version, 'client') // of brokers, some take a NACK for all before it and some for one
    expect(['c', 'c', 'a'].map(id => refused.ack(id, undefined, 'NACK'))).toEqual([true, false, true])
    const auto = open(version, 'auto')
    expect(auto.ack('a')).toBe(false)
  },
)

test.each(['1.1', '1.2'] as const)('%s: in a transaction it waits for COMMIT; after ABORT it is as before', version => {
  const { inFlight, ack } = open(version, 'client')
  expect(ack('b', 't')).toBe(true)
  expect(ack('b')).toBe(false)
  expect(ack('b', 'u')).toBe(false)
  inFlight.transactionEnded('t', false)
  expect(ack('a')).toBe(true)
  expect(ack('b', 't')).toBe(true)
  inFlight.transactionEnded('t', true)
  expect(ack('b')).toBe(false)
  expect(ack('c')).toBe(true)
  inFlight.add('s', 'c') // came once more
  expect(ack('c')).toBe(true)
})

test('one message by two subscriptions is acknowledged for each', () => {
  const inFlight = new InFlight('1.1', 100)
  for (const subscription of ['s', 'z']) {
    inFlight.subscribed(subscription, 'client')
    inFlight.add(subscription, 'a')
  }
  const ack = (subscription: string) => () =>
    inFlight.acknowledge({ command: 'ACK', id: 'a', subscription, transaction: undefined })
  expect(ack('z')).not.toThrow()
  expect(ack('z')).toThrow('of subscription "z"')
  expect(ack('s')).not.toThrow()
  expect(ack('other')).toThrow('of subscription "other"')
})

test.each(['1.1', '1.2'] as const)(
  '%s: messages that an ended subscription left, or still brings, are for the broker to judge; of many, the newest',
  version => {
    const { inFlight, ack } = open(version, 'client-individual')
    inFlight.unsubscribed('s')
    expect(ack('b')).toBe(true)
    expect(inFlight.counts('s')).toBe(true)
    inFlight.add('s', 'late')
    expect(ack('late')).toBe(true)
    for (let n = 0; n < 200; n++) {
      inFlight.subscribed(`n${n}`, 'client')
      inFlight.add(`n${n}`, `of ${n}`)
      inFlight.unsubscribed(`n${n}`)
    }
    expect(ack('a')).toBe(false)
    const last = { command: 'ACK', id: 'of 199', subscription: 'n199', transaction: undefined }
    expect(() => inFlight.acknowledge(last)).not.toThrow()
  },
)

test('past the limit nothing more is remembered, and the broker judges the others', () => {
  const { inFlight, ack } = open('1.2', 'client-individual', 2)
  expect(ack('c')).toBe(true)
  expect(ack('a')).toBe(true)
  inFlight.add('s', 'd')
  expect(ack('d')).toBe(true)
  expect(ack('nope')).toBe(true)
})

test('a message that is handed out once more is behind the others', () => {
  const { inFlight, ack } = open('1.2', 'client')
  inFlight.add('s', 'a')
  expect(['c', 'a', 'a'].map(id => ack(id))).toEqual([true, true, false])
})
