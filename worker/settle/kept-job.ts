/** An ended job as a row, and back. A sealed one is as sealed there as it is on its way. */
import type { Clock } from '../../shared/clock.ts'
import type { Seal } from '../../shared/seal/mod.ts'
import type { Outgoing } from '../../shared/stomp/mod.ts'
import { CopySeal, type SealedJobId } from '../sealing/copy-seal.ts'
import type { EndedJob } from './job-memory.ts'
import type { KeptJob } from './state-disk.ts'

interface Facts extends Omit<EndedJob, 'body' | 'answers' | 'seal' | 'untilAt'> {
  /** Each has its body where that is not the outcome's: it is sealed for another. */
  readonly answers: readonly (Omit<Outgoing, 'body'> & { readonly body?: string })[]
  readonly seal: { readonly id: SealedJobId; readonly sealed: unknown } | undefined
}

type Times = Pick<Clock, 'now' | 'steady'>

export function keptJob(row: number, ended: EndedJob, isUnsettled: boolean, { now, steady }: Times): KeptJob {
  const { body, answers, seal, untilAt, ...rest } = ended
  const facts: Facts = {
    ...rest,
    answers: answers.map(({ message }) =>
      message.body === body ? { ...message, body: undefined } : message,
    ) as Facts['answers'],
    seal: seal?.asItCame,
  }
  return { row, isUnsettled, keptAt: now(), leftMs: leftMs(untilAt, steady()), body, facts: JSON.stringify(facts) }
}

/**
 * @param seal of this worker; without one the outcome of a sealed job is told to the master that it was sealed for alone
 * @throws {SyntaxError} where its JSON is damaged
 */
export function endedJob({ body, facts, keptAt, leftMs }: KeptJob, clock: Times, seal: Seal | undefined): EndedJob {
  const { answers, seal: kept, ...rest } = JSON.parse(facts) as Facts
  return {
    ...rest,
    body,
    // Their passes came before every connection of this process
    answers: answers.map(message => ({ message: { ...message, body: message.body ?? body }, connection: 0 })),
    seal: seal === undefined || kept === undefined ? undefined : new CopySeal(seal, kept.id, kept.sealed),
    untilAt: untilAt(clock, keptAt, leftMs),
  }
}

export const leftMs = (untilAt: number, steady: number): number => Math.max(0, Math.round(untilAt - steady))

/** By the steady clock. A wall clock that was set back keeps it no longer than it was to be kept. */
export const untilAt = ({ now, steady }: Times, keptAt: number, leftMs: number): number =>
  steady() + leftMs - Math.min(leftMs, Math.max(0, now() - keptAt))
