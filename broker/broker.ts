/// <reference lib="esnext.disposable" preserve="true" />
/**
 * The embedded broker: STOMP 1.0, 1.1 and 1.2 for one machine, in memory. It knows no socket: a listener gives it links,
 * and code of the same process connects to it directly.
 */

import { type Clock, systemClock } from '../shared/clock.ts'
import { DroverError } from '../shared/contract/errors.ts'
import type { Accept, ByteLink, ByteSink } from '../shared/frames/byte-link.ts'
import { randomId } from '../shared/random-id.ts'
import { Connection } from './connection.ts'
import { type BrokerLimits, defaultBrokerLimits, type FullPolicy } from './limits.ts'
import { createLocalPair } from './local-link.ts'
import { Operations } from './operations/operations.ts'
import { type RouteEvents, Routes } from './routes.ts'
import { Journal } from './store/journal.ts'
import type { Disk } from './store/port.ts'
import { restore } from './store/restore.ts'
import type { Subscription } from './subscription.ts'
import { UnfinishedFrames } from './unfinished-frames.ts'
import { type BrokerUser, defaultUsers, type LoginAttempts } from './users.ts'

/** Its version in CONNECTED's `server` header, as the package's. */
export const serverVersion = '0.1.0'

/** Events for log lines and counters. */
export type BrokerEvent =
  | { readonly type: 'session_opened'; readonly session: string; readonly login: string }
  | { readonly type: 'session_ended'; readonly session: string; readonly error: Error | undefined }
  | { readonly type: 'durable_dropped'; readonly name: string; readonly reason: string }
  /** A message to a temporary queue whose owner has gone, or to a reply queue of an owner who has as many as one may. */
  | { readonly type: 'reply_dropped'; readonly destination: string }
  /** Messages with `persistent:false` that came when little room was left; told at 1, 2, 4, 8 … of them. */
  | { readonly type: 'message_dropped'; readonly destination: string; readonly count: number }
  /** Nothing can be kept now, so that persistent messages are refused; or it can again. */
  | { readonly type: 'store_failed'; readonly message: string }
  | { readonly type: 'store_recovered' }
  /** Small replies and dead letters that found no room even in the reserve, since nobody reads there; told likewise. */
  | { readonly type: 'end_dropped'; readonly destination: string; readonly count: number }

export interface BrokerOptions {
  /** Default: foo/bar under `myapp.>`, nobody else. */
  readonly users?: readonly BrokerUser[]
  /** Limits tries at a passcode that come over a network; default: none are limited. */
  readonly attempts?: LoginAttempts
  readonly limits?: Partial<BrokerLimits>
  readonly clock?: Clock
  /** A fresh unguessable text of letters, digits and dashes at every call; default `crypto.randomUUID`. */
  readonly random?: () => string
  readonly onEvent?: (event: BrokerEvent) => void
  /** How a SEND or COMMIT that does not fit is treated; default `error`. */
  readonly policy?: FullPolicy
  /** Keeps persistent messages and durable subscriptions; `openStore` opens one. It is the broker's, which closes it. Default: none */
  readonly store?: Disk
}

export interface QueueStats {
  readonly destination: string
  readonly waiting: number
  /** Handed out and not acknowledged, or waiting for their delay. */
  readonly pending: number
  readonly bytes: number
  readonly readers: number
  /** Those that came when little room was left, and said `persistent:false` or were small ends of jobs. */
  readonly dropped: number
}

export interface BrokerStats {
  readonly connections: number
  readonly subscriptions: number
  /** Durable subscriptions, their readers there or not. */
  readonly durables: number
  /** Those that are open. */
  readonly transactions: number
  /** Of all messages, wherever they wait. */
  readonly bytes: number
  /** Of those, of the ones that the store keeps. */
  readonly storedBytes: number
  readonly delayed: number
  /** Messages that were dropped since the start: with `persistent:false`, or small ends of jobs. */
  readonly dropped: number
  readonly queues: readonly QueueStats[]
}

export interface EmbeddedBroker extends AsyncDisposable {
  /** Takes a connection that a listener accepted. */
  readonly accept: Accept
  /**
   * Opens a connection in this process; the peer logs in with CONNECT as over a network.
   * @param options `owner` names the owner whose share of the broker it uses. Default: the login's
   */
  connect(sink: ByteSink, options?: { readonly owner?: string }): Promise<ByteLink>
  stats(): BrokerStats
  /** Looks into queues, empties them, and moves messages from one to another. */
  readonly operations: Operations
  /** Ends every connection and forgets everything that it does not keep. Idempotent. */
  close(): Promise<void>
}

/**
 * Starts a broker.
 * @throws {DroverError} `store_failed` when its store cannot be read
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { createEmbeddedBroker } from 'drover/broker'
 * import { encodeFrame, FrameScanner } from 'drover/frames'
 * await using broker = createEmbeddedBroker()
 * const scanner = new FrameScanner()
 * const { promise, resolve } = Promise.withResolvers<string>()
 * const link = await broker.connect({
 *   bytes: chunk => scanner.push(chunk).forEach(frame => resolve(frame.command)),
 *   drained() {},
 *   closed() {},
 * })
 * link.send(encodeFrame('CONNECT', [['accept-version', '1.2'], ['login', 'foo'], ['passcode', 'bar']]))
 * assert.equal(await promise, 'CONNECTED')
 * ```
 */
