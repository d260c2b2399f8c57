/**
 * The cost of sessions: bridge and plain byte pipe, each in a process of its own before the same broker, by turns. It is the
 * memory of an idle session, the memory for one that does not read, and the number of logins in a second. This process is the load.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { type BrokerName, startBroker } from '../test/support/brokers/start.ts'
import { fair } from './brokers.ts'
import { type Connection, openSession, sendFrame, subscribe } from './load.ts'
import { secret, tokenFor, user } from './logins.ts'
import { measure } from './measure.ts'
import { type Peer, startPeer } from './peers/peer.ts'
import { median, microseconds, ratio, table, whole } from './report.ts'

const rounds = Number(process.env.ROUNDS ?? 3)
const idle = Number(process.env.SESSIONS ?? 3_000)
const connects = Number(process.env.CONNECTS ?? 2_000)
const broker = (process.env.BROKER ?? 'classic') as BrokerName
const KiB = 1024
const MiB = 1024 * KiB

const lanes = 16
const topic = '/topic/myapp.workers.bench'
const waitingBytes = 64 * MiB
const bodyBytes = 16 * KiB
/** Less than the time after which the bridge ends a session that takes nothing. */
const stalledMs = 8_000
/** Until the garbage of opening is collected, as far as it is by itself. */
const settleMs = 5_000

type Name = 'pipe' | 'bridge'
interface Side {
  readonly name: Name
  readonly credentials: Record<string, string>
  start(): Promise<Peer>
}

interface Figures {
  readonly idleKiB: number[]
  readonly liveKiB: number[]
  readonly stalledMiB: number[]
  readonly throughMiB: number[]
  readonly sessionsASecond: number[]
  readonly cpuMicros: number[]
}

/** Opens sessions that then do nothing: CONNECT with a token, and no subscription. */
async function idleSessions({ start, credentials }: Side, into: Figures): Promise<void> {
  await using peer = await start()
  // Parts that are made once belong to no session
  for (const early of await openMany(peer, credentials, lanes * 4)) early.close()
  await delay(settleMs / 5)
  const liveBefore = await peer.liveBytes()
  const before = await peer.residentBytes()
  const sessions = await openMany(peer, credentials, idle)
  await delay(settleMs)
  into.idleKiB.push(((await peer.residentBytes()) - before) / KiB / idle)
  into.liveKiB.push(((await peer.liveBytes()) - liveBefore) / KiB / idle)
  for (const session of sessions) session.close()
}

async function openMany(peer: Peer, credentials: Record<string, string>, count: number): Promise<Connection[]> {
  const sessions: Connection[] = []
  await measure(async () => void sessions.push(await openSession(peer.url, credentials)), lanes, count)
  return sessions
}

/**
 * The most that a process grows while 64 MiB wait for a reader that takes nothing.
 * @param from where their sender connects: the broker, or the measured process, which then has to carry them there as well
 */
async function stalledReader(
  { start, credentials }: Side,
  from: 'broker' | 'peer',
  stompUrl: string,
  into: number[],
): Promise<void> {
  await using peer = await start()
  const reader = await openSession(peer.url, credentials)
  await subscribe(reader, topic)
  // So that it does not begin with garbage of its start, which it then gets rid of
  await peer.liveBytes()
  await delay(settleMs / 5)
  const before = await peer.residentBytes()
  reader.stop()
  const sender = await (from === 'peer' ? openSession(peer.url, credentials) : openSession(stompUrl, user))
  const frame = sendFrame(topic, bodyBytes)
  for (let sent = 0; sent < waitingBytes; sent += bodyBytes) sender.send(frame)
  let most = 0
  for (const start = performance.now(); performance.now() - start < stalledMs; await delay(100)) {
    most = Math.max(most, await peer.residentBytes())
  }
  into.push((most - before) / MiB)
  reader.close()
  sender.close()
}

/** Opens sessions, each to CONNECTED, and closes them. */
async function comeAndGo(peer: Peer, { credentials }: Side, into: Figures): Promise<void> {
  const session = async (): Promise<void> => (await openSession(peer.url, credentials)).close()
  await measure(session, lanes, connects / 4)
  const cpuBefore = await peer.cpuMs()
  const [, sessionsASecond] = await measure(session, lanes, connects)
  into.cpuMicros.push((((await peer.cpuMs()) - cpuBefore) * 1000) / connects)
  into.sessionsASecond.push(sessionsASecond)
}

export async function benchSessions(): Promise<void> {
  await using upstream = await startBroker(broker, fair)
  const { stompUrl } = upstream
  const token = await tokenFor({ dispatch: ['bench'], work: ['bench'] })
  const startBridge = (): Promise<Peer> => startPeer('bridge.ts', { UPSTREAM: stompUrl, SECRET: secret })
  const sides: Readonly<Record<Name, Side>> = {
    pipe: { name: 'pipe', credentials: user, start: () => startPeer('pipe.ts', { UPSTREAM: stompUrl }) },
    bridge: { name: 'bridge', credentials: { passcode: token }, start: startBridge },
  }
  const noFigures = (): Figures => ({
    idleKiB: [],
    liveKiB: [],
    stalledMiB: [],
    throughMiB: [],
    sessionsASecond: [],
    cpuMicros: [],
  })
  const figures = { pipe: noFigures(), bridge: noFigures() }
  await using pipe = await sides.pipe.start()
  await using bridge = await sides.bridge.start()
  const running = { pipe, bridge }
  for (let round = 0; round < rounds; round++) {
    for (const side of Object.values(sides)) {
      const into = figures[side.name]
      await idleSessions(side, into)
      await stalledReader(side, 'broker', stompUrl, into.stalledMiB)
      await stalledReader(side, 'peer', stompUrl, into.throughMiB)
    }
    for (const side of Object.values(sides)) await comeAndGo(running[side.name], side, figures[side.name])
  }
  print(figures)
}

function print(figures: Readonly<Record<Name, Figures>>): void {
  const row = (what: string, key: keyof Figures, say: (figure: number) => string): string[] => {
    const toPipe = (name: Name): string =>
      ratio(median(figures[name][key].map((figure, round) => figure / figures.pipe[key][round]!)))
    const said = (name: Name): string => say(median(figures[name][key]))
    return [what, said('pipe'), said('bridge'), toPipe('bridge')]
  }
  const tenth = (figure: number): string => figure.toFixed(1)
  table(`Sessions of the bridge beside a byte pipe's, before ${broker}, median of ${rounds} rounds`, [
    ['', 'pipe', 'bridge', 'ratio'],
    row(`KiB resident, an idle session of ${idle}`, 'idleKiB', tenth),
    row('KiB alive of those', 'liveKiB', tenth),
    row('MiB grown, a reader stands still', 'stalledMiB', tenth),
    row('the same, sent through it', 'throughMiB', tenth),
    row('sessions a second, CONNECT with a token', 'sessionsASecond', whole),
    row('CPU time a session', 'cpuMicros', microseconds),
  ])
}
