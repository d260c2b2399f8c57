/** A bridge that closes waits for requests that it answers, and for nobody who asks nothing. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { startBridge } from '../../support/bridges/bridges.ts'

const open = async (port: number, text: string): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {}) // it may be reset
  await once(socket, 'connect')
  socket.write(text.replace('{port}', `${port}`))
  return socket
}

const never = 600_000
test.each([
  ['nothing', '', never],
  ['half of its headers', 'GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n', never],
  ['half of its body', 'POST /token HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 100\r\n\r\n{', 300],
])('a connection that has sent %s does not hold up the end', async (_, text, requestMs) => {
  const bridge = await startBridge({ broker: 'embedded', limits: { requestMs } })
  const socket = await open(Number(new URL(bridge.url).port), text)
  expect((await fetch(`${bridge.url}/health`)).status).toBe(200) // by now the bridge has accepted it
  const ended = once(socket.resume(), 'close')
  await bridge[Symbol.asyncDispose]()
  await ended
})
