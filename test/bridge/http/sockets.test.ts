/** Connections that cost without giving, on either runtime: silent, refused and still there, or more than there is room for. */
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { spawnBridge } from '../../support/bridges/bridges.ts'

function open(port: number, text = ''): Socket {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => {})
  socket.write(text)
  return socket
}

const portOf = (url: string | undefined): number => Number(new URL(url!).port)

const upgrade = [
  'GET /stomp HTTP/1.1',
  'Host: 127.0.0.1:PORT',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
  'Sec-WebSocket-Protocol: v12.stomp',
  '\r\n',
].join('\r\n')

// A masked text message of 5 bytes, mask 0: no STOMP
const notStomp = Buffer.concat([Buffer.from([0x81, 0x85, 0, 0, 0, 0]), Buffer.from('hello')])

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('who says nothing, and who never answers a close, is ended', async () => {
    await using bridge = await spawnBridge(runtime, {
      broker: 'embedded',
      limits: { headersMs: 200, requestMs: 400 },
    })
    const port = portOf(bridge.url)
    const silent = [open(port), open(port, 'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n')]
    const refused = open(port, upgrade.replace('PORT', String(port)))
    await once(refused, 'data')
    refused.write(notStomp)
    await Promise.all(
      [...silent, refused].map(socket => {
        socket.resume()
        return once(socket, 'close')
      }),
    )
  }, 30_000)

  test('when file descriptors run out it goes on as soon as there are some', async () => {
    await using bridge = await spawnBridge(runtime, { broker: 'embedded' }, { descriptors: 128 })
    // node:http under Deno (2.9.6) never accepts again, so there the sockets of the broker alone run out
    const urls = runtime === 'deno' ? [bridge.stompUrl] : [bridge.url, bridge.stompUrl]
    const sockets = Array.from({ length: 200 }, (_, at) => open(portOf(urls[at % urls.length])))
    // Sockets past the limit wait in the kernel. The process that accepts last answers none of them
    await Promise.all(sockets.map(socket => once(socket, 'connect')))
    const late = open(portOf(bridge.stompUrl), 'CONNECT\naccept-version:1.2\nlogin:foo\npasscode:bar\n\n\0')
    const answer = once(late, 'data')
    for (const socket of sockets) socket.destroy()
    expect(String((await answer)[0])).toMatch(/^CONNECTED\n/)
    expect((await fetch(`${bridge.url}/health`)).status).toBe(200)
    late.destroy()
  }, 30_000)
})
