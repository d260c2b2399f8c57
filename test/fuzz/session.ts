/** A session of the fuzzer's: it sends bytes as they are, and waits for its answer or its end. */
import { once } from 'node:events'
import { WebSocket } from 'ws'
import { FrameScanner } from '../../shared/frames/mod.ts'

/** A session that shows neither for so long hangs. */
const waitMs = 20_000

export class FuzzSession {
  /** The code of the ERROR that ended it. */
  errorCode: string | undefined
  isClosed = false
  isConnected = false
  readonly #socket: WebSocket
  readonly #scanner = new FrameScanner({ maxHeaders: 500, maxHeaderBytes: 1_000_000, maxBodyBytes: 10_000_000 })
  #receipt: string | undefined
  #wake = (): void => {}

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.on('message', (data: Buffer) => {
      for (const frame of this.#scanner.push(new Uint8Array(data))) {
        if (frame.command === 'CONNECTED') this.isConnected = true
        if (frame.command === 'ERROR') this.errorCode = frame.header('drover-code') ?? ''
        if (frame.command === 'RECEIPT') this.#receipt = frame.header('receipt-id')
      }
      this.#wake()
    })
    socket.on('close', () => {
      this.isClosed = true
      this.#wake()
    })
    socket.on('error', () => {}) // 'close' follows
  }

  /** @param url of the bridge */
  static async open(url: string): Promise<FuzzSession> {
    const socket = new WebSocket(`${url.replace(/^http/, 'ws')}/stomp`, ['v12.stomp'])
    const session = new FuzzSession(socket)
    await once(socket, 'open')
    return session
  }

  send(bytes: Uint8Array | string): void {
    this.#socket.send(bytes)
  }

  /** @returns whether it is logged in, or why not */
  async logIn(connect: string): Promise<true | string> {
    this.send(connect)
    const isAnswered = await this.#until(() => this.isConnected || this.isClosed)
    return this.isConnected || `${isAnswered ? 'the end' : 'nothing'} (${this.errorCode})`
  }

  /** Waits for a RECEIPT, or for the end. @returns whether one of the two came */
  confirmed(receipt: string): Promise<boolean> {
    return this.#until(() => this.#receipt === receipt || this.isClosed)
  }

  /** @returns whether it ended */
  ended(): Promise<boolean> {
    return this.#until(() => this.isClosed)
  }

  /** Goes without a word. */
  cut(): void {
    this.#socket.terminate()
  }

  async #until(isSo: () => boolean): Promise<boolean> {
    const deadline = performance.now() + waitMs
    while (!isSo()) {
      const leftMs = deadline - performance.now()
      if (leftMs <= 0) return false
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>(resolve => {
        this.#wake = resolve
        timer = setTimeout(resolve, leftMs)
      })
      clearTimeout(timer)
    }
    return true
  }
}
