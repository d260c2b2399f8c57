/**
 * One reading of the dead queue, by a connection of its own that ends with it. All that is not acknowledged goes back. UNSUBSCRIBE
 * comes first, since Artemis counts the end of a connection against a message. RabbitMQ gives nothing back before that end.
 */
import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { type BrokerSession, destinationsOf, type Incoming, prefetchHeaders, type Stomp } from '../../stomp/mod.ts'
import type { DeadLetter } from './api.ts'
import { readLetter } from './letter.ts'

/** So many messages are looked at in one reading. */
const mostLetters = 1_000
/** As many bytes of them as a bridge lets through, where a broker counts bytes. */
const mostBytes = 1024 * 1024
/** The queue counts as read when nothing has come for so long, and longer where the broker is slow. */
const quietMs = 300
const longestMs = 15_000

export interface ReadingPorts {
  readonly stomp: Stomp
  readonly session: BrokerSession
  readonly clock: Clock
}

/** A letter, and its messages. */
export interface FoundLetter {
  readonly letter: DeadLetter
  readonly messages: readonly Incoming[]
}

export interface Reading {
  /** The oldest first, as the broker has them. */
  readonly letters: readonly FoundLetter[]
  readonly isCut: boolean
  /** Gives back all that was not acknowledged. */
  release(): Promise<void>
}

/**
 * Reads the letters that are there.
 * @param isLook whether it is enough to look, where the broker has that
 * @throws {DroverError} `forbidden` without the grant, or as the connection fails
 */
export async function readDead(ports: ReadingPorts, isLook: boolean): Promise<Reading> {
  const { browse } = ports.session.dialect
  if (isLook && browse !== undefined) {
    const looked = await read(ports, { [browse.header]: browse.value }, browse)
    if (looked.count < browse.most) return looked
    await looked.release() // there may be more
  }
  const { soleReader = {} } = ports.session.dialect
  const first = await read(ports, soleReader)
  if (first.count > 0) return first
  // Another reader may have them in hand.
  await first.release()
  await new Promise<void>(resolve => ports.clock.timer(quietMs, resolve))
  return await read(ports, soleReader)
}

async function read(
  { stomp, session, clock }: ReadingPorts,
  headers: Readonly<Record<string, string>>,
  browse?: { readonly header: string; readonly end: string },
): Promise<Reading & { readonly count: number }> {
  const messages: Incoming[] = []
  const { promise: whole, resolve, reject } = Promise.withResolvers<void>()
  const startedAt = clock.steady()
  let waitMs = quietMs
  let stopQuiet = (): void => {}
  const quiet = (): void => {
    stopQuiet()
    stopQuiet = clock.timer(waitMs, resolve)
  }
  let isReady = false
  const subscription = stomp.subscribe(
    {
      destination: destinationsOf(session.namespace).dead,
      headers: ({ dialect }) => ({ ...prefetchHeaders(dialect, mostLetters), ...headers }),
    },
    message => {
      if (browse !== undefined && message.headers[browse.header] === browse.end) return resolve()
      messages.push(message)
      if (messages.length >= mostLetters) resolve()
      else if (isReady) quiet()
    },
  )
  const stopState = stomp.onState(state => {
    if (state.at !== 'open')
      reject(new DroverError('connection_lost', 'The connection went while the dead letters were read'))
  })
  const stopLongest = clock.timer(longestMs, resolve)
  const release = async (): Promise<void> => await subscription.unsubscribe()
  try {
    await subscription.ready
    isReady = true
    waitMs = Math.max(quietMs, 3 * (clock.steady() - startedAt))
    quiet()
    await whole
  } catch (error) {
    await release()
    throw error
  } finally {
    stopQuiet()
    stopLongest()
    stopState()
  }
  const bytes = messages.reduce((sum, { body }) => sum + body.length, 0)
  const isFull = session.dialect.prefetch.unit === 'bytes' && session.bridged && bytes > mostBytes / 2
  return {
    letters: together(messages, session),
    isCut: messages.length >= mostLetters || isFull,
    count: messages.length,
    release,
  }
}

/** Letters of the same content are one that stands there more than once. */
function together(messages: readonly Incoming[], session: BrokerSession): readonly FoundLetter[] {
  const found = new Map<string, { letter: DeadLetter; messages: Incoming[] }>()
  for (const message of messages) {
    const letter = readLetter(message, session)
    const same = found.get(letter.id)
    if (same === undefined) found.set(letter.id, { letter, messages: [message] })
    else {
      same.messages.push(message)
      same.letter = { ...same.letter, copies: same.messages.length }
    }
  }
  return [...found.values()]
}
