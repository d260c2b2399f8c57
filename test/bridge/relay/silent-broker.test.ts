/** Something listens where the broker should, and says nothing. The connection of a session to it ends with the session. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { spawnBridge, startBridge } from '../../support/bridges/bridges.ts'
import { openRaw, raw } from '../../support/raw-session.ts'

/** @returns its port, and each connection that comes */
async function listenSilently(): Promise<{ port: number; next: () => Promise<Socket> }> {
  const server = createServer(socket => void socket.on('error', () => {}).resume())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    next: async () => (await once(server, 'connection'))[0] as Socket,
  }
}

const connect = raw('CONNECT', ['accept-version:1.2', 'login:foo', 'passcode:bar'])

test.each([
  ['node', 'stomp'],
  ['node', 'stomp+ssl'],
  ['node', 'ws'],
  ['node', 'wss'],
  ['deno', 'ws'],
] as const)('on %s, by %s://', async (runtime, scheme) => {
  const { port, next } = await listenSilently()
  const broker = `${scheme}://a:b@127.0.0.1:${port}`
  const options = { broker, limits: { brokerMs: 500 } }
  await using bridge = await (runtime === 'node' ? startBridge(options) : spawnBridge('deno', options))
  const coming = next()
  await using session = await openRaw(bridge.url)
  session.send(connect)
  const connection = await coming
  const ended = once(connection, 'close')
  expect((await session.next('ERROR')).header('drover-code')).toBe('broker_unreachable')
  await ended

  const comingAgain = next()
  await using other = await openRaw(bridge.url)
  other.send(connect)
  const abandoned = once(await comingAgain, 'close')
  other.socket.terminate()
  await abandoned
})
