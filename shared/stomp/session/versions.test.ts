/** The version of STOMP that is spoken, and the escapes of 1.1. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { open, pass, start } from '../../../test/support/scripted.ts'
import { artemis } from '../dialects/mod.ts'
import type { Incoming } from '../stomp.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const server = 'server:ActiveMQ-Artemis/2.44.0'

test('a broker that is better spoken to in 1.1 is connected to again in it, at once, and first in it from then on', async () => {
  const { stomp, peer } = await start()
  const states: string[] = []
  stomp.onState(({ at }) => states.push(at))
  stomp.subscribe({ destination: '/queue/a' }, () => {})
  peer.socket.open()
  expect(peer.socket.header('CONNECT', 'accept-version')).toBe('1.2,1.1,1.0')
  peer.socket.say(`CONNECTED\nversion:1.2\n${server}`)
  peer.socket.confirm('DISCONNECT')
  await pass()
  expect(peer.sockets[0]?.last('SUBSCRIBE')).toBeUndefined()
  peer.socket.open()
  expect(peer.socket.header('CONNECT', 'accept-version')).toBe('1.1,1.0')
  peer.socket.say(`CONNECTED\nversion:1.1\n${server}`)
  expect(peer.socket.last('SUBSCRIBE')).toBeDefined()
  expect(states).toEqual(['open'])
  peer.socket.end()
  await pass(250)
  peer.socket.open()
  expect(peer.socket.header('CONNECT', 'accept-version')).toBe('1.1,1.0')
})

test('a broker that does not confirm the end of the first connection is connected to again all the same', async () => {
  const { peer } = await start({ receiptTimeoutMs: 1000 })
  peer.socket.open()
  peer.socket.say(`CONNECTED\nversion:1.2\n${server}`)
  await pass(1000)
  expect(peer.sockets).toHaveLength(2)
})

test('close() while the version changes is the end', async () => {
  const { stomp, peer } = await start()
  peer.socket.open()
  peer.socket.say(`CONNECTED\nversion:1.2\n${server}`)
  const closed = stomp.close()
  peer.socket.confirm('DISCONNECT')
  await closed
  await pass(60_000)
  expect([peer.sockets.length, vi.getTimerCount()]).toEqual([1, 0])
})

test('a broker that says a version that was not offered is taken as it is', async () => {
  const { stomp, peer } = await start({ dialect: artemis })
  peer.socket.open()
  expect(peer.socket.header('CONNECT', 'accept-version')).toBe('1.1,1.0')
  peer.socket.say(`CONNECTED\nversion:1.2\n${server}`)
  expect([stomp.state.at, peer.sockets.length]).toEqual(['open', 1])
})

test('a bridge has chosen the version: it is not connected to again', async () => {
  const { stomp, peer } = await open({}, 'server:drover-bridge/1\ndrover-dialect:artemis\ndrover-owner:ada')
  expect([stomp.state.at, peer.sockets.length]).toEqual(['open', 1])
})

test('in 1.1 header values are escaped and unescaped, and an ACK names its message as it came', async () => {
  const { stomp, peer } = await start({ dialect: artemis })
  peer.socket.open()
  peer.socket.say(`CONNECTED\nversion:1.1\n${server}`)
  const seen: Incoming[] = []
  stomp.subscribe({ destination: '/queue/a:b', headers: () => ({ selector: "x = ':'" }) }, message =>
    seen.push(message),
  )
  expect(peer.socket.header('SUBSCRIBE', 'destination')).toBe('/queue/a\\cb')
  expect(peer.socket.header('SUBSCRIBE', 'selector')).toBe("x = '\\c'")
  const id = peer.socket.header('SUBSCRIBE', 'id')
  peer.socket.say(`MESSAGE\nsubscription:${id}\nmessage-id:1\\c2\nx:a\\cb\\\\c\\nd\ndestination:/queue/a\\cb`)
  expect(seen[0]?.headers).toMatchObject({ x: 'a:b\\c\nd', destination: '/queue/a:b' })
  seen[0]?.ack()
  expect(peer.socket.header('ACK', 'message-id')).toBe('1\\c2')
  stomp.publishUnconfirmed({ destination: '/queue/a:b', headers: { x: 'a:b\\c\nd' }, body: '' })
  expect(peer.socket.header('SEND', 'destination')).toBe('/queue/a\\cb')
  expect(peer.socket.header('SEND', 'x')).toBe('a\\cb\\\\c\\nd')
  const refused = stomp.publish({ destination: '/queue/a', headers: { x: 'a\rb' }, body: '' })
  await expect(refused).rejects.toMatchObject({ code: 'frame_invalid', message: expect.stringContaining('STOMP 1.1') })
})

test('in 1.1 an ERROR is shown as its broker meant it', async () => {
  const { stomp, peer } = await start({ dialect: artemis })
  peer.socket.open()
  peer.socket.say(`CONNECTED\nversion:1.1\n${server}`)
  const refused = expect(stomp.publish({ destination: '/queue/a', body: '' })).rejects.toThrow('AMQ1: no')
  peer.socket.say('ERROR\nmessage:AMQ1\\c no')
  await refused
})

test('in 1.1 a RECEIPT by which a bridge refuses is shown as it meant it', async () => {
  const { stomp, peer } = await start({ dialect: artemis })
  peer.socket.open()
  peer.socket.say(`CONNECTED\nversion:1.1\n${server}\ndrover-owner:ada`)
  const refused = expect(stomp.publish({ destination: '/queue/a', body: '' })).rejects.toMatchObject({
    code: 'forbidden',
    message: 'not yours: /queue/a',
  })
  const id = peer.socket.header('SEND', 'receipt')
  peer.socket.say(`RECEIPT\nreceipt-id:${id}\ndrover-code:forbidden\nmessage:not yours\\c /queue/a`)
  await refused
})
