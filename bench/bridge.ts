/**
 * The bridge beside a plain WebSocket-to-TCP byte pipe, on the same ActiveMQ Classic in the same run, by turns. A second
 * pipe is the control: it says how far two equal things differ here. The pipe with frames that have the bridge's stamp in
 * them already says how much the stamp costs the broker.
 */

import { classic as classicDialect } from '../shared/stomp/dialects/mod.ts'
import { startBroker } from '../test/support/brokers/start.ts'
import { fair } from './brokers.ts'
import { type Connection, openSession, roundTrips, sendFrame, subscribe, throughput } from './load.ts'
import { type Logins, secret, tokenLogins, users } from './logins.ts'
import { type Peer, startPeer } from './peers/peer.ts'
import { median, microseconds, ms, percentile, ratio, table, whole } from './report.ts'

const rounds = Number(process.env.ROUNDS ?? 5)
const messages = Number(process.env.MESSAGES ?? 40_000)
const trips = Number(process.env.TRIPS ?? 2_000)

/**
 * The sent frames. Presence is relayed as it is but for the stamp; a job also gets its pass, which is checked on the way to
 * the worker.
 */
const kinds = {
  presence: { from: 'worker', destination: '/topic/myapp.workers.bench', reader: 'master', headers: {} },
  job: {
    from: 'master',
    destination: '/topic/myapp.tasks.bench',
    reader: 'worker',
    headers: { 'correlation-id': '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11', 'reply-to': '/queue/myapp.reply.ada.tab-1' },
  },
} as const
type Kind = keyof typeof kinds

const rowNames = {
  pipe: 'pipe',
  control: 'the pipe again',
  stamped: 'the pipe, stamped frames',
  bridge: 'bridge',
} as const
type Row = keyof typeof rowNames

/** The headers that the bridge adds to each SEND of ada. */
const stamp: Readonly<Record<Kind, Record<string, string>>> = {
  presence: { 'drover-sender': 'ada' },
  // As long as a pass
  job: { 'drover-sender': 'ada', 'drover-pass': `2.${'x'.repeat(100)}.1234567890123.${'x'.repeat(43)}` },
}

interface Figures {
  messagesASecond: number[]
  cpuMicros: number[]
  p50: number[]
  p99: number[]
}

const noFigures = (): Record<Row, Figures> => {
  const empty = (): Figures => ({ messagesASecond: [], cpuMicros: [], p50: [], p99: [] })
  return { pipe: empty(), control: empty(), stamped: empty(), bridge: empty() }
}

/** The bridge gives every topic reader these; the pipe's reader gets the same, so that the broker does the same for both. */
const readerHeaders = classicDialect.topicReader

async function measure(
  peer: Peer,
  kind: Kind,
  login: Logins,
  into: Figures,
  added: Record<string, string> = {},
): Promise<void> {
  const { from, destination, reader, headers } = kinds[kind]
  const sender: Connection = await openSession(peer.url, login[from])
  const receiver: Connection = await openSession(peer.url, login[reader])
  await subscribe(receiver, destination, readerHeaders)
  const frame = sendFrame(destination, 256, { ...headers, ...added })
  await throughput(sender, receiver, frame, { messages: messages / 4 })
  const cpuBefore = await peer.cpuMs()
  const through = await throughput(sender, receiver, frame, { messages })
  into.cpuMicros.push((((await peer.cpuMs()) - cpuBefore) * 1000) / messages)
  into.messagesASecond.push(through.messagesASecond)
  const times = await roundTrips(sender, receiver, frame, trips)
  into.p50.push(percentile(times, 0.5))
  into.p99.push(percentile(times, 0.99))
  sender.close()
  receiver.close()
}

export async function benchBridge(): Promise<void> {
  await using classic = await startBroker('classic', fair)
  await using pipe = await startPeer('pipe.ts', { UPSTREAM: classic.stompUrl })
  await using control = await startPeer('pipe.ts', { UPSTREAM: classic.stompUrl })
  await using bridge = await startPeer('bridge.ts', { UPSTREAM: classic.stompUrl, SECRET: secret })
  const tokens = await tokenLogins()
  for (const kind of Object.keys(kinds) as Kind[]) {
    // The first round is for the compilers, the broker's above all
    let figures = noFigures()
    for (let round = 0; round <= rounds; round++) {
      if (round === 1) figures = noFigures()
      await measure(pipe, kind, users, figures.pipe)
      await measure(bridge, kind, tokens, figures.bridge)
      await measure(control, kind, users, figures.control)
      await measure(pipe, kind, users, figures.stamped, stamp[kind])
    }
    print(kind, figures)
  }
}

function print(kind: Kind, figures: Record<Row, Figures>): void {
  const row = (name: Row): string[] => {
    const mine = figures[name]
    const overPipe = (key: 'messagesASecond' | 'cpuMicros'): string =>
      ratio(median(mine[key].map((figure, round) => figure / figures.pipe[key][round]!)))
    return [
      rowNames[name],
      whole(median(mine.messagesASecond)),
      overPipe('messagesASecond'),
      microseconds(median(mine.cpuMicros)),
      overPipe('cpuMicros'),
      ms(median(mine.p50)),
      ms(median(mine.p50.map((figure, round) => figure - figures.pipe.p50[round]!))),
      ms(median(mine.p99)),
    ]
  }
  table(
    `The bridge beside a byte pipe: ${kind} messages of 256 B through ActiveMQ Classic, median of ${rounds} rounds`,
    [
      ['', 'messages/s', 'ratio', 'CPU/message', 'ratio', 'p50', 'added', 'p99'],
      row('pipe'),
      row('control'),
      row('stamped'),
      row('bridge'),
    ],
  )
}
