/**
 * Traffic through the bridge beside two pipes, by turns, on one broker: a queue with receipts and ACKs, topics, large bodies.
 * One pipe takes WebSockets, as the bridge does. The other one copies bytes of TCP and knows no messages. The load is this
 * process. Broker, bridge and pipes are processes of their own, whose CPU time the kernel tells.
 */
import { classic as classicDialect } from '../shared/stomp/dialects/mod.ts'
import { type BrokerName, startBroker } from '../test/support/brokers/start.ts'
import { fair } from './brokers.ts'
import { cpuMicrosOf } from './cpu.ts'
import { acknowledge, type Connection, openSession, sendFrame, subscribe, throughput } from './load.ts'
import { type Logins, secret, tokenLogins, users } from './logins.ts'
import { type Peer, startPeer } from './peers/peer.ts'
import { median, microseconds, ratio, table, whole } from './report.ts'

const rounds = Number(process.env.ROUNDS ?? 5)
const messages = Number(process.env.MESSAGES ?? 40_000)
const broker = (process.env.BROKER ?? 'classic') as BrokerName

interface Traffic {
  readonly from: 'worker' | 'master'
  readonly to: 'worker' | 'master'
  readonly destination: string
  readonly headers?: Readonly<Record<string, string>>
  readonly readers?: number
  readonly reading: Readonly<Record<string, string>>
  readonly bodyBytes?: number
  readonly window?: number
  /** Whether its sender reads it too. */
  readonly isEcho?: boolean
  /** Of `messages`, to send so many. */
  readonly share?: number
}

const prefetch = { 'activemq.prefetchSize': '200' }
const job = {
  'correlation-id': '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
  'reply-to': '/queue/myapp.reply.ada.tab-1',
  receipt: 'r',
}
/** The bridge gives every topic reader these; the pipe's reader gets the same, so that the broker does the same for both. */
const topic = {
  from: 'worker',
  to: 'master',
  destination: '/topic/myapp.workers.bench',
  reading: classicDialect.topicReader,
} as const

/** By the names of the rows. */
export const traffics: Readonly<Record<string, Traffic>> = {
  'queue, with receipts, stamps, passes and ACKs': {
    from: 'master',
    to: 'worker',
    destination: '/queue/myapp.tasks.bench',
    headers: job,
    reading: { ack: 'client-individual', ...prefetch },
    share: 0.5,
  },
  'topic, 1 to 1': topic,
  'topic, 1 to 10': { ...topic, readers: 10, window: 100, share: 0.25 },
  '1 MiB, echoes': {
    from: 'master',
    to: 'master',
    destination: '/queue/myapp.reply.ada.tab-1',
    reading: prefetch,
    bodyBytes: 1_048_576,
    isEcho: true,
    window: 1,
    share: 0.005,
  },
}

interface Figures {
  messagesASecond: number
  cpuMicros: number
}

/** Sends and reads for a while. @returns the cost for the peer */
export async function measure(peer: Peer, traffic: Traffic, login: Logins): Promise<Figures> {
  const {
    from,
    to,
    destination,
    headers = {},
    readers = 1,
    reading,
    bodyBytes = 256,
    window = 500,
    share = 1,
  } = traffic
  const sender = await openSession(peer.url, login[from])
  const receivers: Connection[] = []
  for (let reader = 0; reader < readers; reader++) {
    const receiver = traffic.isEcho ? sender : await openSession(peer.url, login[to])
    await subscribe(receiver, destination, reading)
    receivers.push(receiver)
  }
  const reader = together(receivers)
  const frame = sendFrame(destination, bodyBytes, headers)
  const acks = reading.ack === 'client-individual' ? acknowledge(bytes => reader.send(bytes)) : undefined
  const count = Math.round(messages * share)
  await throughput(sender, reader, frame, { messages: Math.ceil(count / 4), window, acks })
  const before = cpuMicrosOf(peer.pid)
  const { messagesASecond } = await throughput(sender, reader, frame, { messages: count, window, acks })
  const cpuMicros = (cpuMicrosOf(peer.pid) - before) / count
  for (const connection of [sender, ...receivers]) connection.close()
  return { messagesASecond, cpuMicros }
}

/** Readers as one, who is as far as the slowest of them. */
function together(readers: readonly Connection[]): Connection {
  const [first] = readers
  if (readers.length === 1) return first!
  const counts = readers.map(() => 0)
  const one: Connection = { send: first!.send, stop: first!.stop, close: first!.close, onFrames: () => undefined }
  let told = 0
  for (const [reader, connection] of readers.entries()) {
    connection.onFrames = (count, bytes) => {
      counts[reader]! += count
      const least = Math.min(...counts)
      if (least === told) return
      one.onFrames(least - told, bytes)
      told = least
    }
  }
  return one
}

const peers = ['tcpPipe', 'pipe', 'bridge'] as const
type PeerName = (typeof peers)[number]

export async function benchTraffic(): Promise<void> {
  await using upstream = await startBroker(broker, fair)
  const settings = { UPSTREAM: upstream.stompUrl }
  await using tcpPipe = await startPeer('tcp-pipe.ts', settings)
  await using pipe = await startPeer('pipe.ts', settings)
  await using bridge = await startPeer('bridge.ts', { ...settings, SECRET: secret })
  const tokens = await tokenLogins()
  for (const [name, traffic] of Object.entries(traffics)) {
    if (!name.includes(process.env.ROW ?? '')) continue
    const figures: Record<PeerName, Figures[]> = { tcpPipe: [], pipe: [], bridge: [] }
    // The first round is for the compilers, the broker's above all
    for (let round = 0; round <= rounds; round++) {
      const taken = {
        tcpPipe: await measure(tcpPipe, traffic, users),
        pipe: await measure(pipe, traffic, users),
        bridge: await measure(bridge, traffic, tokens),
      }
      if (round > 0) for (const peer of peers) figures[peer].push(taken[peer])
    }
    print(name, figures)
  }
}

function print(name: string, figures: Readonly<Record<PeerName, readonly Figures[]>>): void {
  const row = (label: string, peer: PeerName): string[] => {
    const of = (key: keyof Figures): number => median(figures[peer].map(round => round[key]))
    const over = (base: PeerName, key: keyof Figures): string =>
      ratio(median(figures[peer].map((figure, round) => figure[key] / figures[base][round]![key])))
    return [
      label,
      whole(of('messagesASecond')),
      over('tcpPipe', 'messagesASecond'),
      over('pipe', 'messagesASecond'),
      microseconds(of('cpuMicros')),
      over('tcpPipe', 'cpuMicros'),
      over('pipe', 'cpuMicros'),
    ]
  }
  table(`${name}: through ${broker}, median of ${rounds} rounds`, [
    ['', 'messages/s', 'to TCP pipe', 'to WS pipe', 'CPU/message', 'to TCP pipe', 'to WS pipe'],
    row('pipe of TCP', 'tcpPipe'),
    row('pipe of WebSocket', 'pipe'),
    row('bridge', 'bridge'),
  ])
}
