/**
 * A worker remembers of jobs that it no longer runs: outcomes, so that a job delivered again gets the same answer
 * instead of a second run, cancelled ids, so that a job cancelled before it came is not begun, and which went back unstarted.
 * Promises 3, 5 and 6.
 */
import type { OutcomeReply } from '../../shared/contract/mod.ts'
import type { Outgoing } from '../../shared/stomp/mod.ts'
import { maxCopies } from '../job-copy.ts'
import { keepNewest } from '../keep-newest.ts'
import type { CopySeal } from '../sealing/copy-seal.ts'

/** An outcome for one master. */
export interface Answer {
  readonly message: Outgoing
  /** Which of the worker's connections brought the copy of the job, and its pass. */
  readonly connection: number
}

/** A job that ended here. */
export interface EndedJob {
  readonly request_id: string
  /** Which retry of the dead job this was, by the id of that; absent of the job as it was dispatched. */
  readonly retried?: string | undefined
  readonly task: string
  readonly attempt: number
  readonly type: OutcomeReply['type']
  /** Whether the job came sealed. */
  readonly isSealed?: boolean | undefined
  /** Of the copy that ran: by it the outcome is sealed for one more master. */
  readonly seal?: CopySeal | undefined
  /** Whose job it was, where a bridge says so. */
  readonly sender: string | undefined
  /** The outcome's body. Sent again byte for byte, so `seq` is kept. */
  readonly body: string
  /** The outcome to each master that waits for it, the newest last. */
  readonly answers: readonly Answer[]
  /** The dead letter, where one is due. */
  readonly letter: Outgoing | undefined
  /** The marks of the deliveries that it settles. */
  readonly marks?: readonly Outgoing[] | undefined
  /** Until when it is kept, by the steady clock, ms. */
  readonly untilAt: number
}

/** A cancelled id. */
export interface Cancelled {
  readonly reason: string | undefined
  /** By the steady clock, ms. */
  readonly untilAt: number
}

export interface JobMemoryListener {
  /** The memory of a job is other than before. @param isNew there is an outcome, or an answer, that was not there before */
  jobChanged(requestId: string, isNew: boolean): void
  cancelChanged(key: string): void
}

export interface JobMemoryLimits {
  /** Ended jobs and, apart from them, cancelled ids. Default 10,000. */
  readonly count: number
  /** Characters of all outcomes together. Default 64 Mi. */
  readonly characters: number
  /** The longest that one is remembered, ms. Default: for as long as it asks for. */
  readonly ageMs?: number
}

const defaultLimits: JobMemoryLimits = { count: 10_000, characters: 64 * 1024 * 1024 }

/** Jobs that went back with their connection, of which so many are remembered. */
const maxReturned = 10_000

/** Bounded by count, size and time; the oldest go first, those still to be settled last. */
export class JobMemory {
  readonly #limits: JobMemoryLimits
  readonly #ended = new Map<string, EndedJob>()
  /** Ids whose outcome no broker has confirmed yet: kept beyond all bounds, and sent again on reconnecting. */
  readonly #unsettled = new Set<string>()
  readonly #cancelled = new Map<string, Cancelled>()
  readonly #listeners: JobMemoryListener[] = []
  /** Jobs that went back unstarted with their connection. */
  readonly #returned = new Set<string>()
  #characters = 0

  constructor(limits: JobMemoryLimits = defaultLimits) {
    this.#limits = limits
  }

  listen(listener: JobMemoryListener): void {
    this.#listeners.push(listener)
  }

  /** Keeps an outcome that has yet to be confirmed. One that is kept already is replaced. */
  keep(ended: EndedJob, now: number): void {
    const { ageMs = Number.POSITIVE_INFINITY } = this.#limits
    this.restore(ended.untilAt <= now + ageMs ? ended : { ...ended, untilAt: now + ageMs }, true)
    this.trim(now)
    this.#changed(ended.request_id, true)
  }

  /** Remembers a job of before, as it was. */
  restore(ended: EndedJob, isUnsettled: boolean): void {
    this.#forget(ended.request_id)
    this.#ended.set(ended.request_id, ended)
    if (isUnsettled) this.#unsettled.add(ended.request_id)
    this.#characters += sizeOf(ended)
  }

  /** Remembers a cancelled id of before. @param key as `cancels` has it */
  restoreCancel(key: string, cancelled: Cancelled): void {
    this.#cancelled.set(key, cancelled)
  }

