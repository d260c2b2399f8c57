/**
 * How a job leaves this worker: its messages and the ACK in one transaction, with the receipt on COMMIT, so that either
 * the job is over and its outcome sent, or neither. Promise 1.
 *
 * A message that may not be sent must not be tried for ever, and most brokers close the connection when they refuse one, so
 * that a refusal and a loss can look alike. A message is therefore tried five times over losses, then its stand-in. An
 * outcome is never given up: while both are refused, or the broker has no room, the job stays unacknowledged and is tried again.
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError, type WireError } from '../../shared/contract/mod.ts'
import { type HowSent, mayBeTooLarge, type Outgoing, type Stomp } from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import { backOffMs, Pauses } from './back-off.ts'
import { BackPressure, sendIntoFull } from './back-pressure.ts'
import type { EndedJob, JobMemory } from './job-memory.ts'
import { type LostSend, LostSends } from './lost-sends.ts'
import { withoutPayload } from './outcome.ts'
import { Refusals } from './refusals.ts'
import { isFull, isTooLarge, outputTooLarge } from './too-large.ts'
import { hasNoRoom, type Settled, type Settlement, Transactions } from './transactions.ts'
import { toWireError } from './wire-error.ts'

/** Makes, when they are needed, the messages that are sent in the place of refused ones. */
export type StandIn = (error: WireError) => Outgoing | readonly Outgoing[]

export interface SettlerPorts {
  readonly stomp: Stomp
  readonly memory: JobMemory
  /** Whether passes that this connection brought are no longer honoured. */
  isStale(connection: number): boolean
  readonly clock: Clock
  /** A UUID. */
  newId(): string
  /** Told of each reply that is let go of, since nobody reads where it goes. */
  dropped(): void
  problem(message: string, error?: unknown, requestId?: string): void
}

const maxTries = 5
/** For messages that may be refused: the refusal tells of which. */
const apart: HowSent = { isAlone: true }
/** Counts of tries are kept for so many jobs. */
const maxCounted = 10_000

export class Settler {
  readonly #ports: SettlerPorts
  readonly #transactions: Transactions
  readonly #lostSends = new LostSends(maxCounted)
  readonly #refusals = new Refusals(maxCounted)
  readonly #backPressure: BackPressure
  readonly #pauses: Pauses
  #isResending = false
  #resends = 0

  constructor(ports: SettlerPorts) {
    this.#ports = ports
    this.#transactions = new Transactions(ports)
    this.#backPressure = new BackPressure(ports.clock.steady)
    this.#pauses = new Pauses(ports.clock)
  }

  /**
   * Sends an outcome that is kept in memory. Never rejects. When the connection goes it stays there, and is sent again
   * when the job is delivered again or `resend` is called.
   * @param deliveries of each copy; none for a broadcast
   * @param standIn makes the dead letter that is sent when the outcome is refused
   */
  async outcome(ended: EndedJob, deliveries: readonly Delivery[], standIn: StandIn): Promise<void> {
    // Where every copy went with its connection it is sent alone: the job may be another worker's by now.
    const held = deliveries.filter(one => !one.isGone())
    const sent = deliveries.length > 0 && held.length === 0 ? alone(ended) : ended
    const messages = this.#sendable(sent)
    if (messages.length === 0) return
    const settlement: Settlement = {
      requestId: ended.request_id,
      messages,
      deliveries: held,
      smaller: refused => this.#smaller(sent, messages, refused),
      marks: held.length === 0 ? ended.marks : undefined,
    }
    if (await this.release(settlement, standIn)) this.#confirmed(sent)
  }

  /**
   * Lets go of a job: sends, and ACKs it. Never rejects.
   * @param standIn makes the messages that are sent when these are refused
   * @returns whether the job is off this worker's hands, as it should be or by its dead letter
   */
  async release(settlement: Settlement, standIn: StandIn): Promise<boolean> {
    try {
      return await this.#release(settlement, standIn)
    } finally {
      this.#backPressure.ended(settlement.requestId)
    }
  }

