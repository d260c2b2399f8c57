import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { open, pass } from '../../../test/support/scripted.ts'
import { systemClock } from '../../clock.ts'
import { createTcpAck } from './tcp-ack.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('an EOL leaves for the frames of a turn, once, unless something else left meanwhile', () => {
  const send = vi.fn()
  const ack = createTcpAck(systemClock, send)
  ack.heard()
  ack.heard()
  vi.runAllTimers()
  expect(send).toHaveBeenCalledTimes(1)
  ack.heard()
  vi.runAllTimers()
  expect(send).toHaveBeenCalledTimes(2)
  ack.heard()
  ack.said()
  vi.runAllTimers()
  expect(send).toHaveBeenCalledTimes(2)
  ack.heard()
  ack.stop()
  vi.runAllTimers()
  expect(send).toHaveBeenCalledTimes(2)
})

test('a link to a broker that holds small frames back sends one for a message that nothing is said to', async () => {
  const { stomp, peer } = await open({}, 'drover-dialect:classic\ndrover-owner:ada')
  let answer = (): void => {}
  stomp.subscribe({ destination: '/queue/a', ack: 'auto' }, () => answer())
  const id = peer.socket.header('SUBSCRIBE', 'id')
  const beats = async (): Promise<number> => {
    peer.socket.say(`MESSAGE\nsubscription:${id}\nmessage-id:1`)
    await pass(1)
    return peer.socket.sent.filter(frame => frame === '\n').length
  }
  expect(await beats()).toBe(1)
  answer = () => stomp.publishUnconfirmed({ destination: '/queue/b', body: '' })
  expect(await beats()).toBe(1)
})
