/** A job that comes once more, while it is here or after it ended here. Promise 6. */
import type { BrokerSession } from '../../shared/stomp/mod.ts'
import { deliveryId, isBefore } from '../delivery.ts'
import { deliveriesOf, type HeldJob, type HeldJobs, hasBegun, newestOf } from '../held-job.ts'
import { maxCopies } from '../job-copy.ts'
import { reportAgain } from '../run/reports.ts'
import type { JobEvents } from '../settle/job-events.ts'
import type { EndedJob, JobMemory } from '../settle/job-memory.ts'
import { type JobMessages, sentOnHeaders } from '../settle/job-messages.ts'
import { addressed } from '../settle/replies.ts'
import type { Settler } from '../settle/settler.ts'
import type { Rests } from './rests.ts'
import type { Slots } from './slots.ts'

/** A delivered job, as far as it says whose it is. */
export interface JobIdentity {
  readonly task: string
  readonly replyTo: string
  /** As the bridge says it; without one its broker credentials are full trust. */
  readonly sender: string | undefined
  /** Absent where it cannot be read as a job. */
  readonly isSealed?: boolean | undefined
}

/**
 * Why a job may not share the outcome of a job of its `request_id` here. Ids are told to everybody who observes a task, so
 * that an id alone gives nobody another sender's outcome.
 * @returns `undefined` when it may
 */
export function whyNotShared(
  came: JobIdentity,
  held: HeldJob | undefined,
  ended: EndedJob | undefined,
): string | undefined {
  const task = ended?.task ?? held?.task
  if (task === undefined) return undefined
  if (task !== came.task) return `A job of task "${task}" has this request_id; take a new one`
  const sender = ended === undefined ? newestOf(held!).origin.headers['drover-sender'] : ended.sender
  if (came.sender !== undefined && came.sender !== sender)
    return 'A job of another sender has this request_id; take a new one'
  if (came.isSealed === true && !isSealed(held, ended)) return 'A job in the open has this request_id; take a new one'
  if (ended !== undefined || held === undefined || held.copies.length < maxCopies) return undefined
  const isKnown = held.copies.some(({ origin }) => origin.replyTo === came.replyTo)
  return isKnown ? undefined : `${maxCopies} masters wait for this job already; ask for it again when it has ended`
}

/**
 * Why a job in the open is not even answered: a sealed one has its `request_id`, and its master could take the answer for that
 * one's.
 * @returns `undefined` when it may be
 */
export function whyUnanswered(
  came: JobIdentity,
  held: HeldJob | undefined,
  ended: EndedJob | undefined,
): string | undefined {
  if (came.isSealed === true || !isSealed(held, ended)) return undefined
  return 'A sealed job has this request_id, and this one came in the open; take a new one, or seal it'
}

const isSealed = (held: HeldJob | undefined, ended: EndedJob | undefined): boolean =>
  ended === undefined ? held?.job.sealed !== undefined : ended.isSealed === true

export interface DuplicatesPorts {
  readonly heldJobs: Pick<HeldJobs, 'addCopy'>
  readonly slots: Pick<Slots, 'adjust'>
  readonly rests: Pick<Rests, 'hasCopy'>
  readonly memory: Pick<JobMemory, 'ended' | 'answer' | 'isSettled'>
  readonly settler: Pick<Settler, 'outcome'>
  readonly messages: Pick<JobMessages, 'deadLetterOf'>
  readonly events: Pick<JobEvents, 'log'>
  session(): BrokerSession
  /** The steady clock, ms. */
  steady(): number
}

export class Duplicates {
  readonly #ports: DuplicatesPorts

  constructor(ports: DuplicatesPorts) {
    this.#ports = ports
  }

  /** It is here already: nothing runs twice, and one more master waits, or one that waited has brought a newer pass and ACK. */
  takeOver(held: HeldJob, came: HeldJob): void {
    const { heldJobs, slots, rests, events, session } = this.#ports
    events.log(held, 'taken_over')
    const { origin, delivery } = newestOf(came)
    const same = held.copies.find(copy => copy.origin.replyTo === origin.replyTo)
    if (same !== undefined && isBefore(session(), delivery, same.delivery)) {
      // It was published again as the job that is here, and the ACK was lost: an outcome that settles it too would be refused.
      delivery?.incoming.ack()
      delivery?.settled()
      return
    }
    // The sealed body stays. Another one for the same reply queue is the same job sealed anew, or somebody else's.
    const kept = held.seal === undefined || same === undefined ? {} : { body: same.body, seal: same.seal }
    const before = heldJobs.addCopy(held, { ...newestOf(came), ...kept })
    // Another copy, if this connection brought the one before it too; else this does nothing.
    before?.delivery?.incoming.ack()
    before?.delivery?.settled()
    if (before === undefined && hasBegun(held)) reportAgain(held)
    rests.hasCopy(held, came)
    slots.adjust()
  }

  /** It ended here: the same outcome again, to the master that asks this time. */
  repeat(ended: EndedJob, came: HeldJob): void {
    this.#ports.events.log(came, 'repeated')
    const its = newestOf(came).seal
    if (ended.seal === undefined || its === undefined) this.#repeat(ended, came, ended.body)
    else void this.#repeatSealed(ended, came, ended.seal.replyFor(its, ended.body))
  }

  async #repeatSealed(ended: EndedJob, came: HeldJob, sealing: Promise<string>): Promise<void> {
    this.#repeat(ended, came, await sealing.catch(() => ended.body)) // its sender cannot open that
  }

  /** @param body the outcome's, as this master can open it */
  #repeat(known: EndedJob, came: HeldJob, body: string): void {
    const { memory, settler, messages, steady } = this.#ports
    const { request_id } = known
    const { origin, delivery, connection } = newestOf(came)
    const ended = memory.ended(request_id, steady()) ?? known
    const session = this.#ports.session()
    const again = addressed(origin, body, session, true, steady())
    // Until it is confirmed this may be the second copy; after that it was asked for.
    const sent = ended.answers.find(({ message }) => message.destination === again.destination)?.message.once
    // A mark settles its own delivery, once; which worker settled the one before is not known.
    const once = deliveryId(session, delivery) ?? (memory.isSettled(request_id) ? undefined : sent)
    const answer = { message: { ...again, once }, connection }
    const letter = ended.letter && { ...ended.letter, headers: sentOnHeaders(origin.headers, session) }
    memory.answer(request_id, { ...answer, message: { ...again, once: sent ?? once } })
    void settler.outcome({ ...ended, answers: [answer], letter }, deliveriesOf(came), error =>
      messages.deadLetterOf(came, error),
    )
  }
}
