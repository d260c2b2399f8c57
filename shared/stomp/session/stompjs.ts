/**
 * stompjs 7.5, put right where it reads wrong. It writes and subscribes as it does; its reader is set up here once more, of
 * its own parts, since its faults lie where nobody else can reach:
 * - in STOMP 1.2 it undoes one kind of escape after the other, and makes a line break of an escaped backslash before an n;
 * - with a content-length that is no length it takes all that follows into the body, which here ends with NUL; with a header line
 *   that has no colon it takes the next line into the name;
 * - once it was discarded, or its DISCONNECT confirmed, it tells of the frames that came in the same piece;
 * - a second CONNECTED opens it once more, in another version.
 */
import { type IFrame, type IStompSocket, type StompConfig, Client as Stompjs } from '@stomp/stompjs'
import { unescapeHeaders } from './escape.ts'
import { createParser } from './parser.ts'

export { type IMessage, type IStompSocket, Versions } from '@stomp/stompjs'

/** Of stompjs, which calls most of it private: package.json has its exact version, and the tests hold each. */
interface Handler {
  readonly connected: boolean
  readonly connectedVersion: string | undefined
  readonly _serverFrameHandlers: Readonly<Record<string, (frame: IFrame) => void>>
  readonly onUnhandledFrame: (frame: IFrame) => void
  readonly onHeartbeatReceived: () => void
}
/** One session on one socket. */
export class Client extends Stompjs {
  #isOver = false

  constructor(config: StompConfig & { readonly webSocketFactory: () => IStompSocket }) {
    super(config)
    this.webSocketFactory = () => {
      const socket = config.webSocketFactory()
      queueMicrotask(() => this.#read(socket)) // stompjs has set its own reader then, and nothing has come
      return socket
    }
  }

  /** As stompjs does; with `force` it is over at once, without the frames that have come. */
  override deactivate(how?: { readonly force?: boolean }): Promise<void> {
    if (how?.force) this.#isOver = true
    return super.deactivate(how)
  }

  #read(socket: IStompSocket): void {
    const { _stompHandler } = this as unknown as { readonly _stompHandler?: Handler }
    if (_stompHandler === undefined) return // it was given up before
    let wasConnected = false
    const parser = createParser(frame => {
      const isConnected = _stompHandler.connected
      if (this.#isOver || (wasConnected && !isConnected)) return
      if (frame.command === 'CONNECTED') {
        if (isConnected) return
        wasConnected = true
      } else if (_stompHandler.connectedVersion === '1.2') {
        unescapeHeaders(frame.headers, '1.2')
      }
      const take = _stompHandler._serverFrameHandlers[frame.command] ?? _stompHandler.onUnhandledFrame
      take(frame)
    }, _stompHandler.onHeartbeatReceived)
    socket.onmessage = ({ data }) => parser.read(data as string | ArrayBuffer)
  }
}
