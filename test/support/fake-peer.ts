/** The other side of a STOMP connection as a script: no socket, no clock, every frame in the test's hand. */
import type { StompSocket } from '../../shared/stomp/mod.ts'

/** One socket that the tested side opened. */
class FakeSocket implements StompSocket {
  readonly url: string
  /** Frames that it was sent, as text with their NUL, and heart-beats. */
  readonly sent: string[] = []
  onopen: StompSocket['onopen'] = null
  onmessage: StompSocket['onmessage'] = null
  onerror: StompSocket['onerror'] = null
  onclose: StompSocket['onclose'] = null
  readyState = 0

  constructor(url: string) {
    this.url = url
  }

  send(data: Parameters<StompSocket['send']>[0]): void {
    this.sent.push(data as string)
  }

  close(): void {
    if (this.readyState < 2) queueMicrotask(() => this.end())
    this.readyState = Math.max(this.readyState, 2)
  }

  /** It is open now: CONNECT comes. */
  open(): void {
    this.readyState = 1
    this.onopen?.()
  }

  /** Says a frame: its lines, with `body` after the empty one. */
  say(lines: string, body = ''): void {
    this.onmessage?.({ data: `${lines}\n\n${body}\0` })
  }

  /** Opens and says CONNECTED. */
  connect(headers = 'server:RabbitMQ/3.10'): void {
    this.open()
    this.say(`CONNECTED\nversion:1.2\n${headers}`)
  }

  /** The last frame with that command. */
  last(command: string): string | undefined {
    return this.sent.findLast(frame => frame.startsWith(`${command}\n`))
  }

  /** A header of the last frame with that command. */
  header(command: string, name: string): string | undefined {
    return new RegExp(`\n${name}:(.*)`).exec(this.last(command) ?? '')?.[1]
  }

  /** Confirms the last frame with that command. */
  confirm(command: string): void {
    this.say(`RECEIPT\nreceipt-id:${this.header(command, 'receipt')}`)
  }

  /** The connection is gone. */
  end(event: { code?: number; reason?: string } = {}): void {
    if (this.readyState === 3) return
    this.readyState = 3
    this.onclose?.(event)
  }
}

/** Makes sockets and keeps them, in order. */
export class FakePeer {
  readonly sockets: FakeSocket[] = []
  readonly createSocket = (url: URL): StompSocket => {
    const socket = new FakeSocket(url.href)
    this.sockets.push(socket)
    return socket
  }

  /** The newest. */
  get socket(): FakeSocket {
    const newest = this.sockets.at(-1)
    if (!newest) throw new Error('No socket was opened yet')
    return newest
  }
}
