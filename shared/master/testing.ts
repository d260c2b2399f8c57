/** A connection for unit tests of the master: it keeps each message that is published, and the test says how each goes. */

import type { Clock } from '../clock.ts'
import { isFence } from '../contract/fence.ts'
import { changesHeader } from '../contract/mod.ts'
import {
  type BrokerSession,
  embedded,
  type Incoming,
  type Outgoing,
  type Stomp,
  type StompState,
} from '../stomp/mod.ts'

export const session: BrokerSession = {
  dialect: embedded,
  owner: 'foo',
  namespace: 'myapp',
  bridged: false,
}

/** Two workers. */
export const anvil = { worker_id: 'w1', name: 'anvil' }
export const bellows = { worker_id: 'w2', name: 'bellows' }

interface Announced {
  readonly worker_id: string
  readonly name: string
  readonly state?: string
  readonly connection?: number
  readonly paused?: boolean
  readonly interval_ms?: number
  readonly features?: readonly string[]
}

export interface Scripted {
  readonly stomp: Stomp
  readonly published: Outgoing[]
  /** Types of the replies that were acknowledged. */
  readonly acked: string[]
  become(next: StompState): void
  /** Keeps fences from coming back. @returns lets them come, and those that wait */
  holdFences(): () => void
  reply(body: Record<string, unknown>): void
  /** A worker's beat. @param watched the task whose watchers hear it, `*` for those of all; the task itself unless it is given */
  beat(task: string, worker: { worker_id: string; name: string; state?: string }, watched?: string): void
  announce(task: string, worker: Announced, watched?: string): void
  /** A bridge's message of changes. @param words its fields but for version and type */
  tell(task: string, words: Record<string, unknown>): void
  /** Jobs that were published, each as often as it was. */
  jobs(): Outgoing[]
}

/**
 * A connection that is open, and whose publishing goes as `onPublish` says; fences come back at once.
 * @param brokerNow ms since the epoch
 */
export function scripted(
  onPublish: (message: Outgoing) => Promise<void> = async () => {},
  brokerNow: () => number = Date.now,
): Scripted {
  let state: StompState = { at: 'open', session }
  let held: Outgoing[] | undefined
  const listeners = new Set<(state: StompState) => void>()
  const readers = new Map<string, (message: Incoming) => void>()
  const published: Outgoing[] = []
  const acked: string[] = []
  /** Replies that are not acknowledged; with `ack:client` an ACK is also one of those before it. */
  let unacked: { readonly type: string }[] = []
  let isCumulative = false
  const acknowledge = (reply: { readonly type: string }): void => {
    const meant = isCumulative ? unacked.slice(0, unacked.indexOf(reply) + 1) : [reply]
    unacked = unacked.filter(one => !meant.includes(one))
    acked.push(...meant.map(({ type }) => type))
  }
  const handBack = ({ destination, body }: Outgoing): void =>
    readers.get(destination)?.({ headers: { timestamp: String(brokerNow()) }, body, destination, ack() {} })
  const stomp: Stomp = {
    get state() {
      return state
    },
    onState(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    opened: async () => session,
    publish(message) {
      if (isFence(message.body)) return Promise.resolve(void (held?.push(message) ?? handBack(message)))
      published.push(message)
      return onPublish(message)
    },
    publishUnconfirmed: message => void published.push(message),
    subscribe({ destination, ack }, onMessage) {
      readers.set(destination, onMessage)
      if (destination.includes('.reply')) isCumulative = ack === 'client'
      return { ready: Promise.resolve(), unsubscribe: async () => {} }
    },
    async transaction() {},
    async close() {},
    [Symbol.asyncDispose]: async () => {},
  }
  const say = (task: string, words: Record<string, unknown>, watched = task): void => {
    const destination = `/topic/myapp.workers.${task}`
    const counts = { concurrency: 1, active: 0, processed: 0, failed: 0, at: 0, interval_ms: 1000 }
    const body = JSON.stringify({ v: 1, state: 'idle', ...counts, ...words })
    readers.get(`/topic/myapp.workers.${watched}`)?.({ headers: {}, body, destination, ack() {} })
  }
  const tell = (task: string, words: Record<string, unknown>): void => {
    const destination = `/topic/myapp.workers.${task}`
    const headers = { [changesHeader.name]: changesHeader.value }
    const body = JSON.stringify({ v: 1, type: 'changes', ...words })
    readers.get(destination)?.({ headers, body, destination, ack() {} })
  }
  return {
    stomp,
    published,
    acked,
    become(next: StompState) {
      state = next
      for (const listener of listeners) listener(next)
    },
    holdFences() {
      const waiting: Outgoing[] = []
      held = waiting
      return () => {
        held = undefined
        for (const fence of waiting) handBack(fence)
      }
    },
    reply(body: Record<string, unknown>) {
      const destination = '/queue/myapp.reply.foo.m'
      const own = { type: String(body.type) }
      unacked.push(own)
      readers.get(destination)?.({
        headers: {},
        body: JSON.stringify(body),
        destination,
        ack: () => acknowledge(own),
      })
    },
    beat: (task, worker, watched) => say(task, { type: 'beat', ...worker }, watched),
    tell,
    announce: (task, worker, watched) => say(task, { type: 'announce', task, started_at: 0, ...worker }, watched),
    jobs: () => published.filter(({ destination }) => destination.startsWith('/queue/')),
  }
}

/** A clock that stands until it is told to go on. */
export function steppedClock(): { clock: Clock; goOn: (ms: number) => Promise<void>; sleep: (ms: number) => void } {
  let now = 1_700_000_000_000
  const timers = new Set<{ readonly at: number; readonly fire: () => void }>()
  const settled = () => new Promise(resolve => setTimeout(resolve, 0))
  const next = () => [...timers].sort((one, other) => one.at - other.at)[0]
  return {
    clock: {
      now: () => now,
      steady: () => now,
      timer(ms, fire) {
        const timer = { at: now + ms, fire }
        timers.add(timer)
        return () => void timers.delete(timer)
      },
    },
    async goOn(ms) {
      const until = now + ms
      await settled()
      for (let timer = next(); timer !== undefined && timer.at <= until; timer = next()) {
        now = Math.max(now, timer.at)
        timers.delete(timer)
        timer.fire()
        await settled()
      }
      now = until
    },
    /** Time passes and nothing runs. */
    sleep(ms) {
      now += ms
    },
  }
}
