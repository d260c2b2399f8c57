/**
 * The bridge's reading of a frame beside a real broker's. Each SEND that the bridge would pass is sent to the broker, with a mark in
 * front, and an observer gets all that the broker makes of it. The bridge has judged destination and headers by its own reading,
 * so a message with others, or without a mark, is one that nobody judged.
 */
import { FrameScanner, type StompVersion, unescapeHeader } from '../../shared/frames/mod.ts'
import { type DialectName, dialects, sendKind, subscribeHeaders } from '../../shared/stomp/dialects/mod.ts'
import type { Received } from '../support/inbox.ts'
import { seeded } from '../support/random.ts'
import { connectRaw, type RawStomp } from '../support/raw-stomp.ts'
import { until } from '../support/until.ts'
import { inputFrames, recordedSessions } from './corpus.ts'
import { Mutator } from './mutate.ts'
import { versionsBefore } from './recorder.ts'
import { shown } from './scanner.ts'
import { foreignIn, grantedIn } from './words.ts'
import { playSession } from './writer.ts'

export interface BrokerRun {
  /** SENDs that the bridge would pass. */
  readonly frames: number
  readonly delivered: number
  /** ERRORs of the broker in place of them, by their words, with numbers and names gone. */
  readonly refused: Readonly<Record<string, number>>
  /** Taken, and handed to nobody. */
  readonly dropped: number
  readonly differences: readonly string[]
}

/** A SEND as the bridge judged it. */
interface Passed {
  readonly bytes: Uint8Array
  readonly version: StompVersion
  readonly headers: ReadonlyMap<string, string>
  readonly body: Uint8Array
}

/** Headers that somebody goes by. */
const compared = ['correlation-id', 'reply-to', 'drover-sender', 'drover-pass', 'content-type', 'traceparent', 'own']
/** Those with which a message comes late or never. */
const withheld = /^(AMQ_SCHEDULED_DELAY|expires|expiration)$/
const encoder = new TextEncoder()

/**
 * @param url of the broker, with a login that may do everything in the namespace
 * @param frames how many SENDs
 * @param namespace that nobody else uses there
 */
export async function fuzzBroker(
  name: DialectName,
  url: string,
  frames: number,
  seed: number,
  namespace: string,
): Promise<BrokerRun> {
  const drawn = drawPassed(name, frames, seed, namespace)
  await using observer = await observe(name, url, namespace, drawn)
  const refused: Record<string, number> = {}
  const taken: number[] = []
  let sender: RawStomp | undefined
  let speaks: StompVersion | undefined
  for (const [index, { bytes, version }] of drawn.entries()) {
    if (sender === undefined || speaks !== version || !sender.isOpen) {
      await sender?.[Symbol.asyncDispose]()
      sender = await connectRaw(url, { 'accept-version': version })
      speaks = version
    }
    const fault = await send(sender, marked(bytes, index), name, namespace, index)
    if (fault === undefined) taken.push(index)
    else {
      const words = fault.replace(/\d+|"[^"]*"|'[^']*'|\[[^\]]*\]|\S*[/.]\S*/g, '…').slice(0, 100)
      refused[words] = (refused[words] ?? 0) + 1
      // An ERROR may leave the connection half open
      await sender[Symbol.asyncDispose]()
      sender = undefined
    }
  }
  await sender?.[Symbol.asyncDispose]()
  await observer.caughtUp()
  const differences: string[] = []
  const seen = new Map<number, Received>()
  for (const message of observer.messages) {
    const mark = message.headers['x-mark']
    if (mark === undefined || seen.has(Number(mark))) {
      differences.push(`The broker made a message that the bridge did not judge: ${JSON.stringify(message)}`)
      continue
    }
    seen.set(Number(mark), message)
    const passed = drawn[Number(mark)]!
    const difference = differenceOf(message, passed, name)
    if (difference !== undefined) differences.push(`${difference}\n  in ${passed.version}: ${shown(passed.bytes)}`)
  }
  const dropped = taken.filter(
    index => !seen.has(index) && ![...drawn[index]!.headers.keys()].some(one => withheld.test(one)),
  )
  for (const index of dropped.slice(0, 5)) {
    differences.push(
      `The broker took this, and handed it to nobody: ${drawn[index]!.version} ${shown(drawn[index]!.bytes)}`,
    )
  }
  return { frames: drawn.length, delivered: seen.size, refused, dropped: dropped.length, differences }
}

function drawPassed(name: DialectName, frames: number, seed: number, namespace: string): Passed[] {
  const random = seeded(seed)
  const recorded = [...recordedSessions().flatMap(session => session.frames), ...inputFrames()]
  const mutator = new Mutator(random, {
    frames: recorded.filter(({ length }) => length < 1_000).map(frame => inNamespace(frame, namespace)),
    destinations: [...grantedIn(namespace), ...foreignIn(namespace)],
    most: 4_000,
  })
  const drawn: Passed[] = []
  while (drawn.length < frames) {
    const version = random.pick(versionsBefore(name))
    playSession(
      random.whole(0, 4) === 0 ? mutator.session() : mutator.odd(),
      { dialect: name, version, namespace },
      (bytes, spoken) => {
        const passed = bytes[0] === 83 && bytes[1] === 69 ? read(bytes, spoken) : undefined
        if (passed !== undefined && drawn.length < frames) drawn.push(passed)
      },
    )
  }
  // One connection after the other, and not back and forth
  return drawn.toSorted((one, other) => one.version.localeCompare(other.version))
}

