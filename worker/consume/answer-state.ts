/**
 * Answers a question after a job there where it asks to be answered: for somebody who reads along by a link. Its masters are told
 * nothing of it. Design section 4.
 */
import { spellingsOf } from '../../shared/contract/names.ts'
import { type BrokerSession, destinationsOf, type Incoming } from '../../shared/stomp/mod.ts'
import { type HeldJob, type HeldJobs, hasBegun, newestOf } from '../held-job.ts'
import { type JobOrigin, replyDestination } from '../job-copy.ts'
import type { EndedJob, JobMemory } from '../settle/job-memory.ts'
import { addressed } from '../settle/replies.ts'
import type { ReplyBuffer } from '../settle/reply-buffer.ts'

export interface AnswerStatePorts {
  readonly name: string
  readonly heldJobs: Pick<HeldJobs, 'get'>
  readonly memory: Pick<JobMemory, 'ended'>
  readonly replyBuffer: Pick<ReplyBuffer, 'send'>
  session(): BrokerSession
  /** A message was let go of. */
  dropped(message?: string): void
  /** The steady clock, ms. */
  steady(): number
}

/** How long an answer is kept, where the question does not say that by its `expires`. */
const answerMs = 60_000

/** @param incoming a `state` message with a `reply-to` */
export function answerState(
  ports: AnswerStatePorts,
  task: string,
  requestId: string,
  { headers }: Pick<Incoming, 'headers'>,
): void {
  const { heldJobs, memory, replyBuffer, session, steady } = ports
  const now = steady()
  const [ended] = spellingsOf(requestId).flatMap(id => memory.ended(id, now) ?? [])
  const [held] = spellingsOf(requestId).flatMap(id => heldJobs.get(id) ?? [])
  const found = ended ?? held
  if (found?.task !== task) return
  const { namespace, dialect } = session()
  const replyTo = replyDestination(namespace, destinationsOf(namespace), dialect, headers['reply-to'])
  // Ids are told to everybody who observes a task: one alone gives nobody another sender's outcome
  if (replyTo === undefined || !mayAsk(headers['drover-sender'], held, ended)) {
    ports.dropped()
    return
  }
  const origin: JobOrigin = { requestId, headers, replyTo, deadlineAt: now + answerMs }
  for (const body of ended === undefined ? soFar(ports, held!) : [ended.body])
    replyBuffer.send(addressed(origin, body, session(), false, now, undefined, 0))
}

/** Without a bridge its broker credentials are full trust. */
function mayAsk(asker: string | undefined, held: HeldJob | undefined, ended: EndedJob | undefined): boolean {
  const sender = ended === undefined ? newestOf(held!).origin.headers['drover-sender'] : ended.sender
  return asker === undefined || asker === sender
}

/** Of a sealed job no progress, since who asks has not sent it, and has no key. */
function soFar({ name }: AnswerStatePorts, held: HeldJob): readonly string[] {
  if (!hasBegun(held)) return []
  const { replies, job, lastProgress } = held
  const accepted = replies.aside({ type: 'accepted', name, losses: job.losses })
  return lastProgress === undefined || replies.isSealed ? [accepted] : [accepted, replies.aside(lastProgress)]
}