  async #release(settlement: Settlement, standIn: StandIn): Promise<boolean> {
    const { requestId, messages, deliveries, smaller, marks } = settlement
    const { problem } = this.#ports
    for (let tries = 0; ; tries++) {
      const losses = this.#lostSends.inARow(requestId)
      const pauseMs = backOffMs(Math.max(tries, losses - maxTries))
      if (pauseMs > 0 && !(await this.#pauses.wait(pauseMs))) return false
      // Its connection is gone, and the broker hands the job out again.
      if (deliveries.length > 0 && deliveries.every(one => one.isGone())) return false
      let refused = this.#refusals.take(requestId, messages)
      if (refused === undefined && losses < maxTries) {
        const settled = await this.#send(settlement)
        if (settled.is === 'waits') continue
        if (settled.is !== 'refused') return this.#tried(requestId, settled)
        refused = settled.error
        problem(`A message about job ${requestId} was refused: ${refused.message}`, refused, requestId)
        if (hasNoRoom(refused)) continue
      } else if (refused === undefined && smaller !== undefined && losses < 2 * maxTries) {
        // A message that ends the connection each time may do so by its size, for reasons that nobody was told.
        const error = this.#wentEachTime()
        const told = await this.#transactions.commit(smaller(outputTooLarge(error.message)), deliveries, marks, apart)
        if (told.is === 'done') this.#ports.stomp.frameLimit?.outgrownBy(messages, error.message)
        if (told.is !== 'refused') return this.#tried(requestId, told)
      }
      if (deliveries.length === 0) {
        this.#resendLater()
        return false
      }
      refused ??= toWireError(this.#wentEachTime())
      const buried = await this.#transactions.commit([standIn(refused)].flat(), deliveries, undefined, apart)
      if (buried.is === 'unknown' && !buried.wasSent) this.#refusals.keep(requestId, messages, refused)
      if (buried.is !== 'refused') return this.#tried(requestId, buried)
      problem(`The dead letter of job ${requestId} was refused: ${buried.error.message}`, buried.error, requestId)
    }
  }

  /**
   * Sends it, or in its place why it is too large or found no room.
   * @returns `waits` when it is to be tried as it is in a moment
   */
  async #send(settlement: Settlement): Promise<Settled | { readonly is: 'waits'; readonly error: WireError }> {
    const { requestId, messages, deliveries, smaller, marks } = settlement
    const how = this.#lostSends.inARow(requestId) > 0 ? apart : {}
    let settled = await this.#transactions.commit(messages, deliveries, marks, how)
    if (smaller !== undefined && settled.is === 'refused' && isTooLarge(settled.error)) {
      this.#lostSends.startOver(requestId) // those were of messages that were too large
      settled = await this.#transactions.commit(
        smaller(outputTooLarge(settled.error.message)),
        deliveries,
        marks,
        apart,
      )
    }
    if (settled.is === 'done') this.#backPressure.foundRoom(messages)
    if (settled.is !== 'refused' || !isFull(settled.error)) return settled
    if (!this.#backPressure.waits(requestId, messages)) {
      return await sendIntoFull(this.#ports, this.#transactions, settlement, settled.error)
    }
    for (const one of deliveries) one.park()
    return { is: 'waits', error: settled.error }
  }

  /** Ends the waits before another try: the broker hands those jobs out again. */
  stop(): void {
    this.#pauses.stop()
  }

  /** Waits no longer for masters that do not read, and resolves when nothing is on its way. */
  async hurry(): Promise<void> {
    this.#backPressure.hurry()
    this.#pauses.wake()
    await new Promise<void>(resolve => this.#ports.clock.timer(0, resolve)) // until those that woke are on their way
    await this.idle()
  }

  /** Sends the outcomes that no broker confirmed, alone: their ACKs are gone with their connection. */
  async resend(): Promise<void> {
    const { memory, problem } = this.#ports
    for (const ended of memory.unsettled()) {
      const { request_id: requestId } = ended
      this.#backPressure.ended(requestId)
      const sent = alone(ended)
      const messages = this.#sendable(sent)
      if (messages.length === 0 || this.#refusals.of(requestId, messages) !== undefined) {
        // Its pass or its destination is refused; delivered again, the job brings another, or goes to dead.
        memory.answered(requestId)
        continue
      }
      if (this.#lostSends.inARow(requestId) >= maxTries) {
        const why = `The connection went ${maxTries} times with the outcome of job ${requestId}; it waits for its job`
        problem(why, undefined, requestId)
        memory.answered(requestId)
        continue
      }
      const settled = await this.#send({
        requestId,
        messages,
        deliveries: [],
        smaller: refused => this.#smaller(sent, messages, refused),
        marks: ended.marks,
      })
      if (settled.is === 'refused' || settled.is === 'waits') {
        problem(`The outcome of job ${requestId} was refused: ${settled.error.message}`, settled.error, requestId)
        // Its pass counts no longer, or its reader is gone: the same again would be refused for ever. The job may come again.
        if (settled.error.code === 'forbidden') memory.answered(requestId)
        else this.#resendLater()
        continue
      }
      if (settled.is === 'unknown') {
        this.#tried(requestId, settled)
        return
      }
      this.#resends = 0
      if (settled.is === 'elsewhere') {
        memory.disown(requestId)
        memory.settled(requestId)
      } else this.#confirmed(sent)
    }
  }

