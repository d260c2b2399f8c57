/**
 * TCP and TLS as byte links, on Deno. Those of `node:net` do not do here: once file descriptors have run out, its server never
 * accepts again (2.9.6), and an address that `--allow-net` forbids ends the process.
 */
import { joinBytes } from '../../shared/bytes.ts'
import type { ByteLink, Connect } from '../../shared/frames/byte-link.ts'
import { openDenoTls } from '../../shared/stomp/sockets/deno-tls.ts'
import type { TlsSource } from '../../shared/stomp/sockets/tls-options.ts'
import { brokerUnreachable, closeMs, type Listener, type ListenOptions, listenError, tcpAddressOf } from '../tcp.ts'

/** How long to wait where no connection can be accepted now. */
const acceptAgainMs = 100
/** A connection that stands still holds a buffer of the first size. One that fills it gets the second. */
const [idleChunkBytes, chunkBytes] = [4_096, 65_536]
/** A sender that had this much unsent is told when it is down to a quarter. */
const highBytes = 65_536

/**
 * Listens for TCP connections.
 * @throws {DroverError} `port_taken` when something listens there already, `config_invalid` for an address or port that
 * this machine does not allow
 */
export function listenTcp({ hostname = '127.0.0.1', port, accept }: ListenOptions): Promise<Listener> {
  const links = new Set<DenoLink>()
  let listener: Deno.TcpListener
  try {
    listener = Deno.listen({ hostname, port })
  } catch (error) {
    return Promise.reject(listenError(error as Error, hostname, port, error instanceof Deno.errors.AddrInUse))
  }
  let isClosed = false
  const accepting = (async () => {
    while (!isClosed) {
      const socket = await listener.accept().catch(() => undefined)
      if (socket === undefined) {
        // Closed; or out of file descriptors, of which others may give some back
        if (!isClosed) await new Promise(resolve => setTimeout(resolve, acceptAgainMs))
        continue
      }
      const link = new DenoLink(socket)
      links.add(link)
      void link.run(accept(link)).finally(() => links.delete(link))
    }
  })()
  return Promise.resolve({
    port: listener.addr.port,
    async close() {
      if (!isClosed) {
        isClosed = true
        listener.close()
        for (const link of links) link.close()
      }
      await accepting
      await Promise.all([...links].map(link => link.gone))
    },
  })
}

/**
 * Opens connections to a broker.
 * @param url `stomp://host:port`, or `stomp+ssl://host:port` for TLS; default ports 61613 and 61614
 * @param tls for `stomp+ssl:`
 * @throws {DroverError} `config_invalid` for another scheme; the returned function rejects with `broker_unreachable`
 */
export function connectTcp(url: URL, tls?: TlsSource): Connect {
  const { hostname, port, isTls } = tcpAddressOf(url)
  return async (sink, signal) => {
    const to = { hostname, port }
    let socket: Deno.TcpConn | Deno.TlsConn
    try {
      // Of TLS Deno can abort nothing (2.9.6)
      socket = await (isTls ? openDenoTls(to, tls?.()) : Deno.connect({ ...to, ...(signal && { signal }) }))
    } catch (cause) {
      throw brokerUnreachable(url, cause as Error)
    }
    const link = new DenoLink(socket)
    void link.run(sink)
    return link
  }
}

class DenoLink implements ByteLink {
  readonly oneFrameASend = false
  readonly address: string
  unsentBytes = 0
  /** Resolves when the connection is gone. */
  readonly gone: Promise<void>
  readonly #socket: Deno.TcpConn | Deno.TlsConn
  readonly #setGone: () => void
  #queue: Uint8Array[] = []
  #isWriting = false
  #isHigh = false
  #isEnding = false
  #isGone = false
  #isReadOut = false
  #resumed: PromiseWithResolvers<void> | undefined
  #error: Error | undefined
  #closeTimer: ReturnType<typeof setTimeout> | undefined
  #onDrained = () => {}

  constructor(socket: Deno.TcpConn | Deno.TlsConn) {
    this.#socket = socket
    this.address = socket.remoteAddr.hostname
    const { promise, resolve } = Promise.withResolvers<void>()
    this.gone = promise
    this.#setGone = resolve
    if (!('setNoDelay' in socket)) return
    try {
      socket.setNoDelay()
      socket.setKeepAlive()
    } catch {
      // Gone already: reading says so
    }
  }

  /** Reads until the end, and tells the sink everything. */
  async run(sink: Parameters<Connect>[0]): Promise<void> {
    this.#onDrained = () => sink.drained()
    try {
      for (let size = idleChunkBytes; ; ) {
        await this.#resumed?.promise
        // A fresh one each time: the sink may keep slices of it
        const chunk = new Uint8Array(size)
        const length = await this.#socket.read(chunk)
        if (length === null) break
        await this.#resumed?.promise
        // A few bytes must not hold on to a whole chunk
        if (!this.#isEnding) sink.bytes(length < size / 8 ? chunk.slice(0, length) : chunk.subarray(0, length))
        if (length === size) size = chunkBytes
        else if (length < idleChunkBytes) size = idleChunkBytes
      }
    } catch (error) {
      if (!this.#isEnding) this.#error = error as Error
    }
    this.#isReadOut = true
    if (this.#error) this.#destroy()
    // The peer sends no more; bytes queued for it still go out
    if (!this.#isEnding) this.close()
    else if (!this.#isWriting) this.#destroy()
    await this.gone
    sink.closed(this.#error)
  }

  send(bytes: Uint8Array): void {
    if (this.#isEnding || this.#isGone) return
    this.#queue.push(bytes)
    this.unsentBytes += bytes.length
    if (this.unsentBytes >= highBytes) this.#isHigh = true
    this.#startWriting()
  }

  pause(): void {
    this.#resumed ??= Promise.withResolvers()
  }

  resume(): void {
    this.#resumed?.resolve()
    this.#resumed = undefined
  }

  close(): void {
    if (this.#isEnding || this.#isGone) return
    this.#isEnding = true
    this.resume()
    this.#closeTimer = setTimeout(() => this.#destroy(), closeMs)
    this.#startWriting()
  }

  #startWriting(): void {
    if (this.#isWriting || this.#isGone) return
    this.#isWriting = true
    // Later in this tick, so that all it sends goes out in one write
    queueMicrotask(() => void this.#write())
  }

  async #write(): Promise<void> {
    try {
      while (this.#queue.length > 0 && !this.#isGone) {
        const bytes = joinBytes(this.#queue)
        this.#queue = []
        for (let at = 0; at < bytes.length; ) {
          const written = await this.#socket.write(bytes.subarray(at))
          at += written
          this.unsentBytes -= written
        }
        if (this.#isHigh && this.unsentBytes <= highBytes / 4) {
          this.#isHigh = false
          if (!this.#isEnding) this.#onDrained()
        }
      }
    } catch (error) {
      if (!this.#isEnding) this.#error = error as Error
      this.#destroy()
    }
    this.#isWriting = false
    if (!this.#isEnding || this.#isGone) return
    // Closing with bytes unread would reset the connection, and the peer might lose the last ones sent
    if (this.#isReadOut) this.#destroy()
    else await this.#socket.closeWrite().catch(() => this.#destroy())
  }

  #destroy(): void {
    if (this.#isGone) return
    this.#isGone = true
    clearTimeout(this.#closeTimer)
    this.#queue = []
    try {
      this.#socket.close()
    } catch {
      // Closed by the runtime already, after an error
    }
    this.resume()
    this.#setGone()
  }
}
