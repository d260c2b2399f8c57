/** For unit tests: a worker's slots, over queues that the test fills by hand. */
import { vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import type { Incoming } from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import { type Occupant, Slots } from './slots.ts'

export interface Job extends Occupant {
  readonly id: number
  readonly delivery?: Delivery
}

export interface SlotsSetUp {
  readonly slots: Slots<Job>
  readonly log: { opened: number; closed: number }
  readonly running: Job[]
  /** Published again, and put back: their numbers. */
  readonly republished: number[]
  readonly requeued: number[]
  /** How long publishing again takes. Default 0. */
  readonly delays: { requeueMs: number }
  subscriptions(task: string): number
  deliver(task: string, nth?: number, headers?: Record<string, string>): void
  /** Of the job with that number. */
  delivery(id: number): Delivery
  broadcast(task: string): Job
  end(job: Job): void
  /** Its slot is free, and its subscription has it still. */
  rest(job: Job): void
  /** What rested is published again. */
  settle(job: Job): void
}

/** A worker's slots over queues that the test fills by hand. */
export function setUp(
  concurrency: number,
  tasks: string[],
  mayClose = true,
  groups: readonly (readonly string[])[] = tasks.map(task => [task]),
): SlotsSetUp {
  const open: { group: readonly string[]; deliver(task: string, headers: Record<string, string>): void }[] = []
  const log = { opened: 0, closed: 0 }
  const running: Job[] = []
  const republished: number[] = []
  const requeued: number[] = []
  const delays = { requeueMs: 0 }
  const held = new Set<Job>()
  const handedOut: (Delivery | undefined)[] = []
  let ids = 0
  const slots: Slots<Job> = new Slots<Job>({
    concurrency,
    groups: () => groups,
    clock: { ...systemClock, steady: () => Date.now() },
    open(group, onMessage) {
      log.opened++
      const subscription: (typeof open)[number] = {
        group,
        deliver: (task, headers) => onMessage(task, { headers, body: '', destination: task, ack() {} } as Incoming),
      }
      open.push(subscription)
      return {
        ready: Promise.resolve(),
        async unsubscribe() {
          log.closed++
          open.splice(open.indexOf(subscription), 1)
        },
      }
    },
    delivered(task, delivery) {
      const job: Job = { id: ++ids, task, mode: 'queue', delivery }
      held.add(job)
      handedOut[job.id - 1] = delivery
      slots.offer(job)
    },
    start: job => void running.push(job),
    deliveriesOf: ({ delivery }) => (delivery === undefined ? [] : [delivery]),
    requeued(job) {
      held.delete(job)
      requeued.push(job.id)
    },
    async requeue(job) {
      held.delete(job)
      republished.push(job.id)
      if (delays.requeueMs > 0) await new Promise(resolve => setTimeout(resolve, delays.requeueMs))
      job.delivery?.settled()
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
    republished,
    requeued,
    delays,
    subscriptions: (task: string) => open.filter(({ group }) => group.includes(task)).length,
    deliver: (task: string, nth = 0, headers: Record<string, string> = {}) =>
      open.filter(({ group }) => group.includes(task))[nth]!.deliver(task, headers),
    delivery: (id: number): Delivery => handedOut[id - 1]!,
    broadcast(task: string): Job {
      const job: Job = { id: ++ids, task, mode: 'topic' }
      slots.offer(job)
      return job
    },
    end(job: Job): void {
      running.splice(running.indexOf(job), 1)
      held.delete(job)
      job.delivery?.settled()
      slots.free()
    },
    rest(job: Job): void {
      running.splice(running.indexOf(job), 1)
      slots.free()
    },
    settle(job: Job): void {
      held.delete(job)
      job.delivery?.settled()
      slots.adjust()
    },
  }
}

/** A job that is to run by itself. */
export function offerExclusive({ slots }: SlotsSetUp): Job {
  const job: Job = { id: 99, task: 'a', mode: 'queue' }
  slots.offerExclusive(job)
  return job
}

export const longAfter = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1_000)
