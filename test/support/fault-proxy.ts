/** A TCP proxy that misbehaves on request: it stands between one side and a broker or bridge, on real sockets. */

import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** Which way bytes go: `up` to the server behind the proxy, `down` back from it. */
type Direction = 'up' | 'down'

export interface FaultProxy extends AsyncDisposable {
  readonly port: number
  /** How many connections were accepted so far. */
  readonly accepted: number
  /** How many are joined now. */
  readonly joined: number
  /** `url` with this proxy's host and port in place of its own; userinfo, path and scheme stay. */
  through(url: string): string
  /** Destroys every connection, both ends, at once: bytes on their way are lost. */
  cut(): void
  /** As `cut`, by RST. */
  reset(): void
  /** Bytes of that direction wait, on connections of now and later, until `flow`. Sockets stay open: half-open peers. */
  stall(direction: Direction): void
  /** Bytes of that direction vanish until `flow`. */
  drop(direction: Direction): void
  /** Ends `stall` and `drop`: the waiting bytes go on, in order. */
  flow(): void
  /** New connections are closed at once until `admit`. */
  refuse(): void
  admit(): void
  /** Cuts everything as soon as `text` passes in that direction, before it is passed on. Resolves once it has. */
  cutOn(direction: Direction, text: string): Promise<void>
  /** Passes `text` on in that direction, and cuts everything before the next bytes come back. Resolves once it has. */
  cutAnswer(direction: Direction, text: string): Promise<void>
  /** Stalls both directions as soon as `text` passes in that direction, after it was passed on. Resolves once it has. */
  stallAfter(direction: Direction, text: string): Promise<void>
  /** How often `text` is in the bytes that wait in that direction. */
  waiting(direction: Direction, text: string): number
}

/**
 * Starts a proxy on loopback.
 * @param target address of the server behind it
 * @param listenOn a port; 0, the default, is a free one
 * @example
 * ```ts ignore
 * await using proxy = await startFaultProxy(stompUrl)
 * const stomp = connectStomp({ url: proxy.through(stompUrl), createSocket: createNodeSocket })
 * proxy.cut()
 * ```
 */
export async function startFaultProxy(target: string, listenOn = 0): Promise<FaultProxy> {
  const { hostname, port } = new URL(target)
  const pairs = new Set<readonly [Socket, Socket]>()
  const modes: Record<Direction, 'flow' | 'stall' | 'drop'> = { up: 'flow', down: 'flow' }
  const held: { direction: Direction; to: Socket; bytes: Buffer }[] = []
  const traps = new Set<{
    direction: Direction
    text: string
    does: 'cut' | 'cut answer' | 'stall'
    sprung: () => void
  }>()
  let accepted = 0
  let isRefusing = false

  const cut = (): void => {
    for (const pair of pairs) for (const socket of pair) socket.destroy()
  }
  const pass = (direction: Direction, bytes: Buffer, to: Socket): void => {
    for (const trap of traps) {
      if (trap.direction !== direction || !bytes.includes(trap.text)) continue
      traps.delete(trap)
      if (trap.does === 'cut') {
        cut()
      } else if (trap.does === 'cut answer') {
        to.write(bytes)
        traps.add({ direction: direction === 'up' ? 'down' : 'up', text: '', does: 'cut', sprung: trap.sprung })
        return
      } else {
        to.write(bytes)
        modes.up = 'stall'
        modes.down = 'stall'
      }
      trap.sprung()
      return
    }
    if (modes[direction] === 'stall') held.push({ direction, to, bytes })
    else if (modes[direction] === 'flow') to.write(bytes)
  }

  const server = createServer(near => {
    if (isRefusing) return void near.destroy()
    accepted++
    const far = connect({ host: hostname, port: Number(port) })
    const pair = [near, far] as const
    pairs.add(pair)
    for (const [direction, from, to] of [
      ['up', near, far],
      ['down', far, near],
    ] as const) {
      from.setNoDelay(true)
      from.on('data', bytes => pass(direction, bytes, to))
      from.on('end', () => to.end())
      from.on('error', () => to.destroy()) // its 'close' follows
      from.on('close', () => {
        to.destroy()
        pairs.delete(pair)
      })
    }
  })
  await new Promise<void>(resolve => server.listen(listenOn, '127.0.0.1', resolve))
  const ownPort = (server.address() as AddressInfo).port

  return {
    port: ownPort,
    get accepted() {
      return accepted
    },
    get joined() {
      return pairs.size
    },
    through(url) {
      const changed = new URL(url)
      changed.hostname = '127.0.0.1'
      changed.port = String(ownPort)
      return changed.href
    },
    cut,
    reset() {
      for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy()
    },
    stall(direction) {
      modes[direction] = 'stall'
    },
    drop(direction) {
      modes[direction] = 'drop'
    },
    flow() {
      modes.up = 'flow'
      modes.down = 'flow'
      for (const { to, bytes } of held.splice(0)) if (!to.destroyed) to.write(bytes)
    },
    refuse() {
      isRefusing = true
    },
    admit() {
      isRefusing = false
    },
    cutOn(direction, text) {
      const { promise, resolve } = Promise.withResolvers<void>()
      traps.add({ direction, text, does: 'cut', sprung: resolve })
      return promise
    },
    cutAnswer(direction, text) {
      const { promise, resolve } = Promise.withResolvers<void>()
      traps.add({ direction, text, does: 'cut answer', sprung: resolve })
      return promise
    },
    stallAfter(direction, text) {
      const { promise, resolve } = Promise.withResolvers<void>()
      traps.add({ direction, text, does: 'stall', sprung: resolve })
      return promise
    },
    waiting(direction, text) {
      const bytes = Buffer.concat(held.filter(one => one.direction === direction).map(one => one.bytes))
      return bytes.toString('latin1').split(text).length - 1
    },
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>(resolve => server.close(() => resolve()))
      cut()
      await closed
    },
  }
}
