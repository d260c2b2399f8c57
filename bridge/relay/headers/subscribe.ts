/**
 * SUBSCRIBE for the broker: written by the bridge, so that the bounds of a reader are always said. A topic reader that
 * stands still must not fill the broker's memory, and the unacknowledged messages of a session are bounded. Design section
 * 2, promise 8.
 */
import { DroverError } from '../../../shared/contract/errors.ts'
import { encodeFrame, type ScannedFrame, type StompVersion, unescapeHeader } from '../../../shared/frames/mod.ts'
import { type Dialect, prefetchHeaders, subscribeHeaders } from '../../../shared/stomp/dialects/mod.ts'
import type { SubscribeRule } from '../../grants/policy.ts'
import type { Limits } from '../../limits.ts'
import { checkHeader } from './characters.ts'
import { checkNoBody } from './plain-frame.ts'

/** A SUBSCRIBE to a master's own replies: the session that read them before has to go first. */
export interface OwnRepliesSubscribe {
  readonly replyQueue: string
  /** The frame for the broker. */
  readonly bytes: Uint8Array
}

export interface Subscribe {
  readonly id: string
  readonly destination: string
  readonly receipt: string | undefined
}

const ackModes: ReadonlySet<string> = new Set(['auto', 'client', 'client-individual'])

/**
 * Reads a SUBSCRIBE.
 * @throws {DroverError} `frame_invalid` without id or destination, with an id that the broker cannot use, or with text that
 * not every version can carry; `forbidden` for a selector: it would read other messages than the grant says
 */
export function readSubscribe(
  frame: ScannedFrame,
  version: StompVersion,
  { unusableIds }: Pick<Dialect, 'unusableIds'>,
): Subscribe & { headers: Map<string, string> } {
  checkNoBody(frame)
  const headers = new Map<string, string>()
  for (const [name, value] of frame.headers()) {
    const plainName = unescapeHeader(name, version)
    const plain = unescapeHeader(value, version)
    checkHeader(frame.command, plainName, plain, version)
    if (!headers.has(plainName)) headers.set(plainName, plain)
  }
  const id = headers.get('id')
  const destination = headers.get('destination')
  if (!id) throw new DroverError('frame_invalid', 'A SUBSCRIBE has no id; give it one')
  if (unusableIds?.pattern.test(id)) {
    throw new DroverError(
      'frame_invalid',
      `A SUBSCRIBE has the id ${JSON.stringify(id.slice(0, 100))}, which this broker cannot take back in an ACK; give it one without ${unusableIds.says}`,
    )
  }
  if (!destination) throw new DroverError('frame_invalid', 'A SUBSCRIBE has no destination')
  const ack = headers.get('ack')?.trim()
  if (ack !== undefined) headers.set('ack', ack)
  if (ack !== undefined && !ackModes.has(ack)) {
    throw new DroverError('frame_invalid', `A SUBSCRIBE has ack "${ack}"; expected auto, client or client-individual`)
  }
  if (headers.has('selector')) {
    throw new DroverError(
      'forbidden',
      `SUBSCRIBE to "${destination}" has a selector, which no grant covers; leave it out`,
    )
  }
  return { id, destination, receipt: headers.get('receipt'), headers }
}

/** The SUBSCRIBE as the broker gets it. */
export function writeSubscribe(
  headers: ReadonlyMap<string, string>,
  rule: Exclude<SubscribeRule, { refuse: string }>,
  { dialect, owner, limits, version }: SubscribeOptions,
): Uint8Array {
  const written = new Map<string, string>()
  for (const name of ['id', 'destination', 'ack', 'receipt']) {
    const value = headers.get(name)
    if (value !== undefined) written.set(name, value)
  }
  for (const [name, pattern] of Object.entries(dialect.durable.headers)) {
    const value = headers.get(name)
    // Where the name is the subscription's id, or says nothing of whose it is, it does not pass
    if (value !== undefined && pattern === '{name}' && name !== 'id') written.set(name, `${owner}.${value}`)
  }
  const { browse, soleReader = {} } = dialect
  if (rule.allow === 'messages' && !rule.isTopic) {
    // A look takes nothing, and the sole reader is one for as long as it reads
    const asked = { ...soleReader, ...(browse === undefined ? {} : { [browse.header]: browse.value }) }
    for (const [name, value] of Object.entries(asked)) if (headers.get(name) === value) written.set(name, value)
  }
  const isTopic = rule.allow !== 'own_replies' && rule.isTopic
  const fixed = isTopic ? dialect.topicReader : rule.allow === 'own_replies' ? replyReader(headers, dialect) : {}
  for (const [name, value] of Object.entries(fixed)) written.set(name, value)
  const { header } = dialect.prefetch
  const most = Number(fixed[header] ?? defaultPrefetch(dialect, limits))
  const asked = readCount(headers.get(header))
  // A count of 0 messages means no limit on some brokers; 0 bytes means one message at a time
  const least = dialect.prefetch.unit === 'messages' && !mayWake(rule, dialect) ? 1 : 0
  written.set(header, String(asked === undefined ? most : Math.min(Math.max(asked, least), most)))
  const to = { destination: headers.get('destination') ?? '', ack: headers.get('ack') }
  const all = subscribeHeaders(dialect, to, Object.fromEntries(written))
  return encodeFrame('SUBSCRIBE', Object.entries(all), undefined, version)
}

/** Where several queues are read as one, a reader of nothing makes the broker look into them. */
function mayWake(rule: Exclude<SubscribeRule, { refuse: string }>, { composite, prefetch }: Dialect): boolean {
  return rule.allow === 'jobs' && rule.destinations.length > 1 && composite?.waker[prefetch.header] === '0'
}

/** A master may say that its queue is one of before. */
function replyReader(headers: ReadonlyMap<string, string>, { replyReader, replyReaderBefore }: Dialect) {
  const isOfBefore =
    replyReaderBefore !== undefined &&
    Object.entries(replyReaderBefore).every(([name, value]) => headers.get(name) === value)
  return isOfBefore ? replyReaderBefore : replyReader
}

export interface SubscribeOptions {
  readonly dialect: Dialect
  readonly owner: string
  readonly limits: Pick<Limits, 'maxPrefetch' | 'maxPrefetchBytes'>
  readonly version: StompVersion
}

function defaultPrefetch(dialect: Dialect, limits: Pick<Limits, 'maxPrefetch' | 'maxPrefetchBytes'>): number {
  if (dialect.prefetch.unit === 'bytes') return limits.maxPrefetchBytes
  return Number(prefetchHeaders(dialect, limits.maxPrefetch)[dialect.prefetch.header])
}

function readCount(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*[0-9]{1,9}\s*$/.test(text) ? Number(text) : undefined
}
