/** Frames and transactions that begin and do not end: one owner may have a bounded number, and keeps nobody else out. */
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, test } from 'vitest'
import { spawnBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'

const KiB = 1024

/** A WebSocket message in one piece, mask 0. */
function message(payload: Buffer): Buffer {
  const head = Buffer.alloc(14)
  head.set([0x82, 0xff])
  head.writeBigUInt64BE(BigInt(payload.length), 2)
  return Buffer.concat([head, payload])
}

/** A session by hand, which can stop in the middle of a message. */
async function openByHand(url: string, token: string): Promise<Socket> {
  const { hostname, port, host } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('error', () => {})
  const key = randomBytes(16).toString('base64')
  socket.write(
    `GET /stomp HTTP/1.1\r\nhost: ${host}\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\n\r\n`,
  )
  await once(socket, 'data')
  socket.write(message(Buffer.from(raw('CONNECT', ['accept-version:1.2', `passcode:${token}`]))))
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString('latin1')).toContain('CONNECTED')
  return socket.resume()
}

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('one token without grants makes the bridge keep so much and no more, and others go on', async () => {
    await using bridge = await spawnBridge(runtime, {
      broker: 'embedded',
      limits: { maxUnfinishedBytes: 2_000 * KiB, maxOwnerUnfinishedBytes: 1_000 * KiB },
    })
    const begun = Buffer.from(
      `SEND\ndestination:/queue/myapp.tasks.a\nreply-to:/queue/myapp.reply.ada.m\ncorrelation-id:c\n\n`,
    )
    const body = Buffer.alloc(300 * KiB, 'a')
    await using ada = await connectRaw(bridge.url, { token: await tokenFor('ada', { dispatch: ['a'] }) })
    ada.send(Buffer.concat([begun, body]))
    const token = await tokenFor('eve', {})
    const sockets: Socket[] = []
    const ended = new Set<Socket>()
    for (let at = 0; at < 10; at++) {
      const socket = await openByHand(bridge.url, token)
      sockets.push(socket)
      socket.on('close', () => ended.add(socket))
      const whole = message(Buffer.concat([begun, body]))
      socket.write(at % 2 === 0 ? whole : whole.subarray(0, -1))
    }
    await expect.poll(() => ended.size, { timeout: 10_000, message: 'sessions of eve that were ended' }).toBe(7)
    const said = bridge.events.flatMap(event => (event.type === 'refused' ? [[event.owner, event.code]] : []))
    expect(said).toEqual(Array.from({ length: 7 }, () => ['eve', 'queue_full']))
    ada.send('\0')
    ada.send(raw('BEGIN', ['transaction:t', 'receipt:r']))
    await ada.next('RECEIPT')
    for (const socket of sockets) socket.destroy()
  }, 30_000)
})
