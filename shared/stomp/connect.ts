/**
 * The connection that keeps itself up: one link after another, full jitter between them, a new token and every
 * subscription again at each.
 *
 *     connecting ──CONNECTED──▶ open
 *         ▲   └──────lost─────┐  │ lost
 *     timer│                  ▼  ▼
 *         waiting ◀──────── may another try mend it? ──no──▶ closed
 */

import { callEach } from '../call-listeners.ts'
import { systemClock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import { subprotocols } from '../stomp-versions.ts'
import type { ConnectOptions } from './connect-options.ts'
import { versionsFor } from './dialects/mod.ts'
import { notConnected } from './errors/connection-errors.ts'
import { createRetry } from './reconnecting/retry.ts'
import { FrameLimit } from './sending/frame-limit.ts'
import type { Sender } from './sending/sender.ts'
import { collect } from './sending/transaction.ts'
import { readSession } from './session/broker-session.ts'
import { checkCredentials, spellCredentials, spellingsOf, tokenWithin, wrongToken } from './session/credentials.ts'
import { type Link, openLink, type StompSocket } from './session/link.ts'
import { createRenewal } from './session/renewal.ts'
import { readAddress, withoutPassword } from './sockets/address.ts'
import type { BrokerSession, Headers, Outgoing, Stomp, StompState } from './stomp.ts'
import { createSubscriptions } from './subscriptions.ts'

/** A link that lasted this long is not held against the next one: its wait starts small again. */
const steadyMs = 10_000
/** How many tokens in a row are tried before the token function is taken at its word. */
const maxTokenTries = 5

/**
 * Connects in the background and stays connected. A broker that is away is tried for ever; a reason that another try
 * does not mend (refused credentials, a session that a newer one replaced) closes it for good.
 * @throws {DroverError} `config_invalid` for an address or credentials that cannot be used
 * @example
 * ```ts ignore
 * await using stomp = connectStomp({ url: 'wss://jobs.example/stomp', token: () => fetchToken() })
 * const { namespace } = await stomp.opened()
 * await stomp.publish({ destination: `/queue/${namespace}.tasks.host.facts`, body: '{}' })
 * ```
 */
export function connectStomp(options: ConnectOptions): Stomp {
  const { url, ...userinfo } = readAddress(options.url)
  const address = withoutPassword(url)
  const { token, login = userinfo.login, passcode = userinfo.passcode } = options
  const { random = Math.random, clock = systemClock, connectTimeoutMs = 10_000, createSocket } = options
  if (!createSocket && url.protocol.startsWith('stomp')) {
    const message = `${url.protocol} needs a TCP socket, which a page does not have: use ws:// or wss://, or pass createSocket`
    throw new DroverError('config_invalid', message)
  }
  const host = options.host ?? userinfo.host ?? '/'
  checkCredentials({ login, passcode, host }, token)

  const limit = new FrameLimit()
  const subscriptions = createSubscriptions()
  const listeners = new Set<(state: StompState) => void>()
  let state: StompState = { at: 'connecting' }
  let link: Link | undefined
  const renewal = token && createRenewal({ token, timeoutMs: connectTimeoutMs, clock, random })
  /** The one of the latest CONNECT. */
  let tokenSent: string | undefined
  let deniedTokens = 0
  let openedAt: number | undefined
  let versions = versionsFor(options.dialect)
  /** Whether the passcode is escaped in CONNECT, and whether the other way was tried since a link was open. */
  let isEscaped = false
  let isTurned = false
  /** A link ends, to be followed at once by one in the version that its broker is better spoken to in. */
  let isChanging = false
  let closing: Promise<void> | undefined

  const become = (next: StompState): void => {
    state = next
    callEach(listeners, next)
  }
  const isClosed = (): boolean => state.at === 'closed'

  /** Why the latest wait. */
  let reason: DroverError
  const retry = createRetry({
    random,
    clock,
    backoff: options.backoff,
    wakes: options.wakes ?? false,
    connect: () => void connect(),
    onWait: retryAt => become({ at: 'waiting', retryAt, reason }),
    onStalled: () => {
      if (state.at === 'connecting')
        link?.drop(new DroverError('broker_unreachable', `${address} gave no answer before this side woke`))
    },
  })

  const connect = async (): Promise<void> => {
    retry.began()
    if (state.at !== 'connecting') become({ at: 'connecting' })
    const { clientId } = options
    let credentials = { login, passcode, host }
    if (token) {
      try {
        credentials = { login, host, passcode: await tokenWithin(connectTimeoutMs, token, clock) }
      } catch (cause) {
        if (isClosed()) return
        const found = cause instanceof Error ? cause.message : String(cause)
        return wait(
          new DroverError('not_authenticated', `Cannot connect: the token function failed: ${found}`, { cause }),
        )
      }
      if (isClosed()) return
      const wrong = wrongToken(credentials.passcode)
      if (wrong !== undefined) return lost(wrong)
      tokenSent = credentials.passcode
    }
    try {
      link = openLink({
        socket: createSocket ? createSocket(new URL(url)) : (new WebSocket(url, subprotocols) as StompSocket),
        headers: connectHeaders({ ...spellCredentials(credentials, isEscaped), 'client-id': clientId }),
        versions,
        heartbeatMs: options.heartbeatMs ?? 10_000,
        connectTimeoutMs,
        receiptTimeoutMs: options.receiptTimeoutMs ?? 15_000,
        clock,
        address,
        connected,
        refused,
        outgrown: (bytes, why) => limit.learn(bytes, why),
        lost,
      })
    } catch (cause) {
      lost(new DroverError('broker_unreachable', `Cannot open a socket to ${address}: ${String(cause)}`, { cause }))
    }
  }

  const connected = (headers: Headers): void => {
    const opened = link
    if (!opened || isClosed()) return
    try {
      const { namespace = 'myapp', dialect } = options
      const session = readSession(headers, { login, namespace, dialect }, clock.steady())
      deniedTokens = 0
      isTurned = false
      const offered = versions
      versions = versionsFor(session.dialect)
      // A bridge has chosen already
      if (!session.bridged && offered.some(version => version === headers.version && !versions.includes(version))) {
        isChanging = true
        void opened.disconnect()
        return
      }
      openedAt = clock.steady()
      limit.told(session.maxFrameBytes)
      opened.speak(session.dialect, session.bridged)
      subscriptions.renew(opened, session)
      renewal?.opened(opened, session, tokenSent)
      if (opened.isOpen) become({ at: 'open', session })
    } catch (error) {
      opened.drop(error as DroverError)
    }
  }

  /** After ERROR a server closes; until it has, our frames would vanish. Some go on, and a bridge decides itself. */
  const refused = (error: DroverError): void => {
    if (state.at === 'open' && !state.session.bridged && !state.session.dialect.survivesRefusal) link?.drop(error)
  }

  const lost = (reason: DroverError, refusedBy?: 'broker' | 'drover'): void => {
    renewal?.stop()
    const isMisread = refusedBy !== undefined && (isEscaped || refusedBy === 'broker')
    if (isMisread && !token && spellingsOf({ login, passcode, host }).length > 1) {
      isEscaped = !isEscaped
      isTurned = !isTurned
      isChanging ||= isTurned
    }
    if (isChanging) {
      isChanging = false
      link = undefined
      if (!isClosed()) void connect()
      return
    }
    const wasOpen = openedAt !== undefined
    if (reason.code === 'broker_unreachable' && !wasOpen) limit.forget()
    if (wasOpen && clock.steady() - openedAt! >= steadyMs) retry.reset()
    link = undefined
    openedAt = undefined
    if (isClosed()) return
    if (isFinal(reason, wasOpen)) end(reason)
    // Its token has expired, which each does at its own time: nobody else comes back with it.
    else wait(reason, wasOpen && reason.code === 'not_authenticated' && retry.tries === 0)
  }

  const wait = (why: DroverError, isBrief = false): void => {
    reason = why
    retry.wait(isBrief)
  }

  const isFinal = ({ code }: DroverError, wasOpen: boolean): boolean => {
    if (code === 'not_authenticated') return !token || ++deniedTokens >= maxTokenTries
    return code === 'session_replaced' || (code === 'forbidden' && !wasOpen)
  }

  const end = (reason?: DroverError): void => {
    retry.stop()
    renewal?.stop()
    subscriptions.end(reason ?? new DroverError('closed', 'The connection was closed'))
    become(reason ? { at: 'closed', reason } : { at: 'closed' })
  }

  /** Sends on the link of now. */
  const senderFor = (messages: readonly Outgoing[]): Sender => {
    for (const message of messages) limit.check(message)
    if (link?.isOpen && !isClosed()) return link.sender
    throw notConnected(state)
  }

  const stomp: Stomp = {
    get state() {
      return state
    },
    frameLimit: url.protocol.startsWith('ws') ? limit : undefined,
    onState(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    async opened(signal) {
      signal?.throwIfAborted()
      const { promise, resolve, reject } = Promise.withResolvers<BrokerSession>()
      const look = (): void => {
        if (state.at === 'open') resolve(state.session)
        if (state.at === 'closed') reject(state.reason ?? notConnected(state))
      }
      const onAbort = (): void => reject(signal?.reason)
      const stop = stomp.onState(look)
      signal?.addEventListener('abort', onAbort)
      look()
      try {
        return await promise
      } finally {
        stop()
        signal?.removeEventListener('abort', onAbort)
      }
    },
    async publish(message, how) {
      await senderFor([message]).send(message, how)
    },
    publishUnconfirmed(message) {
      if (link?.isOpen) senderFor([message]).sendUnconfirmed(message)
    },
    subscribe: (wanted, onMessage) => {
      if (isClosed()) throw notConnected(state)
      return subscriptions.add(wanted, onMessage)
    },
    async transaction(fill, how) {
      const steps = collect(fill)
      const chosen = senderFor(steps.flatMap(step => ('send' in step ? [step.send] : [])))
      if (state.at !== 'open') throw notConnected(state)
      await chosen.transaction(steps, how)
    },
    close() {
      closing ??= (async () => {
        const last = link
        if (!isClosed()) end()
        await last?.disconnect()
      })()
      return closing
    },
    [Symbol.asyncDispose]: () => stomp.close(),
  }
  void connect()
  return stomp
}

/** Those headers of CONNECT that have a value. */
const connectHeaders = (headers: Record<string, string | undefined>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined))