/** As the bridge reads it. */
function read(bytes: Uint8Array, version: StompVersion): Passed {
  const scanner = new FrameScanner()
  scanner.version = version
  const frame = scanner.push(bytes)[0]!
  const headers = new Map<string, string>()
  for (const [name, value] of frame.headers()) if (!headers.has(name)) headers.set(name, unescapeHeader(value, version))
  return { bytes, version, headers, body: frame.body }
}

/** The namespace stands in heads alone, so that no body changes its length. */
function inNamespace(frame: Uint8Array, namespace: string): Uint8Array {
  const text = Buffer.from(frame).toString('latin1')
  const headEnd = text.indexOf('\n\n')
  return Buffer.from(text.slice(0, headEnd).replaceAll('myapp.', `${namespace}.`) + text.slice(headEnd), 'latin1')
}

/** With a mark behind the command, where the bridge's own stamp stands. */
function marked(bytes: Uint8Array, index: number): Uint8Array {
  const at = bytes.indexOf(10) + 1
  return Buffer.concat([bytes.subarray(0, at), encoder.encode(`x-mark:${index}\n`), bytes.subarray(at)])
}

/** Sends it and a fence. @returns the words of the ERROR, where one came */
async function send(
  sender: RawStomp,
  frame: Uint8Array,
  name: DialectName,
  namespace: string,
  index: number,
): Promise<string | undefined> {
  sender.sendBytes(frame)
  const destination = `/queue/${namespace}.fence`
  sender.send('SEND', { destination, ...sendKind(dialects[name], destination), receipt: `fence-${index}` }, 'fence')
  const answer = (one: Received): boolean =>
    one.command === 'ERROR' || (one.command === 'RECEIPT' && one.headers['receipt-id'] === `fence-${index}`)
  try {
    const { command, headers } = await sender.next(answer)
    return command === 'ERROR' ? (headers.message ?? 'ERROR') : undefined
  } catch (error) {
    return (error as Error).message.includes('did not come') ? 'no answer' : 'closed'
  }
}

interface Observer extends AsyncDisposable {
  readonly messages: readonly Received[]
  /** Resolves once all that was sent before is here. */
  caughtUp(): Promise<void>
}

/** Reads every destination that a frame could reach. */
async function observe(name: DialectName, url: string, namespace: string, drawn: readonly Passed[]): Promise<Observer> {
  const dialect = dialects[name]
  const stomp = await connectRaw(url, {}, { timeoutMs: 30_000 })
  const foreign = foreignIn(namespace).slice(0, 3)
  const judged = drawn.map(({ headers }) => asRead(headers.get('destination') ?? '', name))
  const destinations = [...new Set([...grantedIn(namespace), ...foreign, ...judged])]
  for (const destination of [...destinations, `/queue/${namespace}.fence`]) {
    await stomp.subscribe(destination, subscribeHeaders(dialect, { destination, ack: 'auto' }, {}))
  }
  const messages: Received[] = []
  const { unread } = stomp.inbox
  let ends = 0
  return {
    messages,
    async caughtUp() {
      ends++
      for (const destination of destinations) {
        stomp.send('SEND', { destination, ...sendKind(dialect, destination), 'x-mark': `end-${ends}` }, 'end')
      }
      let left = destinations.length
      await until(
        'the observer has read all',
        () => {
          for (const message of unread.splice(0)) {
            if (message.command !== 'MESSAGE') continue
            if (message.headers['x-mark'] === `end-${ends}`) left--
            else if (message.body !== 'fence') messages.push(message)
          }
          return left === 0
        },
        { timeoutMs: 60_000, evidence: () => `${left} of ${destinations.length} ends are missing` },
      )
    },
    [Symbol.asyncDispose]: () => stomp[Symbol.asyncDispose](),
  }
}

/** A destination of a SEND in the spelling of a SUBSCRIBE. */
function asRead(destination: string, name: DialectName): string {
  const { replySendPrefix } = dialects[name]
  return destination.startsWith(replySendPrefix) ? `/queue/${destination.slice(replySendPrefix.length)}` : destination
}

function differenceOf({ headers, bytes }: Received, passed: Passed, name: DialectName): string | undefined {
  const destination = passed.headers.get('destination') ?? ''
  const expected = asRead(destination, name)
  if (headers.destination !== expected)
    return `Judged was the destination ${destination}, and the broker read ${headers.destination}`
  for (const header of compared) {
    const [judged, found] = [passed.headers.get(header), headers[header]]
    if (judged !== found)
      return `Judged was ${header} ${JSON.stringify(judged)}, and the broker read ${JSON.stringify(found)}`
  }
  // Without a length it is text to some, which bytes that are none of UTF-8 do not survive
  const encoding = passed.headers.has('content-length') ? 'latin1' : 'utf8'
  const [judged, found] = [passed.body, bytes].map(body => Buffer.from(body).toString(encoding))
  if (judged !== found) return `The body was ${JSON.stringify(judged)}, and the broker read ${JSON.stringify(found)}`
  return undefined
}
