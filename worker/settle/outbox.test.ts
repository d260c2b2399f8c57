import { expect, test } from 'vitest'
import { fakeStomp } from '../testing.ts'
import { Outbox } from './outbox.ts'

const message = (body: string) => ({ destination: '/queue/myapp.reply', body })

test('Outbox keeps replies in order while there is no connection, and of progress the latest', () => {
  const stomp = fakeStomp()
  const { state } = stomp
  const outbox = new Outbox(stomp, () => {})
  stomp.become({ at: 'connecting' })
  outbox.send(message('accepted'))
  outbox.send(message('10 %'), 'job 1')
  outbox.send(message('log'))
  outbox.send(message('20 %'), 'job 1')
  outbox.send(message('other'), 'job 2')
  stomp.become(state)
  outbox.flush()
  outbox.flush()
  expect(stomp.sent.map(({ body }) => body)).toEqual(['accepted', 'log', '20 %', 'other'])
})

test('Outbox is bounded: the oldest go', () => {
  const stomp = fakeStomp()
  const { state } = stomp
  const outbox = new Outbox(stomp, () => {})
  stomp.become({ at: 'connecting' })
  for (let i = 0; i < 1_500; i++) outbox.send(message(`${i}`))
  outbox.send(message('x'.repeat(4 * 1024 * 1024 - 4)))
  stomp.become(state)
  outbox.flush()
  expect(stomp.sent).toHaveLength(2)
})

test('Outbox tells of what cannot be sent, and goes on', () => {
  const stomp = fakeStomp()
  const problems: string[] = []
  const outbox = new Outbox(stomp, text => void problems.push(text))
  const { publishUnconfirmed } = stomp
  stomp.publishUnconfirmed = () => {
    throw new Error('too large')
  }
  outbox.send(message('1'))
  stomp.publishUnconfirmed = publishUnconfirmed
  outbox.send(message('2'))
  expect([problems.length, stomp.sent.length]).toEqual([1, 1])
})
