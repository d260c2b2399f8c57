import { once } from 'node:events'
import { afterEach, expect, test, vi } from 'vitest'
import { WebSocketServer } from 'ws'
import { closeMs } from '../tcp.ts'
import { connectWebSocket } from './websocket.ts'

afterEach(() => void vi.useRealTimers())

test('a broker that does not answer the close of a WebSocket keeps it no longer than one by TCP', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' }).on('connection', socket => socket.pause())
  await once(server, 'listening')
  const address = server.address()
  const port = address !== null && typeof address === 'object' ? address.port : 0
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const closed = Promise.withResolvers<void>()
  const sink = { bytes() {}, drained() {}, closed: () => closed.resolve() }
  const link = await connectWebSocket(new URL(`ws://127.0.0.1:${port}`), 'v12.stomp')(sink)
  link.close()
  await vi.advanceTimersByTimeAsync(closeMs)
  await closed.promise
  expect(server.clients.size, 'that were let in').toBe(1)
  for (const socket of server.clients) socket.terminate()
  server.close()
})