  /** Forgets jobs and ids past the bounds. */
  trim(now: number): void {
    for (const [id, ended] of this.#ended) {
      const isOver = this.#ended.size > this.#limits.count || this.#characters > this.#limits.characters
      if (!isOver && ended.untilAt > now) break
      if (!this.#unsettled.has(id)) this.#forget(id)
    }
    this.#trimCancels()
  }

  /** Every job that is remembered, the oldest first. */
  ids(): IterableIterator<string> {
    return this.#ended.keys()
  }

  /** Every cancelled id, by a key of its own, the oldest first. */
  get cancels(): ReadonlyMap<string, Cancelled> {
    return this.#cancelled
  }

  /** A job as it is remembered, also past its time. */
  kept(requestId: string): EndedJob | undefined {
    return this.#ended.get(requestId)
  }

  /** The job was delivered again: its outcome has one more reader, or another pass for one that it has. */
  answer(requestId: string, answer: Answer): void {
    const ended = this.#ended.get(requestId)
    if (ended === undefined) return
    const others = ended.answers.filter(({ message }) => message.destination !== answer.message.destination)
    const next = { ...ended, answers: [...others.slice(1 - maxCopies), answer] }
    this.#ended.set(requestId, next)
    this.#characters += sizeOf(next) - sizeOf(ended)
    this.#changed(requestId, true)
  }

  isSettled(requestId: string): boolean {
    return !this.#unsettled.has(requestId)
  }

  /**
   * The broker has confirmed the outcome, or it waits for its job. A dead letter is still due with the ACK, if the job comes
   * again.
   */
  answered(requestId: string): void {
    if (this.#unsettled.delete(requestId)) this.#changed(requestId)
  }

  /** The broker has confirmed all that ends the job, its dead letter included. */
  settled(requestId: string): void {
    this.answered(requestId)
    const ended = this.#ended.get(requestId)
    if (ended?.letter === undefined) return
    this.#ended.set(requestId, { ...ended, letter: undefined })
    this.#characters -= ended.letter.body.length
    this.#changed(requestId)
  }

  /** It is another's by now, with a dead letter yet to be made: should it come back, it is run once more. */
  disown(requestId: string): void {
    if (this.#ended.get(requestId)?.letter !== undefined) this.#forget(requestId)
  }

  ended(requestId: string, now: number): EndedJob | undefined {
    const ended = this.#ended.get(requestId)
    return ended !== undefined && (ended.untilAt > now || this.#unsettled.has(requestId)) ? ended : undefined
  }

  unsettled(): EndedJob[] {
    return [...this.#unsettled].flatMap(id => this.#ended.get(id) ?? [])
  }

  /**
   * Remembers that a job is cancelled, wherever it is. The task counts too: a master that may cancel jobs of one task may not
   * cancel those of another.
   */
  cancel(task: string, requestId: string, reason: string | undefined, untilAt: number): void {
    const key = `${task} ${requestId}`
    this.#cancelled.delete(key)
    this.#cancelled.set(key, { reason, untilAt })
    this.#cancelChanged(key)
    this.#trimCancels()
  }

  #trimCancels(): void {
    for (const oldest of this.#cancelled.keys()) {
      if (this.#cancelled.size <= this.#limits.count) break
      this.#cancelled.delete(oldest)
      this.#cancelChanged(oldest)
    }
  }

  cancelled(task: string, requestId: string, now: number): { readonly reason: string | undefined } | undefined {
    const cancelled = this.#cancelled.get(`${task} ${requestId}`)
    return cancelled !== undefined && cancelled.untilAt > now ? cancelled : undefined
  }

  /** Remembers that a job went back with its connection before it began: delivered again, it is no loss. */
  returned(requestId: string): void {
    this.#returned.add(requestId)
    keepNewest(this.#returned, maxReturned)
  }

  /** Whether a job that comes now went back so; asked once of each delivery. */
  wasReturned(requestId: string): boolean {
    return this.#returned.delete(requestId)
  }

  #forget(requestId: string): void {
    const ended = this.#ended.get(requestId)
    if (ended === undefined) return
    this.#characters -= sizeOf(ended)
    this.#ended.delete(requestId)
    this.#unsettled.delete(requestId)
    this.#changed(requestId)
  }

  #changed(requestId: string, isNew = false): void {
    for (const listener of this.#listeners) listener.jobChanged(requestId, isNew)
  }

  #cancelChanged(key: string): void {
    for (const listener of this.#listeners) listener.cancelChanged(key)
  }
}

function sizeOf({ body, answers, letter, seal }: EndedJob): number {
  const ofOthers = answers.reduce((sum, { message }) => sum + (message.body === body ? 0 : message.body.length), 0)
  return body.length + ofOthers + (letter?.body.length ?? 0) + (seal?.characters ?? 0)
}
