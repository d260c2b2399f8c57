import { expect, test } from 'vitest'
import { HandedOut } from './handed-out.ts'

const ack = (id: string, transaction?: string) => ({ command: 'ACK', id, subscription: undefined, transaction })

test('a job may be sent on once for each delivery that waits for its ACK', () => {
  const handedOut = new HandedOut('1.2', 100)
  const { moves } = handedOut
  handedOut.subscribed('s', 'client-individual')
  expect(moves.take('p', undefined), 'not handed to this session').toBe(false)
  handedOut.add('s', '1', 'p')
  handedOut.add('s', '1', 'p')
  expect(moves.take('q', undefined), 'another pass').toBe(false)
  expect(moves.take('p', undefined)).toBe(true)
  expect(moves.take('p', undefined), 'twice').toBe(false)
  handedOut.acknowledge(ack('1'))
  expect(moves.take('p', undefined), 'after its ACK').toBe(false)
  handedOut.add('s', '2', 'p')
  handedOut.add('s', '3', 'p')
  expect([moves.take('p', undefined), moves.take('p', undefined), moves.take('p', undefined)]).toEqual([
    true,
    true,
    false,
  ])
})

test('what an ABORT takes back was not sent on', () => {
  const handedOut = new HandedOut('1.2', 100)
  const { moves } = handedOut
  handedOut.subscribed('s', 'client-individual')
  handedOut.add('s', '1', 'p')
  expect(moves.take('p', 't')).toBe(true)
  handedOut.acknowledge(ack('1', 't'))
  handedOut.transactionEnded('t', false)
  expect(moves.take('p', 'u')).toBe(true)
  handedOut.acknowledge(ack('1', 'u'))
  handedOut.transactionEnded('u', true)
  expect(moves.take('p', undefined)).toBe(false)
})

test('where an ACK is one of all before it, what is passed over is acknowledged only when none of those waits', () => {
  const handedOut = new HandedOut('1.2', 100)
  handedOut.subscribed('all', 'client')
  handedOut.subscribed('one', 'client-individual')
  expect(handedOut.mayPassOver('all')).toBe(true)
  handedOut.add('all', '1')
  handedOut.add('one', '2')
  expect([handedOut.mayPassOver('all'), handedOut.mayPassOver('one')]).toEqual([false, true])
  handedOut.acknowledge(ack('1'))
  expect(handedOut.mayPassOver('all')).toBe(true)
})
