/** The job that a dead letter becomes again. */
import { defaultTimeoutMs } from '../../contract/default-timeouts.ts'
import { withEntry } from '../../contract/history.ts'
import { keptHeaders } from '../../contract/job.ts'
import { type BrokerSession, destinationsOf, encodeOwner, expiryHeaders, type Outgoing } from '../../stomp/mod.ts'
import type { RetryOptions } from './api.ts'
import { jobText } from './letter.ts'
import type { FoundLetter } from './reading.ts'

/**
 * Letters of one job: a job has one retry, however many letters it has. A `request_id` alone tells no job from another, since anybody
 * may use it.
 */
export function jobOf({ letter }: FoundLetter): string {
  const { id, request_id, task, sender, reply_to } = letter
  if (request_id === undefined || task === undefined) return id
  return JSON.stringify([request_id.toLowerCase(), task, sender, reply_to])
}

/**
 * The newest of a job's letters that can be sent again, or why there is none.
 * @param now ms since the epoch, in the broker's time
 */
export function letterToSend(letters: readonly FoundLetter[], now: number): FoundLetter | string {
  const able = letters.filter(({ letter }) => letter.problem === undefined)
  const best = able.sort((one, other) => (one.letter.at ?? 0) - (other.letter.at ?? 0)).at(-1)
  if (best === undefined) return letters.at(-1)?.letter.problem ?? 'It is gone'
  const { sealed_until } = best.letter
  if (sealed_until === undefined || sealed_until > now) return best
  return `It is sealed, and its seal ended at ${new Date(sealed_until).toISOString()}: no worker opens it; dispatch the job again`
}

/**
 * The message of a retry. Its id is the letter's, so that two retries of one letter are told from two letters.
 * @param now ms since the epoch, in the broker's time
 * @param at the same by this machine's clock, for people
 */
export function retryMessage(
  { letter, messages }: FoundLetter,
  session: BrokerSession,
  { by = session.owner, timeoutMs, replyTo }: RetryOptions,
  now: number,
  at: number,
): Outgoing {
  const { headers } = messages[0]!
  const takesMs = timeoutMs ?? letter.timeout_ms ?? defaultTimeoutMs.queue
  const bound = letter.retried?.bound_attempt ?? letter.attempt ?? 1
  const retried = { id: letter.id, at, by, ...(letter.sealed && bound > 1 ? { bound_attempt: bound } : {}) }
  const body = jobText(letter.body, {
    attempt: 1,
    ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
    history: withEntry(letter.history, { kind: 'retried', at, by }),
    retried,
  })
  const kept = Object.fromEntries(
    keptHeaders.flatMap(name => (headers[name] === undefined ? [] : [[name, headers[name]] as const])),
  )
  const id = { 'correlation-id': letter.request_id ?? '' }
  return {
    destination: queueOf(letter, session),
    headers: {
      'content-type': 'application/json',
      persistent: 'true',
      ...id,
      ...kept,
      ...expiryHeaders(session.dialect, now + takesMs, now),
      ...(session.bridged ? { 'drover-letter': ackIdOf(headers) } : routeOf(letter, replyTo)),
    },
    body,
    // Where an ACK takes no part in a transaction the letter may stand once more
    once: session.bridged ? undefined : letter.id,
  }
}

/** Where its job lay: the queue of its task, or of the worker that it is for. */
function queueOf({ task = '', to }: FoundLetter['letter'], { namespace }: BrokerSession): string {
  const destinations = destinationsOf(namespace)
  return to === undefined ? destinations.queue(task) : destinations.named(task, encodeOwner(to))
}

/** A bridge knows a letter by the id in its ACK. For whom it is the bridge read as it handed the letter out. */
const ackIdOf = (headers: Readonly<Record<string, string>>): string => headers.ack ?? headers['message-id'] ?? ''

/**
 * Without a bridge nobody can write a pass, and that of before has its end. A job without one is answered where it says, as one of any
 * program with the broker's login.
 */
function routeOf({ sender, reply_to }: FoundLetter['letter'], replyTo = reply_to): Record<string, string> {
  return {
    ...(replyTo === undefined ? {} : { 'reply-to': replyTo }),
    ...(sender === undefined ? {} : { 'drover-sender': sender }),
  }
}
