/**
 * For unit tests: a connection that keeps the messages sent by it, where the test says how each send ends; deliveries and jobs;
 * a runtime on such a connection.
 */
import { systemClock } from '../shared/clock.ts'
import { DroverError } from '../shared/contract/mod.ts'
import {
  type BrokerSession,
  classic,
  type HowSent,
  type Incoming,
  type Outgoing,
  type Stomp,
  type StompState,
} from '../shared/stomp/mod.ts'
import type { Queues } from './consume/queues.ts'
import type { Delivery } from './delivery.ts'
import type { HeldJob } from './held-job.ts'
import type { WorkerRuntime } from './options.ts'
import type { EndedJob } from './settle/job-memory.ts'

export interface FakeStomp extends Stomp {
  /** Every send that went through, in order. */
  readonly sent: Outgoing[]
  /** How each confirmed message or transaction was to be sent. */
  readonly hows: (HowSent | undefined)[]
  /** The errors of the next confirmed sends, `undefined` for success; when it is empty they succeed. */
  readonly fates: (Error | undefined)[]
  /** The latest reader of each destination. */
  readonly readers: ReadonlyMap<string, (incoming: Incoming) => void>
  /** The destinations that were unsubscribed from. */
  readonly left: readonly string[]
  become(state: StompState): void
}

export const fakeSession: BrokerSession = {
  dialect: classic,
  owner: 'foo',
  namespace: 'myapp',
  bridged: false,
}

/** Makes one that is open. */
export function fakeStomp(): FakeStomp {
  const sent: Outgoing[] = []
  const hows: (HowSent | undefined)[] = []
  const fates: (Error | undefined)[] = []
  const readers = new Map<string, (incoming: Incoming) => void>()
  const left: string[] = []
  const listeners = new Set<(state: StompState) => void>()
  let state: StompState = { at: 'open', session: fakeSession }
  const confirmed = async (messages: readonly Outgoing[], how: HowSent | undefined): Promise<void> => {
    hows.push(how)
    if (state.at !== 'open') throw new DroverError('connection_lost', 'There is no connection at present')
    const fate = fates.shift()
    if (fate !== undefined) throw fate
    sent.push(...messages)
  }
  return {
    sent,
    hows,
    fates,
    readers,
    left,
    become(next) {
      state = next
      for (const listener of listeners) listener(next)
    },
    get state() {
      return state
    },
    onState(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    opened: async () => fakeSession,
    publish: (message, how) => confirmed([message], how),
    publishUnconfirmed: message => void (state.at === 'open' && sent.push(message)),
    subscribe({ destination }, onMessage) {
      readers.set(destination, onMessage)
      return { ready: Promise.resolve(), unsubscribe: async () => void left.push(destination) }
    },
    transaction(fill, how) {
      const messages: Outgoing[] = []
      fill({ publish: message => void messages.push(message) })
      return confirmed(messages, how)
    },
    close: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}

/** A delivery in hand, which does and knows nothing but the given members. */
export const fakeDelivery = (own: Partial<Delivery> = {}): Delivery => ({
  incoming: { headers: {}, body: '', destination: '', ack() {} },
  source: 'a',
  ack() {},
  settled() {},
  refused() {},
  park() {},
  isGone: () => false,
  leaveUnsettled: () => false,
  mayRequeue: () => false,
  requeue() {},
  ...own,
})

/** A job that a worker holds, of which nothing but the given members is known. */
export const fakeHeldJob = (own: Partial<HeldJob>): HeldJob =>
  ({ requestId: crypto.randomUUID(), task: 'a', mode: 'queue', phase: 'waiting', copies: [], ...own }) as HeldJob

/** A job that ended with its body as its outcome, for one master. */
export const fakeEndedJob = (own: Partial<EndedJob> & Pick<EndedJob, 'request_id' | 'body' | 'untilAt'>): EndedJob => ({
  task: 'a',
  attempt: 1,
  type: 'result',
  sender: undefined,
  answers: [{ message: { destination: '/queue/r', body: own.body }, connection: 1 }],
  letter: undefined,
  ...own,
})

/** Reads the queues of groups of tasks, each by the name of the task. */
export const fakeQueues = (
  groups: readonly (readonly string[])[],
): Pick<Queues, 'groups' | 'subscribeOptions' | 'byQueue' | 'refusedOwn'> => ({
  groups,
  refusedOwn: () => false,
  subscribeOptions: group => ({ destination: group.join(), ack: 'client-individual' }),
  byQueue: group => new Map(group.map(task => [task, task])),
})

/** A runtime that nothing happens to. */
export const fakeRuntime = (stomp: Stomp = fakeStomp()): WorkerRuntime => ({
  host: 'box',
  version: 'node 24',
  connect: () => stomp,
  clock: systemClock,
  newId: () => crypto.randomUUID(),
  random: Math.random,
  onShutdown: () => () => {},
  written: async () => {},
  onUncaughtError: () => () => {},
})
