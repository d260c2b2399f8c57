/** A WebSocket that speaks STOMP by hand: it sends the bytes of the test, and shows the other side's answers frame by frame. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { encodeFrame, FrameScanner, type ScannedFrame } from '../../shared/frames/mod.ts'

export interface RawSession extends AsyncDisposable {
  readonly socket: WebSocket
  /** WebSocket messages so far. */
  readonly messages: number
  /** @param frame as it goes out; text is sent as a text message */
  send(frame: string | Uint8Array): void
  /** The next frame with that command; others before it are skipped, but an ERROR is a failure unless it is wanted. */
  next(command: string): Promise<ScannedFrame>
  /** How it ended; rejects when it does not within 10 s. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>
}

export interface RawOptions {
  readonly protocols?: readonly string[]
  readonly headers?: Readonly<Record<string, string>>
  /** Another address of this machine to come from, such as `127.0.0.2`. */
  readonly from?: string | undefined
}

const waitMs = 10_000

/** Opens a WebSocket and sends nothing yet. */
export async function openRaw(
  url: string,
  { protocols = ['v12.stomp'], headers, from }: RawOptions = {},
): Promise<RawSession> {
  const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/stomp`, [...protocols], {
    ...(headers && { headers }),
    ...(from && { localAddress: from }),
  })
  const scanner = new FrameScanner({ maxHeaders: 500, maxHeaderBytes: 1_000_000, maxBodyBytes: 100_000_000 })
  const frames: ScannedFrame[] = []
  const seen: string[] = []
  let messages = 0
  let ended: { code: number; reason: string } | undefined
  let wake = (): void => {}
  socket.on('message', (data: Buffer) => {
    messages++
    const found = scanner.push(new Uint8Array(data))
    frames.push(...found)
    wake()
  })
  socket.on('close', (code, reason) => {
    ended = { code, reason: reason.toString() }
    wake()
  })
  socket.on('error', () => {})
  await Promise.race([
    once(socket, 'open'),
    once(socket, 'close').then(() => Promise.reject(new Error('The WebSocket was refused'))),
  ])
  const until = async <T>(look: () => T | undefined, what: string): Promise<T> => {
    const deadline = performance.now() + waitMs
    for (;;) {
      const found = look()
      if (found !== undefined) return found
      const left = deadline - performance.now()
      if (left <= 0) throw new Error(`${what} did not come; seen: ${seen.join(' ') || 'nothing'}`)
      const timer = Promise.withResolvers<void>()
      const id = setTimeout(timer.resolve, left)
      wake = timer.resolve
      await timer.promise
      clearTimeout(id)
    }
  }
  return {
    socket,
    get messages() {
      return messages
    },
    send: frame => socket.send(frame),
    next: command =>
      until(() => {
        for (let frame = frames.shift(); frame !== undefined; frame = frames.shift()) {
          seen.push(frame.command)
          if (frame.command === command) return frame
          if (frame.command === 'ERROR') throw new Error(`Waiting for ${command}: ${frame.header('message')}`)
        }
        if (ended) throw new Error(`Waiting for ${command}: closed with ${ended.code} ${ended.reason}`)
        return undefined
      }, command),
    closed: () => until(() => ended, 'The end of the session'),
    async [Symbol.asyncDispose]() {
      if (socket.readyState === socket.CLOSED) return
      socket.terminate()
      await once(socket, 'close')
    },
  }
}

export interface ConnectAs extends RawOptions {
  readonly token?: string
  readonly login?: string
  readonly passcode?: string
  readonly version?: string
  readonly heartBeat?: string
}

/** Opens a session and waits for CONNECTED. */
export async function connectRaw(
  url: string,
  { token, login, passcode, version = '1.2', heartBeat, ...options }: ConnectAs,
): Promise<RawSession & { readonly connected: ScannedFrame }> {
  const session = await openRaw(url, options)
  const headers: [string, string][] = [
    ['accept-version', version],
    ['host', 'test'],
  ]
  if (login !== undefined) headers.push(['login', login])
  if (token !== undefined || passcode !== undefined) headers.push(['passcode', token ?? passcode ?? ''])
  if (heartBeat !== undefined) headers.push(['heart-beat', heartBeat])
  session.send(encodeFrame('CONNECT', headers))
  try {
    const connected = await session.next('CONNECTED')
    return Object.assign(session, { connected })
  } catch (error) {
    await session[Symbol.asyncDispose]()
    throw error
  }
}

/** A frame as text, with `\n` line ends and its NUL; nothing is escaped or checked. */
export const raw = (command: string, headers: readonly string[], body = ''): string =>
  `${[command, ...headers].join('\n')}\n\n${body}\0`

export const bodyOf = (frame: ScannedFrame): string => new TextDecoder().decode(frame.body)