  /** @param sent the parts of an ended job that were */
  #confirmed({ request_id, letter }: EndedJob): void {
    const { memory } = this.#ports
    const due = memory.ended(request_id, 0)?.letter
    if (due === undefined || letter !== undefined) memory.settled(request_id)
    else memory.answered(request_id)
  }

  #smaller({ request_id, letter }: EndedJob, messages: readonly Outgoing[], refused: WireError): readonly Outgoing[] {
    const { problem, stomp } = this.#ports
    problem(`The outcome of job ${request_id} is sent without its payload: ${refused.message}`, refused, request_id)
    return withoutPayload(messages, letter, refused, stomp.frameLimit?.maxFrameBytes ?? Number.POSITIVE_INFINITY)
  }

  #wentEachTime(): DroverError {
    const { state } = this.#ports.stomp
    const setting = state.at === 'open' ? state.session.dialect.frameSetting : undefined
    const found = `The connection ended each time (${maxTries}) that the outcome of this job was sent`
    return new DroverError('broker_error', mayBeTooLarge(found, setting))
  }

  /** An outcome that is refused alone is tried alone again: its job may be another worker's by now. */
  #resendLater(): void {
    if (this.#isResending) return
    this.#isResending = true
    void this.#pauses.wait(backOffMs(++this.#resends)).then(isOn => {
      this.#isResending = false
      if (isOn) void this.resend()
    })
  }

  /** How the connection went while this worker sent something about a job; `undefined`: it did not. */
  lostSend(requestId: string): LostSend | undefined {
    return this.#lostSends.of(requestId)
  }

  /** Resolves when nothing is on its way. */
  idle(): Promise<void> {
    return this.#transactions.idle()
  }

  /** Tells the masters of a job that ended here once more how. Never rejects. */
  async answer(ended: EndedJob): Promise<void> {
    const messages = this.#sendable({ ...ended, letter: undefined })
    // The mark of each is for the outcome that settles the job: a broker takes it once, and would drop this one or that
    const unmarked = messages.map(message => ({ ...message, once: this.#ports.newId() }))
    await this.#transactions.commit(unmarked, [])
  }

  /** The messages that may be sent at present: of two masters behind bridges only one may have a pass that counts. */
  #sendable({ answers, letter }: EndedJob): Outgoing[] {
    const fresh = answers.filter(({ connection }) => !this.#ports.isStale(connection)).map(({ message }) => message)
    return letter === undefined || fresh.length === 0 ? fresh : [...fresh, letter]
  }

  #tried(requestId: string, settled: Settled): boolean {
    if (settled.is !== 'unknown') {
      this.#lostSends.startOver(requestId)
      if (settled.is === 'elsewhere') this.#ports.memory.disown(requestId)
      return true
    }
    if (!settled.wasSent) return false
    this.#lostSends.add(requestId, settled.why)
    return false
  }
}

/**
 * The parts of an ended job that are sent without its ACK. Its dead letter goes with the ACK: had both arrived, the job does not
 * come again, and else the worker that is handed it sends one. Where marks stand for the ACK, they tell.
 */
function alone(ended: EndedJob): EndedJob {
  return (ended.marks?.length ?? 0) > 0 ? ended : { ...ended, letter: undefined }
}
