/** A job that comes once more, while it is here or after it ended here. Promise 6. */
import type { WireError } from '../../shared/contract/mod.ts'
import { type Core, tellJob } from '../core.ts'
import { reportAgain } from '../run/reports.ts'
import { deadHeaders } from '../settle/job-headers.ts'
import type { Ended } from '../settle/job-memory.ts'
import { deliveryOf, isBefore } from '../settle/marks.ts'
import { deadLetterOf } from '../settle/onward.ts'
import { outcomeBytes } from '../settle/outcome-bytes.ts'
import { addressed } from '../settle/replies.ts'
import { withoutPayload } from '../settle/too-large.ts'
import { type Claim, handedOf, maxCopies, newestOf } from './claim.ts'

/** A delivered job, as far as it says whose it is. */
export interface Comer {
  readonly task: string
  readonly replyTo: string
  /** As the bridge says it; without one its broker credentials are full trust. */
  readonly sender: string | undefined
}

/**
 * Why a job may not share what a job of its `request_id` here comes to. Ids are told to whoever observes a task, so that
 * an id alone gives nobody another sender's outcome.
 * @returns `undefined` when it may
 */
export function whyNotShared(comer: Comer, held: Claim | undefined, ended: Ended | undefined): string | undefined {
  const task = ended?.task ?? held?.task
  if (task === undefined) return undefined
  if (task !== comer.task) return `A job of task "${task}" has this request_id; take a new one`
  const sender = ended === undefined ? newestOf(held!).origin.headers['drover-sender'] : ended.sender
  if (comer.sender !== undefined && comer.sender !== sender)
    return 'A job of another sender has this request_id; take a new one'
  if (ended !== undefined || held === undefined || held.copies.length < maxCopies) return undefined
  const isKnown = held.copies.some(({ origin }) => origin.replyTo === comer.replyTo)
  return isKnown ? undefined : `${maxCopies} masters wait for this job already; ask for it again when it has ended`
}

/** It is here already: nothing runs twice, and one more master waits, or one that waited has brought a newer pass and ACK. */
export function takeOver(core: Core, held: Claim, came: Claim): void {
  tellJob(core, held, 'taken_over')
  const { origin, handed } = newestOf(came)
  const same = held.copies.find(copy => copy.origin.replyTo === origin.replyTo)
  if (same !== undefined && isBefore(core.session(), handed, same.handed)) {
    // What it became is here: who settled it lost its ACK, and an outcome that settles it once more would be refused.
    handed?.incoming.ack()
    handed?.settled()
    return
  }
  const before = core.claims.take(held, newestOf(came))
  // Another copy, if this connection brought the one before it too; else this does nothing.
  before?.handed?.incoming.ack()
  before?.handed?.settled()
  if (before === undefined && held.phase !== 'waiting') reportAgain(held)
  core.slots.adjust()
}

/** It ended here: the same outcome again, to whoever asks this time. */
export function repeat(core: Core, { request_id }: Ended, came: Claim): void {
  tellJob(core, came, 'repeated')
  const { memory } = core
  const { origin, handed, connection } = newestOf(came)
  const ended = memory.ended(request_id, core.clock.steady())!
  const session = core.session()
  const again = addressed(origin, ended.body, session, true, core.clock.steady())
  // Until it is confirmed this may be the second copy; after that it was asked for.
  const known = ended.answers.find(({ message }) => message.destination === again.destination)?.message.once
  // By a mark it is its own delivery that is settled, once; who settled the one before is not known.
  const once = deliveryOf(session, handed) ?? (memory.isSettled(request_id) ? undefined : known)
  const answer = { message: { ...again, once }, connection }
  const letter = ended.letter && { ...ended.letter, headers: deadHeaders(origin.headers, session) }
  memory.answer(request_id, { ...answer, message: { ...again, once: known ?? once } })
  void core.settler.outcome({ ...ended, answers: [answer], letter }, handedOf(came), error =>
    deadLetterOf(core, came, error),
  )
}

/** Answers a job that may not share the other's outcome. Of that nothing changes. */
export function refuse(core: Core, came: Claim, reason: string): void {
  tellJob(core, came, 'rejected', { reason })
  const { answers } = came.replies.outcome({ type: 'rejected', issues: [{ path: 'request_id', message: reason }] })
  const messages = answers.map(({ message }) => message)
  const standIn = (error: WireError) => deadLetterOf(core, came, error)
  const smaller = (error: WireError) => withoutPayload(messages, undefined, error, outcomeBytes(core))
  void core.settler.release({ requestId: came.requestId, messages, handed: handedOf(came), smaller }, standIn)
}
