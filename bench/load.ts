/**
 * The load: STOMP sessions that cost the measuring process as little as possible, over WebSocket or TCP. Frames are made
 * once and sent as bytes; arrivals are counted by their NULs, which bodies here do not hold.
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import WebSocket from 'ws'

export interface Connection {
  send(bytes: Uint8Array | string): void
  onFrames: (count: number, bytes: Buffer) => void
  /** Reads nothing any more. */
  stop(): void
  close(): void
}

/** Opens a session and waits for CONNECTED. `headers` carry the credentials. */
export async function openSession(url: string, headers: Record<string, string>): Promise<Connection> {
  const connection = url.startsWith('ws') ? await openWebSocket(url) : await openTcp(new URL(url))
  const lines = Object.entries({ 'accept-version': '1.2', host: '/', ...headers }).map(
    ([name, value]) => `${name}:${value}`,
  )
  const answer = nextFrames(connection)
  connection.send(`CONNECT\n${lines.join('\n')}\n\n\0`)
  const text = (await answer).toString()
  if (!text.includes('CONNECTED')) throw new Error(`${url} did not let the load in: ${text}`)
  return connection
}

/** Subscribes and waits for the RECEIPT. */
export async function subscribe(
  connection: Connection,
  destination: string,
  headers: Record<string, string> = {},
): Promise<void> {
  const lines = Object.entries({ id: '0', destination, receipt: 'sub', ...headers }).map(([n, v]) => `${n}:${v}`)
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  // A bridge may tell of workers first
  connection.onFrames = (count, bytes) => {
    if (bytes.includes('RECEIPT')) resolve()
    else if (count === 0 || bytes.includes('ERROR')) reject(new Error(`SUBSCRIBE to ${destination}: ${bytes}`))
  }
  connection.send(`SUBSCRIBE\n${lines.join('\n')}\n\n\0`)
  await promise
}

/** One SEND frame of `bodyBytes` of JSON-like text. */
export function sendFrame(destination: string, bodyBytes: number, headers: Record<string, string> = {}): Buffer {
  const lines = Object.entries({ destination, 'content-type': 'application/json', ...headers }).map(
    ([n, v]) => `${n}:${v}`,
  )
  return Buffer.from(`SEND\n${lines.join('\n')}\ncontent-length:${bodyBytes}\n\n${'x'.repeat(bodyBytes)}\0`)
}

export interface Throughput {
  messagesASecond: number
  seconds: number
  messages: number
}

/**
 * Sends frames as fast as they come out on the other side, `window` of them under way at the most.
 * @param frames called with how many to send: writes them in the same pieces as the measured client
 */
export async function throughput(
  sender: Connection,
  reader: Connection,
  frame: Buffer,
  { messages = 60_000, window = 500, acks = undefined as ((bytes: Buffer) => void) | undefined } = {},
): Promise<Throughput> {
  let sent = 0
  let received = 0
  const { promise, resolve } = Promise.withResolvers<void>()
  const fill = (): void => {
    while (sent < messages && sent - received < window) {
      sender.send(frame)
      sent++
    }
  }
  reader.onFrames = (count, bytes) => {
    received += count
    acks?.(bytes)
    if (received >= messages) resolve()
    else if (sent - received <= window / 2) fill()
  }
  const start = performance.now()
  fill()
  await promise
  const seconds = (performance.now() - start) / 1000
  reader.onFrames = () => undefined
  return { messages, seconds, messagesASecond: messages / seconds }
}

/** Sends one frame at a time and waits until it comes back. @returns each trip in ms, sorted */
export async function roundTrips(
  sender: Connection,
  reader: Connection,
  frame: Buffer,
  trips: number,
): Promise<number[]> {
  const took: number[] = []
  for (let trip = 0; trip < trips; trip++) {
    const { promise, resolve } = Promise.withResolvers<void>()
    reader.onFrames = () => resolve()
    const start = performance.now()
    sender.send(frame)
    await promise
    took.push(performance.now() - start)
  }
  return took.sort((a, b) => a - b)
}

function nextFrames(connection: Connection): Promise<Buffer> {
  const { promise, resolve } = Promise.withResolvers<Buffer>()
  connection.onFrames = (_count, bytes) => resolve(bytes)
  return promise
}

function countNuls(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(0); at >= 0; at = bytes.indexOf(0, at + 1)) count++
  return count
}

async function openWebSocket(url: string): Promise<Connection> {
  const socket = new WebSocket(url, ['v12.stomp'], { perMessageDeflate: false })
  await once(socket, 'open')
  const connection: Connection = {
    send: bytes => socket.send(bytes, { binary: false }),
    onFrames: () => undefined,
    stop: () => socket.pause(),
    close: () => socket.terminate(),
  }
  socket.on('message', (bytes: Buffer) => {
    const count = countNuls(bytes)
    if (count > 0) connection.onFrames(count, bytes)
  })
  socket.on('close', (code, reason) => connection.onFrames(0, Buffer.from(`closed ${code} ${reason}`)))
  return connection
}

async function openTcp(url: URL): Promise<Connection> {
  const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true })
  await once(socket, 'connect')
  let isCorked = false
  const connection: Connection = {
    send: bytes => {
      if (!isCorked) {
        isCorked = true
        socket.cork()
        process.nextTick(() => {
          isCorked = false
          socket.uncork()
        })
      }
      socket.write(bytes)
    },
    onFrames: () => undefined,
    stop: () => socket.pause(),
    close: () => socket.destroy(),
  }
  socket.on('data', bytes => {
    const count = countNuls(bytes)
    if (count > 0) connection.onFrames(count, bytes)
  })
  socket.on('error', () => undefined)
  return connection
}

/** Answers each MESSAGE with its ACK, also where it comes in pieces. */
export function acknowledge(send: (bytes: string) => void): (bytes: Buffer) => void {
  let rest = ''
  return bytes => {
    const frames = (rest + bytes.toString('latin1')).split('\0')
    rest = frames.pop() ?? ''
    let acks = ''
    for (const frame of frames) acks += `ACK\nid:${/\nack:(.*)/.exec(frame)?.[1]}\n\n\0`
    send(acks)
  }
}
