/** The baseline: a WebSocket-to-TCP byte pipe with backpressure and nothing else, on the same `ws` as the bridge. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { WebSocketServer } from 'ws'
import { serve } from './peer.ts'

const upstream = new URL(process.env.UPSTREAM ?? 'stomp://127.0.0.1:61613')
const maxUnsentBytes = 1_048_576
const http = createServer()
const sockets = new WebSocketServer({ server: http, perMessageDeflate: false })

sockets.on('connection', browser => {
  const broker = connect({ host: upstream.hostname, port: Number(upstream.port), noDelay: true })
  browser.on('message', (bytes: Buffer) => {
    if (!broker.write(bytes)) browser.pause()
  })
  broker.on('drain', () => browser.resume())
  broker.on('data', bytes => {
    browser.send(bytes, () => broker.isPaused() && broker.resume())
    if (browser.bufferedAmount > maxUnsentBytes) broker.pause()
  })
  browser.on('close', () => broker.destroy())
  broker.on('close', () => browser.close())
  broker.on('error', () => browser.close())
})

http.listen(0, '127.0.0.1')
await once(http, 'listening')
serve(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`)
