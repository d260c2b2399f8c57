/** Run by tcp.test.ts as a Deno process: the embedded broker over Deno's own sockets. Prints `ok` when all held. */
import assert from 'node:assert/strict'
import { createEmbeddedBroker } from '../../broker/mod.ts'
import type { Accept, ByteLink } from '../../shared/frames/byte-link.ts'
import { encodeFrame, FrameScanner, type ScannedFrame } from '../../shared/frames/mod.ts'
import { connectTcp, listenTcp } from './tcp.ts'

const ignore = { bytes() {}, drained() {}, closed() {} }
const addressOf = (port: number) => new URL(`stomp://127.0.0.1:${port}`)

async function overTcp() {
  const broker = createEmbeddedBroker()
  const addresses: unknown[] = []
  const accept: Accept = link => {
    addresses.push(link.address)
    return broker.accept(link)
  }
  const listener = await listenTcp({ port: 0, accept })
  const scanner = new FrameScanner()
  const frames: ScannedFrame[] = []
  let wake = () => {}
  const closed = Promise.withResolvers<void>()
  const link = await connectTcp(addressOf(listener.port))({
    bytes(chunk) {
      frames.push(...scanner.push(chunk))
      wake()
    },
    drained() {},
    closed: () => closed.resolve(),
  })
  const next = async () => {
    while (frames.length === 0) {
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    return frames.shift()!
  }
  link.send(
    encodeFrame('CONNECT', [
      ['accept-version', '1.2'],
      ['login', 'foo'],
      ['passcode', 'bar'],
    ]),
  )
  assert.equal((await next()).command, 'CONNECTED')
  link.send(
    encodeFrame('SUBSCRIBE', [
      ['id', '1'],
      ['destination', '/queue/myapp.x'],
    ]),
  )
  const body = crypto.getRandomValues(new Uint8Array(60_000))
  link.send(encodeFrame('SEND', [['destination', '/queue/myapp.x']], body))
  assert.deepEqual((await next()).body, body)
  link.send(encodeFrame('SEND', [['destination', '/queue/elsewhere']]))
  assert.equal((await next()).command, 'ERROR')
  await closed.promise
  assert.deepEqual(addresses, ['127.0.0.1'])
  await broker.close()
  await listener.close()
  await listener.close()
}

async function backPressure() {
  const accepted = Promise.withResolvers<ByteLink>()
  let taken = 0
  const all = Promise.withResolvers<void>()
  const size = 32 * 1_048_576
  const listener = await listenTcp({
    port: 0,
    accept(link) {
      link.pause()
      accepted.resolve(link)
      return {
        ...ignore,
        bytes(chunk) {
          taken += chunk.length
          if (taken === size) all.resolve()
        },
      }
    },
  })
  const drained = Promise.withResolvers<void>()
  const link = await connectTcp(addressOf(listener.port))({ ...ignore, drained: drained.resolve })
  for (let sent = 0; sent < 32; sent++) link.send(new Uint8Array(1_048_576))
  const server = await accepted.promise
  assert.equal(taken, 0)
  assert(link.unsentBytes > 0)
  server.resume()
  await drained.promise
  await all.promise
  link.close()
  await listener.close()
}

async function failures() {
  const listener = await listenTcp({ port: 0, accept: () => ignore })
  const { port } = listener
  await assert.rejects(listenTcp({ port, accept: () => ignore }), { code: 'port_taken' })
  await assert.rejects(listenTcp({ hostname: '192.0.2.1', port: 0, accept: () => ignore }), { code: 'config_invalid' })
  await listener.close()
  await assert.rejects(connectTcp(addressOf(port))(ignore), { code: 'broker_unreachable' })
  assert.throws(() => connectTcp(new URL('http://localhost')), { code: 'config_invalid' })
  const forbidden = { message: /Requires net access to "127\.0\.0\.2:/ }
  await assert.rejects(listenTcp({ hostname: '127.0.0.2', port: 0, accept: () => ignore }), {
    code: 'config_invalid',
    ...forbidden,
  })
  await assert.rejects(connectTcp(new URL('stomp://127.0.0.2'))(ignore), { code: 'broker_unreachable', ...forbidden })
}

await overTcp()
await backPressure()
await failures()
console.log('ok')
