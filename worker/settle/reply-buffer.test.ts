import { expect, test } from 'vitest'
import { fakeStomp } from '../testing.ts'
import { ReplyBuffer } from './reply-buffer.ts'

const message = (body: string) => ({ destination: '/queue/myapp.reply', body })

test('ReplyBuffer keeps replies in order while there is no connection, and of progress the latest', () => {
  const stomp = fakeStomp()
  const { state } = stomp
  const replyBuffer = new ReplyBuffer(stomp, () => {})
  stomp.become({ at: 'connecting' })
  replyBuffer.send(message('accepted'))
  replyBuffer.send(message('10 %'), 'job 1')
  replyBuffer.send(message('log'))
  replyBuffer.send(message('20 %'), 'job 1')
  replyBuffer.send(message('other'), 'job 2')
  stomp.become(state)
  replyBuffer.flush()
  replyBuffer.flush()
  expect(stomp.sent.map(({ body }) => body)).toEqual(['accepted', 'log', '20 %', 'other'])
})

test('ReplyBuffer is bounded: the oldest go', () => {
  const stomp = fakeStomp()
  const { state } = stomp
  const replyBuffer = new ReplyBuffer(stomp, () => {})
  stomp.become({ at: 'connecting' })
  for (let i = 0; i < 1_500; i++) replyBuffer.send(message(`${i}`))
  replyBuffer.send(message('x'.repeat(4 * 1024 * 1024 - 4)))
  stomp.become(state)
  replyBuffer.flush()
  expect(stomp.sent).toHaveLength(2)
})

test('ReplyBuffer tells of a reply that cannot be sent, and goes on', () => {
  const stomp = fakeStomp()
  const problems: string[] = []
  const replyBuffer = new ReplyBuffer(stomp, text => void problems.push(text))
  const { publishUnconfirmed } = stomp
  stomp.publishUnconfirmed = () => {
    throw new Error('too large')
  }
  replyBuffer.send(message('1'))
  stomp.publishUnconfirmed = publishUnconfirmed
  replyBuffer.send(message('2'))
  expect([problems.length, stomp.sent.length]).toEqual([1, 1])
})
