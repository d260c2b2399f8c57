import { expect, test } from 'vitest'
import { InFlight } from './in-flight.ts'

const ack = (id: string, transaction?: string) => ({ command: 'ACK', id, subscription: undefined, transaction })

test('a job may be sent on once for each delivery that waits for its ACK', () => {
  const inFlight = new InFlight('1.2', 100)
  const { republishQuota } = inFlight
  inFlight.subscribed('s', 'client-individual')
  expect(republishQuota.use('p', undefined), 'not handed to this session').toBe(false)
  inFlight.add('s', '1', 'p')
  inFlight.add('s', '1', 'p')
  expect(republishQuota.use('q', undefined), 'another pass').toBe(false)
  expect(republishQuota.use('p', undefined)).toBe(true)
  expect(republishQuota.use('p', undefined), 'twice').toBe(false)
  inFlight.acknowledge(ack('1'))
  expect(republishQuota.use('p', undefined), 'after its ACK').toBe(false)
  inFlight.add('s', '2', 'p')
  inFlight.add('s', '3', 'p')
  expect([
    republishQuota.use('p', undefined),
    republishQuota.use('p', undefined),
    republishQuota.use('p', undefined),
  ]).toEqual([true, true, false])
})

test('a republish that an ABORT takes back does not count', () => {
  const inFlight = new InFlight('1.2', 100)
  const { republishQuota } = inFlight
  inFlight.subscribed('s', 'client-individual')
  inFlight.add('s', '1', 'p')
  expect(republishQuota.use('p', 't')).toBe(true)
  inFlight.acknowledge(ack('1', 't'))
  inFlight.transactionEnded('t', false)
  expect(republishQuota.use('p', 'u')).toBe(true)
  inFlight.acknowledge(ack('1', 'u'))
  inFlight.transactionEnded('u', true)
  expect(republishQuota.use('p', undefined)).toBe(false)
})

test('where an ACK is one of all before it, a message that is passed over is acknowledged only when none of those waits', () => {
  const inFlight = new InFlight('1.2', 100)
  inFlight.subscribed('all', 'client')
  inFlight.subscribed('one', 'client-individual')
  expect(inFlight.mayPassOver('all')).toBe(true)
  inFlight.add('all', '1')
  inFlight.add('one', '2')
  expect([inFlight.mayPassOver('all'), inFlight.mayPassOver('one')]).toEqual([false, true])
  inFlight.acknowledge(ack('1'))
  expect(inFlight.mayPassOver('all')).toBe(true)
})
