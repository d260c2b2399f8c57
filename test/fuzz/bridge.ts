/**
 * Sequences over real WebSockets into a real bridge. A mirror of its scanner foretells how each goes on, so that nobody waits by
 * the clock. An unfinished frame is cut, one that is refused ends its session, and behind all others a fence is answered.
 */
import { connectFrameLimits, defaultFrameLimits, FrameScanner, type StompVersion } from '../../shared/frames/mod.ts'
import type { DialectName } from '../../shared/stomp/dialects/mod.ts'
import { spawnBridge, type TestBridge, tokenFor } from '../support/bridges/bridges.ts'
import { type Random, seeded } from '../support/random.ts'
import { inputFrames, recordedSessions } from './corpus.ts'
import { fuzzGrants } from './judge.ts'
import { cut, Mutator } from './mutate.ts'
import { startRecorder, versionsBefore } from './recorder.ts'
import { shown } from './scanner.ts'
import { FuzzSession } from './session.ts'
import { foreign, granted } from './words.ts'

export interface BridgeRun {
  readonly sequences: number
  readonly sessions: number
  /** Frames that reached the broker, where it was a recorder. */
  readonly passed: number
  /** ERRORs by code. */
  readonly errors: Readonly<Record<string, number>>
  readonly broken: readonly string[]
}

/** Sessions at a time: below the bound of connections that have not logged in yet. */
const atOnce = 16
const frames = [...recordedSessions().flatMap(session => session.frames), ...inputFrames()].filter(
  // A CONNECT in mid-session is tried as well; with passwords their number would be bounded
  frame => frame.length < 2_000 && !/\nlogin:/.test(Buffer.from(frame).toString()),
)
/**
 * @param dialect of the broker behind the bridge: `embedded` is the real one, and the others keep and judge all that reaches them
 * @param sequences how many
 */
export async function fuzzBridge(dialect: DialectName, sequences: number, seed: number): Promise<BridgeRun> {
  await using stack = new AsyncDisposableStack()
  const recorder = dialect === 'embedded' ? undefined : stack.use(await startRecorder(dialect))
  const bridge = stack.use(await spawnBridge('node', { broker: recorder?.url ?? 'embedded' }))
  const token = await tokenFor('ada', fuzzGrants)
  const run = { left: sequences, sessions: 0, errors: {} as Record<string, number>, broken: [] as string[] }
  const visitor = async (number: number): Promise<void> => {
    const random = seeded((seed + Math.imul(number + 1, 0x9e3779b1)) >>> 0)
    const mutator = new Mutator(random, { frames, destinations: [...granted, ...foreign], most: 4_000 })
    while (run.left > 0 && run.broken.length < 10) {
      run.sessions++
      const version = random.pick(versionsBefore(dialect))
      const fault = await visit({ bridge, token, random, mutator, version, run }).catch((error: unknown) =>
        String(error),
      )
      if (fault !== undefined) run.broken.push(`${fault}\n  as ${dialect}, ${version}, seed ${seed}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, (_, number) => visitor(number)))
  // An error that the bridge did not think of is told as one of these
  for (const event of bridge.events) {
    if (event.type === 'refused' && event.code === 'closed') run.broken.push(`The bridge failed: ${event.detail}`)
  }
  const last = await FuzzSession.open(bridge.url)
  const isAlive = await last.logIn(connectFrame(token, '1.1'))
  if (isAlive !== true) run.broken.push(`Afterwards the bridge answers a login with ${isAlive}`)
  last.cut()
  const { sessions, errors, broken } = run
  return {
    sequences,
    sessions,
    passed: recorder?.frames ?? 0,
    errors,
    broken: [...broken, ...(recorder?.faults ?? [])],
  }
}

interface Visit {
  readonly bridge: TestBridge
  readonly token: string
  readonly random: Random
  readonly mutator: Mutator
  readonly version: StompVersion
  readonly run: { left: number; readonly errors: Record<string, number> }
}

/** One session, until a sequence ends it. @returns the fault, if there was one */
async function visit({ bridge, token, random, mutator, version, run }: Visit): Promise<string | undefined> {
  const session = await FuzzSession.open(bridge.url)
  const mirror = new FrameScanner(connectFrameLimits)
  const said: Uint8Array[] = []
  /** @returns how the session stands behind it */
  const send = (bytes: Uint8Array): 'between' | 'inside' | 'refused' => {
    run.left--
    said.push(bytes)
    for (const piece of random.whole(0, 2) === 0 ? cut(random, bytes) : [bytes]) session.send(piece)
    try {
      mirror.push(bytes)
    } catch {
      return 'refused'
    }
    return mirror.isInsideFrame ? 'inside' : 'between'
  }
  const fault = (text: string): string => `${text}\n${said.map(bytes => `  ${shown(bytes)}`).join('\n')}`
  try {
    if (random.whole(0, 9) === 0) {
      // In place of CONNECT
      const at = send(mutator.stream())
      if (at === 'inside' || said[0]!.every(byte => byte === 10 || byte === 13)) return undefined
      return (await session.ended()) ? undefined : fault('A first frame that is no login had no answer')
    }
    const isIn = await session.logIn(connectFrame(token, version))
    if (isIn !== true) return `A login was answered by ${isIn}`
    mirror.limits = defaultFrameLimits
    mirror.version = version
    while (run.left > 0 && !session.isClosed) {
      const at = send(drawn(random, mutator))
      if (at === 'inside') return undefined
      if (at === 'refused') return (await session.ended()) ? undefined : fault('A sequence that is refused has no end')
      session.send(fence(said.length))
      if (!(await session.confirmed(`fence-${said.length}`))) return fault('A sequence has neither answer nor end')
    }
    return undefined
  } finally {
    const { errorCode = 'none' } = session
    run.errors[errorCode] = (run.errors[errorCode] ?? 0) + 1
    session.cut()
  }
}

function drawn(random: Random, mutator: Mutator): Uint8Array {
  const kind = random.whole(0, 7)
  if (kind === 0) return mutator.stream()
  return kind < 4 ? mutator.odd() : mutator.session()
}

/** Answered behind everything that was passed on; it opens nothing that stays. */
const fence = (number: number): string =>
  `BEGIN\ntransaction:fence\n\n\0ABORT\ntransaction:fence\nreceipt:fence-${number}\n\n\0`

const connectFrame = (token: string, version: StompVersion): string =>
  `CONNECT\naccept-version:${version}\nhost:/\npasscode:${token}\n\n\0`
