/** A bridge that closes waits for requests that it answers, and for nobody who asks nothing. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { startBridge } from '../../support/bridges/bridges.ts'

const open = async (url: string, text: string): Promise<Socket> => {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' })
  socket.on('error', () => {}) // it may be reset
  await once(socket, 'connect')
  socket.write(text)
  return socket
}

test.each([
  ['nothing', ''],
  ['half of its headers', 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n'],
  ['half of its body', 'POST /token HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n\r\n{'],
])('a connection that has sent %s does not hold up the end', async (_, text) => {
  const bridge = await startBridge({ broker: 'embedded', limits: { requestMs: 300 } })
  const socket = await open(bridge.url, text)
  expect((await fetch(`${bridge.url}/health`)).status).toBe(200) // by now the bridge has accepted it
  const ended = once(socket.resume(), 'close')
  await bridge[Symbol.asyncDispose]()
  await ended
})
