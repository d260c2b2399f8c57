/** A byte stream for `RawStomp`, over TCP or WebSocket. */
import { once } from 'node:events'
import { connect } from 'node:net'
import { WebSocket } from 'ws'

export interface RawSocket {
  send(bytes: Uint8Array): void
  pause(): void
  resume(): void
  destroy(): void
  /** Tells how the connection ended; never rejects. */
  readonly closed: Promise<string>
}

/** An open connection that waits for somebody to read it. */
export type OpenSocket = (onBytes: (bytes: Uint8Array) => void) => RawSocket

/** @param url `stomp://host:port` */
export async function openTcp(url: string): Promise<OpenSocket> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), noDelay: true })
  await once(socket, 'connect')
  return onBytes => {
    const { promise: closed, resolve } = Promise.withResolvers<string>()
    let how = 'closed'
    socket.on('data', onBytes)
    socket.on('error', error => {
      how = `closed: ${error.message}`
    })
    socket.on('close', () => resolve(how))
    return {
      send: bytes => void socket.write(bytes),
      pause: () => void socket.pause(),
      resume: () => void socket.resume(),
      destroy: () => void socket.destroy(),
      closed,
    }
  }
}

/**
 * Each `send` is one message: text where the bytes are UTF-8, which every broker takes, else binary.
 * @param url `ws://host:port/path`; its user is left out, CONNECT says it
 */
export async function openWebSocket(url: string): Promise<OpenSocket> {
  const bare = new URL(url)
  bare.username = ''
  bare.password = ''
  const socket = new WebSocket(bare, ['v12.stomp', 'v11.stomp', 'v10.stomp'])
  socket.binaryType = 'nodebuffer'
  await once(socket, 'open')
  return onBytes => {
    const { promise: closed, resolve } = Promise.withResolvers<string>()
    socket.on('message', (data: Buffer) => onBytes(data))
    socket.on('error', () => {}) // 'close' follows, with the code
    socket.on('close', (code, reason) => resolve(`closed ${code} ${reason}`.trim()))
    return {
      send: bytes => {
        const text = asText(bytes)
        socket.send(text ?? bytes, { binary: text === undefined })
      },
      pause: () => socket.pause(),
      resume: () => socket.resume(),
      destroy: () => socket.terminate(),
      closed,
    }
  }
}

function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
