/** A session of stompjs, as it is or put right, on a socket in the test's hand: all that it says and tells is kept. */
import type { Client, IFrame, IMessage, IStompSocket, StompConfig, Versions } from '@stomp/stompjs'

export interface Stompjs {
  Client: new (options: StompConfig & { webSocketFactory: () => IStompSocket }) => Client
  Versions: new (versions: string[]) => Versions
}

export interface RecordedOptions {
  /** Before it is given to the client. */
  readonly isOpen: boolean
  /** Whether it has a `terminate` of its own, as TCP has. */
  readonly canTerminate: boolean
}

export class RecordedClient {
  /** In order, all that left by the socket, all that was done to it, and every callback. */
  readonly log: [what: string, ...about: unknown[]][] = []
  readonly messages: IMessage[] = []
  readonly socket: IStompSocket & { readyState: number }
  readonly client: Client
  /** Called on every callback. */
  onTold: (what: string) => void = () => {}
  /** As shared/stomp counts it. */
  at: 'connecting' | 'open' | 'closing' | 'lost' = 'connecting'

  constructor(stompjs: Stompjs, options: RecordedOptions) {
    const { log } = this
    const socket: IStompSocket & { readyState: number } = {
      url: 'ws://jobs.example/stomp',
      readyState: options.isOpen ? 1 : 0,
      onopen: null,
      onmessage: null,
      onerror: null,
      onclose: null,
      send: data => void log.push(['sent', data]),
      close() {
        log.push(['close()'])
        socket.readyState = Math.max(socket.readyState, 2)
      },
    }
    if (options.canTerminate) {
      socket.terminate = () => {
        log.push(['terminate()'])
        socket.readyState = Math.max(socket.readyState, 2)
        queueMicrotask(() => this.end(1006))
      }
    }
    this.socket = socket
    const tell = (what: string, ...about: unknown[]): void => {
      log.push([what, ...about])
      this.onTold(what)
    }
    const told = ({ command, headers, body }: IFrame): unknown => ({ command, headers: { ...headers }, body })
    this.client = new stompjs.Client({
      webSocketFactory: () => socket,
      connectHeaders: { host: '/', login: 'ada:1', passcode: 'p\\:' },
      stompVersions: new stompjs.Versions(['1.2', '1.1', '1.0']),
      reconnectDelay: 0,
      discardWebsocketOnCommFailure: true,
      heartbeatIncoming: 0,
      heartbeatOutgoing: 0,
      onConnect: frame => {
        this.at = 'open'
        tell('onConnect', told(frame))
      },
      onUnhandledReceipt: frame => tell('onUnhandledReceipt', told(frame)),
      onStompError: frame => tell('onStompError', told(frame)),
      onHeartbeatReceived: () => tell('onHeartbeatReceived'),
      onWebSocketError: event => tell('onWebSocketError', event),
      onWebSocketClose: event => {
        this.at = 'lost'
        // The reason is of stompjs' own, with a random number in it.
        tell('onWebSocketClose', event?.code)
      },
    })
    this.client.activate()
  }

  /** Resolves once it has its socket. */
  async started(): Promise<void> {
    for (let turn = 0; turn < 3; turn++) await Promise.resolve()
  }

  /** Hands messages to the log, and changes their headers as any reader may. */
  subscribe(destination: string, headers: Record<string, string>): void {
    const heard = (message: IMessage): void => {
      this.log.push(['message', { ...message.headers }, message.body])
      this.messages.push(message)
      for (const name of ['ack', 'message-id', 'subscription']) message.headers[name] = 'changed'
      this.onTold('message')
      if (message.body.startsWith('throw')) throw new Error(message.body)
    }
    this.client.subscribe(destination, heard, headers)
  }

  open(): void {
    if (this.socket.readyState !== 0) return
    this.socket.readyState = 1
    this.socket.onopen?.()
  }

  /** A WebSocket that is not open tells of nothing that comes. */
  say(data: string | Uint8Array): void {
    if (this.socket.readyState !== 1) return
    this.socket.onmessage?.({ data: typeof data === 'string' ? data : new Uint8Array(data).buffer })
  }

  fail(): void {
    if (this.socket.readyState < 3) this.socket.onerror?.({ message: 'ECONNRESET' })
  }

  /** It has closed. */
  end(code: number): void {
    if (this.socket.readyState === 3) return
    this.socket.readyState = 3
    this.socket.onclose?.({ code })
  }
}
