/** A bridge that closes waits for requests that it answers, and for nobody who asks nothing. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text as textOf } from 'node:stream/consumers'
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

test('behind a request that the bridge answers while it closes, no session begins', async () => {
  const bridge = await startBridge({ broker: 'embedded' })
  const socket = await open(
    Number(new URL(bridge.url).port),
    'POST /token HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 2\r\n\r\n{',
  )
  expect((await fetch(`${bridge.url}/health`)).status).toBe(200) // by now the bridge has accepted it
  const closed = bridge[Symbol.asyncDispose]()
  const answered = textOf(socket)
  const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13']
  const { host } = new URL(bridge.url)
  const head = ['GET /stomp HTTP/1.1', `Host: ${host}`, ...upgrade, `Sec-WebSocket-Key: ${btoa('x'.repeat(16))}`]
  socket.write(`}${head.join('\r\n')}\r\n\r\n`)
  expect(await answered).toMatch(/HTTP\/1\.1 503 /)
  await closed
})