export function createEmbeddedBroker(options: BrokerOptions = {}): EmbeddedBroker {
  const { users = defaultUsers, attempts, clock = systemClock, random = randomId, onEvent, policy = 'error' } = options
  const limits: BrokerLimits = { ...defaultBrokerLimits, ...options.limits }
  const journal =
    options.store &&
    new Journal({
      disk: options.store,
      clock,
      onState: failure =>
        onEvent?.(failure ? { type: 'store_failed', message: failure.message } : { type: 'store_recovered' }),
    })
  const events: RouteEvents = {
    onDurableDropped: (name, reason) => onEvent?.({ type: 'durable_dropped', name, reason }),
    onUnanswerable: destination => onEvent?.({ type: 'reply_dropped', destination }),
    onEndDropped: (destination, count) => onEvent?.({ type: 'end_dropped', destination, count }),
    onShortOfRoom: (destination, count) => onEvent?.({ type: 'message_dropped', destination, count }),
  }
  const routes = new Routes(clock, limits, events, journal)
  const connections = new Set<Connection>()
  // Those that have not logged in yet, in the order of coming
  const unauthenticated = new Set<Connection>()
  // Names messages and connections, of which an earlier process had others
  const start = random()
  let isClosed = false
  let lastMessage = 0
  let lastConnection = 0

  const context = {
    run: options.store?.run ?? start,
    routes,
    limits,
    unfinished: new UnfinishedFrames(limits),
    now: () => clock.now(),
    nextMessageId: () => `${start}-${++lastMessage}`,
    takeOver: ({ reader }: Subscription) => {
      const reason = new DroverError('session_replaced', 'A newer connection took over your durable subscription')
      if (reader instanceof Connection) reader.refuse(reason)
    },
  }

  if (journal && options.store) {
    try {
      restore(options.store, journal, routes, clock)
    } catch (error) {
      journal.close()
      routes.close()
      throw error
    }
  }

  /** A client that means to log in does so at once. The oldest that has not gives way, so that it keeps nobody out. */
  const makeRoom = (newest: Connection): void => {
    const [oldest] = unauthenticated
    const words = oldest
      ? 'Too many connections wait to log in here; connect again'
      : `The broker has ${limits.maxConnections} connections, which is the limit`
    const gone = oldest ?? newest
    gone.refuse(new DroverError('queue_full', words))
  }

  const accept: Accept = link => {
    const connection = new Connection(link, {
      context,
      clock,
      users,
      attempts,
      policy,
      id: `${start}-${++lastConnection}`,
      server: `drover-embedded/${serverVersion}`,
      token: random().replaceAll('.', '-'),
      onOpen: () => {
        unauthenticated.delete(connection)
        onEvent?.({ type: 'session_opened', session: connection.id, login: connection.login ?? '' })
      },
      onEnd: error => {
        connections.delete(connection)
        unauthenticated.delete(connection)
        onEvent?.({ type: 'session_ended', session: connection.id, error })
      },
    })
    connections.add(connection)
    if (isClosed) connection.close('The broker is closed')
    else if (connections.size > limits.maxConnections) makeRoom(connection)
    if (connections.has(connection)) unauthenticated.add(connection)
    return connection
  }

  /** Changes that cannot be written are told, and were confirmed to nobody. */
  const flush = async (): Promise<void> => {
    await journal?.flush().catch(() => {})
  }

  const end = async (): Promise<void> => {
    isClosed = true
    if (journal) await flush()
    for (const connection of [...connections]) connection.close('The broker is shutting down')
    routes.close()
    if (journal) await flush()
    journal?.close()
  }
  let ending: Promise<void> | undefined
  const close = (): Promise<void> => {
    ending ??= end()
    return ending
  }

  return {
    accept,
    async connect(sink, { owner } = {}) {
      if (isClosed) throw new DroverError('broker_unreachable', 'The embedded broker is closed')
      const [client, server] = createLocalPair()
      client.sink = sink
      server.owner = owner
      server.sink = accept(server)
      return client
    },
    operations: new Operations(routes, clock),
    stats: () => ({
      connections: connections.size,
      subscriptions: routes.quotas.subscriptions.used,
      durables: routes.quotas.durables.used,
      transactions: routes.quotas.transactions.used,
      bytes: routes.rooms.memory.usedBytes + routes.rooms.disk.usedBytes,
      storedBytes: routes.rooms.disk.usedBytes,
      delayed: routes.delays.length,
      dropped: routes.admission.dropped,
      queues: [...routes.queues.values(), ...routes.durables.queues].map(queue => ({
        destination: queue.route,
        waiting: queue.waiting,
        pending: queue.messages - queue.waiting,
        bytes: queue.bytes,
        readers: queue.readers.length,
        dropped: queue.dropped,
      })),
    }),
    close,
    [Symbol.asyncDispose]: close,
  }
}
