/** A peer says why and goes while something is on its way to it: its reason is read although a write fails first. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocketServer } from 'ws'
import { connectTcp } from '../../../../bridge/node/tcp.ts'
import { connectWebSocket } from '../../../../bridge/node/websocket.ts'
import type { ByteLink, Connect } from '../../../../shared/frames/byte-link.ts'
import type { StompSocket } from '../../../../shared/stomp/session/link.ts'
import { createNodeSocket } from '../../../../shared/stomp/sockets/node.ts'
import { within } from '../../../support/until.ts'

const lastWords = 'ERROR\nmessage:too large\n\n\0'

/** The accepting side resets the connection before the other has read its words. */
interface Peer {
  url: string
  sayAndReset(): void
}

async function tcpPeer(stack: AsyncDisposableStack): Promise<Peer> {
  let accepted: Socket | undefined
  const server = createServer(socket => {
    accepted = socket
  }).listen(0, '127.0.0.1')
  stack.defer(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `stomp://127.0.0.1:${port}`,
    sayAndReset() {
      accepted?.write(lastWords)
      accepted?.resetAndDestroy()
    },
  }
}

async function wsPeer(stack: AsyncDisposableStack): Promise<Peer> {
  let tcp: Socket | undefined
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  server.on('connection', (_, request) => {
    tcp = request.socket
  })
  stack.defer(() => void server.close())
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `ws://127.0.0.1:${port}`,
    sayAndReset() {
      for (const socket of server.clients) socket.close(1009)
      tcp?.resetAndDestroy()
    },
  }
}

/** @returns the words that were read, or how it was closed */
async function master(peer: Peer): Promise<unknown> {
  const socket: StompSocket = createNodeSocket(peer.url)
  await new Promise<void>(resolve => {
    socket.onopen = () => resolve()
  })
  let read = ''
  const closed = new Promise<{ code?: number } | undefined>(resolve => {
    socket.onclose = resolve
  })
  socket.onmessage = ({ data }) => {
    read += Buffer.from(data as Uint8Array).toString()
  }
  peer.sayAndReset()
  socket.send('\n')
  const event = await within('the socket is closed', closed)
  return read || event?.code
}

const bridge = (connect: (url: URL) => Connect) => async (peer: Peer) => {
  let read = ''
  const closed = Promise.withResolvers<Error | undefined>()
  const link: ByteLink = await connect(new URL(peer.url))({
    bytes(chunk) {
      read += Buffer.from(chunk).toString()
    },
    drained: () => {},
    closed: closed.resolve,
  })
  link.send(Buffer.from('SEND\n'))
  peer.sayAndReset()
  link.send(Buffer.from('\n'))
  const reason = await within('the link is closed', closed.promise)
  return read || reason?.constructor.name
}

test.for([
  ['a master or worker by TCP', tcpPeer, master, lastWords],
  ['a bridge by TCP', tcpPeer, bridge(connectTcp), lastWords],
  ['a master or worker by WebSocket', wsPeer, master, 1009],
  ['a bridge by WebSocket', wsPeer, bridge(url => connectWebSocket(url, 'v12.stomp')), 'FrameTooLarge'],
] as const)('%s', async ([, makePeer, speak, expected]) => {
  await using stack = new AsyncDisposableStack()
  expect(await speak(await makePeer(stack))).toEqual(expected)
})
