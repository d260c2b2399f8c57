/** For unit tests: a worker's slots, over queues that the test fills by hand. */
import { vi } from 'vitest'
import type { Incoming } from '../../shared/stomp/mod.ts'
import type { Handed } from './handed.ts'
import { type Occupant, Slots } from './slots.ts'

export interface Job extends Occupant {
  readonly id: number
  readonly handed?: Handed
}

export interface Ground {
  readonly slots: Slots<Job>
  readonly log: { opened: number; closed: number }
  readonly running: Job[]
  /** Published again, and put back: their numbers. */
  readonly givenBack: number[]
  readonly back: number[]
  /** How long publishing again takes. Default 0. */
  readonly pace: { giveBackMs: number }
  lanes(task: string): number
  deliver(task: string, nth?: number, headers?: Record<string, string>): void
  /** Of the job with that number. */
  handed(id: number): Handed
  broadcast(task: string): Job
  end(job: Job): void
  /** Its slot is free, and its lane has it still. */
  rest(job: Job): void
  /** What rested is published again. */
  settle(job: Job): void
}

/** A worker's slots over queues that the test fills by hand. */
export function ground(
  concurrency: number,
  tasks: string[],
  mayClose = true,
  groups: readonly (readonly string[])[] = tasks.map(task => [task]),
): Ground {
  const open: { group: readonly string[]; deliver(task: string, headers: Record<string, string>): void }[] = []
  const log = { opened: 0, closed: 0 }
  const running: Job[] = []
  const givenBack: number[] = []
  const back: number[] = []
  const pace = { giveBackMs: 0 }
  const held = new Set<Job>()
  const handedOut: (Handed | undefined)[] = []
  let ids = 0
  const slots: Slots<Job> = new Slots<Job>({
    concurrency,
    groups: () => groups,
    steady: () => Date.now(),
    open(group, onMessage) {
      log.opened++
      const lane: (typeof open)[number] = {
        group,
        deliver: (task, headers) => onMessage(task, { headers, body: '', destination: task, ack() {} } as Incoming),
      }
      open.push(lane)
      return {
        ready: Promise.resolve(),
        async unsubscribe() {
          log.closed++
          open.splice(open.indexOf(lane), 1)
        },
      }
    },
    delivered(task, handed) {
      const job: Job = { id: ++ids, task, mode: 'queue', handed }
      held.add(job)
      handedOut[job.id - 1] = handed
      slots.offer(job)
    },
    start: job => void running.push(job),
    handedOf: ({ handed }) => (handed === undefined ? [] : [handed]),
    isBack(job) {
      held.delete(job)
      back.push(job.id)
    },
    async giveBack(job) {
      held.delete(job)
      givenBack.push(job.id)
      if (pace.giveBackMs > 0) await new Promise(resolve => setTimeout(resolve, pace.giveBackMs))
      job.handed?.settled()
    },
    mayClose: () => mayClose,
    resting: () => [],
    mayCloseUnused: () => !mayClose,
    inHand: task => [...held].filter(job => job.task === task && job.mode === 'queue').length,
  })
  slots.adjust()
  return {
    slots,
    log,
    running,
    givenBack,
    back,
    pace,
    lanes: (task: string) => open.filter(({ group }) => group.includes(task)).length,
    deliver: (task: string, nth = 0, headers: Record<string, string> = {}) =>
      open.filter(({ group }) => group.includes(task))[nth]!.deliver(task, headers),
    handed: (id: number): Handed => handedOut[id - 1]!,
    broadcast(task: string): Job {
      const job: Job = { id: ++ids, task, mode: 'topic' }
      slots.offer(job)
      return job
    },
    end(job: Job): void {
      running.splice(running.indexOf(job), 1)
      held.delete(job)
      job.handed?.settled()
      slots.free()
    },
    rest(job: Job): void {
      running.splice(running.indexOf(job), 1)
      slots.free()
    },
    settle(job: Job): void {
      held.delete(job)
      job.handed?.settled()
      slots.adjust()
    },
  }
}

/** A job that is to run by itself. */
export function offerAlone({ slots }: Ground): Job {
  const job: Job = { id: 99, task: 'a', mode: 'queue' }
  slots.offerAlone(job)
  return job
}

export const longAfter = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1_000)
