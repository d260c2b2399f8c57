/**
 * The cost of a reply for a master with few and with many open jobs: constant time means a ratio near 1. The connection is
 * a stand-in that confirms everything at once, so that only the master is measured.
 */
import process from 'node:process'
import { createMaster, statusOf } from '../shared/master/mod.ts'
import {
  type BrokerSession,
  embedded,
  type Incoming,
  type Outgoing,
  type Stomp,
  type SubscribeOptions,
} from '../shared/stomp/mod.ts'
import { ratio, table, whole } from './report.ts'

const session: BrokerSession = { dialect: embedded, owner: 'foo', namespace: 'myapp', bridged: false }

interface StandIn {
  readonly stomp: Stomp
  deliver(destination: string, headers: Record<string, string>, body: string): void
}

function standIn(): StandIn {
  const readers = new Map<string, (message: Incoming) => void>()
  const stomp: Stomp = {
    state: { at: 'open', session },
    onState: () => () => {},
    opened: async () => session,
    async publish(_message: Outgoing) {},
    publishUnconfirmed() {},
    subscribe({ destination }: SubscribeOptions, onMessage) {
      readers.set(destination, onMessage)
      return { ready: Promise.resolve(), unsubscribe: async () => {} }
    },
    async transaction() {},
    async close() {},
    [Symbol.asyncDispose]: async () => {},
  }
  return {
    stomp,
    deliver: (destination, headers, body) => readers.get(destination)?.({ headers, body, destination, ack() {} }),
  }
}

/** @returns µs a reply, over replies of every kind to jobs picked all over the open ones */
async function measure(openJobs: number, replies: number): Promise<number> {
  const { stomp, deliver } = standIn()
  await using master = createMaster({ stomp, masterId: 'bench' })
  await master.ready
  const handles = Array.from({ length: openJobs }, (_, n) => master.dispatch('bench.echo', { n }))
  await Promise.all(handles.map(handle => handle.sent))
  const seqs = new Uint32Array(openJobs)
  const start = performance.now()
  for (let n = 0; n < replies; n++) {
    const at = (n * 7919) % Math.min(openJobs, 100) // as many replies a job, however many are open
    const spread = Math.floor((at * openJobs) / Math.min(openJobs, 100))
    const { request_id } = handles[spread]!
    const seq = seqs[spread]!++
    const body = {
      v: 1,
      type: seq === 0 ? 'accepted' : 'progress',
      request_id,
      worker_id: 'w1',
      seq,
      attempt: 1,
      percent: 5,
    }
    deliver('/queue/myapp.reply.foo.bench', { 'correlation-id': request_id }, JSON.stringify(body))
    if (n % 100 === 99) await Promise.resolve()
  }
  const took = performance.now() - start
  const { running } = master.counts
  if (running !== Math.min(openJobs, 100) || statusOf(handles[0]!.snapshot) !== 'running')
    throw new Error('Replies were not applied')
  return (took * 1000) / replies
}

/** Prints the cost of a reply with 100 and with 10,000 open jobs, and their ratio. */
export async function benchMasterReplies(): Promise<void> {
  const replies = Number(process.env.REPLIES ?? 50_000)
  await measure(100, replies / 5)
  const few = await measure(100, replies)
  const many = await measure(10_000, replies)
  table('A reply through the master, by open jobs', [
    ['open jobs', 'µs a reply', 'replies/s', 'to 100'],
    ['100', few.toFixed(1), whole(1e6 / few), ratio(1)],
    ['10,000', many.toFixed(1), whole(1e6 / many), ratio(many / few)],
  ])
}

if (import.meta.main) await benchMasterReplies()
