/** Listens in on STOMP: both sides, frame by frame, between a part and a broker (TCP) or a bridge (WebSocket). */
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { FrameScanner } from '../../shared/frames/mod.ts'

/** A frame, who said it or heard it, and its bytes from the command to the NUL. */
export interface Told {
  readonly who: string
  readonly way: 'says' | 'hears'
  readonly bytes: Uint8Array
}

export interface Tap extends AsyncDisposable {
  /** Where the part connects: the url that the tap was made for, by way of this tap. */
  readonly url: string
  /** Ends every connection, both ends, at once. */
  cut(): void
}

/**
 * @param url `stomp://…` or `ws://…` of the peer behind the tap
 * @param who the part that will connect
 */
export function startTap(url: string, who: string, onFrame: (told: Told) => void): Promise<Tap> {
  const reading = (way: Told['way']): ((bytes: Uint8Array) => void) => {
    const scanner = new FrameScanner({ maxHeaders: 500, maxHeaderBytes: 1_000_000, maxBodyBytes: 100_000_000 })
    return bytes => {
      for (const frame of scanner.push(new Uint8Array(bytes))) onFrame({ who, way, bytes: frame.bytes.slice() })
    }
  }
  return url.startsWith('ws') ? tapWebSocket(url, reading) : tapTcp(url, reading)
}

type Reading = (way: Told['way']) => (bytes: Uint8Array) => void

async function tapTcp(url: string, reading: Reading): Promise<Tap> {
  const { hostname, port } = new URL(url)
  const sockets = new Set<Socket>()
  const server = createServer(near => {
    const far = connect({ host: hostname, port: Number(port), noDelay: true })
    for (const [from, to, read] of [
      [near, far, reading('says')],
      [far, near, reading('hears')],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes: Buffer) => {
        read(bytes)
        to.write(bytes)
      })
      from.on('error', () => to.destroy())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    url: through(url, server.address() as AddressInfo),
    cut,
    async [Symbol.asyncDispose]() {
      server.close()
      cut()
    },
  }
}

async function tapWebSocket(url: string, reading: Reading): Promise<Tap> {
  const http = createHttpServer()
  const sockets = new Set<WebSocket>()
  const server = new WebSocketServer({ server: http, handleProtocols: protocols => [...protocols][0] ?? false })
  server.on('connection', (near, request) => {
    const far = new WebSocket(url, (request.headers['sec-websocket-protocol'] ?? 'v12.stomp').split(/, */))
    const waiting: [Buffer, boolean][] = []
    const [says, hears] = [reading('says'), reading('hears')]
    const pass = (data: Buffer, isBinary: boolean): void => far.send(data, { binary: isBinary })
    near.on('message', (data: Buffer, isBinary) => {
      says(data)
      if (far.readyState === far.OPEN) pass(data, isBinary)
      else waiting.push([data, isBinary])
    })
    far.on('open', () => {
      for (const [data, isBinary] of waiting.splice(0)) pass(data, isBinary)
    })
    far.on('message', (data: Buffer, isBinary) => {
      hears(data)
      near.send(data, { binary: isBinary })
    })
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one)
      one.on('error', () => other.terminate())
      one.on('close', () => {
        sockets.delete(one)
        other.terminate()
      })
    }
  })
  await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
  const cut = (): void => {
    for (const socket of sockets) socket.terminate()
  }
  return {
    url: through(url, http.address() as AddressInfo),
    cut,
    async [Symbol.asyncDispose]() {
      cut()
      http.close()
    },
  }
}

function through(url: string, { port }: AddressInfo): string {
  const changed = new URL(url)
  changed.port = String(port)
  return changed.href
}
