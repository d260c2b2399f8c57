/** For unit tests: a worker's slots, over queues that the test fills by hand. */
import { vi } from 'vitest'
import { systemClock } from '../../shared/clock.ts'
import { classic, type Incoming } from '../../shared/stomp/mod.ts'
import type { Delivery } from '../delivery.ts'
import type { HeldJob } from '../held-job.ts'
import type { ImplementOptions } from '../implement.ts'
import type { Copy } from '../job-copy.ts'
import { fakeHeldJob, fakeQueues, fakeSession } from '../testing.ts'
import { QueueSubscriptions } from './queue-subscriptions.ts'
import { Slots } from './slots.ts'
import { TaskLimits } from './task-limits.ts'

export interface Job extends HeldJob {
  readonly id: number
  readonly delivery?: Delivery
}

function jobOf(id: number, task: string, mode: Job['mode'], delivery?: Delivery): Job {
  const copies = delivery === undefined ? [] : [{ delivery } as Copy]
  return { ...fakeHeldJob({ task, mode, copies }), id, ...(delivery && { delivery }) }
}

export interface SlotsSetUp {
  readonly slots: Slots
  readonly log: { opened: number; closed: number }
  readonly running: Job[]
  /** Had not begun when their connection went. */
  readonly lost: Job[]
  /** Published again, and put back: their numbers. */
  readonly republished: number[]
  readonly requeued: number[]
  /** How long publishing again takes. Default 0. */
  readonly delays: { requeueMs: number }
  subscriptions(task: string): number
  deliver(task: string, nth?: number, headers?: Record<string, string>): void
  /** The delivery of the job with that number. */
  delivery(id: number): Delivery
  broadcast(task: string): Job
  end(job: Job): void
  /** Its slot is free, and its subscription has it still. */
  rest(job: Job): void
  /** A job that rested is published again. */
  settle(job: Job): void
}

/** A worker's slots over queues that the test fills by hand. */
export function setUp(
  concurrency: number,
  tasks: string[],
  mayClose = true,
  groups: readonly (readonly string[])[] = tasks.map(task => [task]),
  limits: Readonly<Record<string, ImplementOptions>> = {},
): SlotsSetUp {
  const open: { group: readonly string[]; deliver(task: string, headers: Record<string, string>): void }[] = []
  const log = { opened: 0, closed: 0 }
  const running: Job[] = []
  const republished: number[] = []
  const requeued: number[] = []
  const delays = { requeueMs: 0 }
  const lost: Job[] = []
  const held = new Set<Job>()
  const clock = { ...systemClock, steady: () => Date.now() }
  const handedOut: (Delivery | undefined)[] = []
  let ids = 0
  const subscriptions = new QueueSubscriptions({
    stomp: {
      subscribe({ destination }, onMessage) {
        log.opened++
        const subscription: (typeof open)[number] = {
          group: destination.split(','),
          deliver: (task, headers) => onMessage({ headers, body: '', destination: task, ack() {} } as Incoming),
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
    },
    queues: fakeQueues(groups),
    session: () => ({
      ...fakeSession,
      dialect: { ...classic, unsubscribeReturns: mayClose, ...(!mayClose && { unsubscribeMarks: true }) },
    }),
    clock,
  })
  const slots = new Slots({
    concurrency,
    clock,
    subscriptions,
    limits: new TaskLimits({ concurrency, implementations: new Map(Object.entries(limits)), clock }),
    heldJobs: {
      listen() {},
      inHand: task => [...held].filter(job => job.task === task && job.mode === 'queue').length,
    },
    ends: {
      requeued(job) {
        held.delete(job as Job)
        requeued.push((job as Job).id)
      },
      async requeue(job) {
        held.delete(job as Job)
        republished.push((job as Job).id)
        if (delays.requeueMs > 0) await new Promise(resolve => setTimeout(resolve, delays.requeueMs))
        ;(job as Job).delivery?.settled()
      },
      connectionLost: job => void lost.push(job as Job),
    },
  })
  slots.listen({ start: job => void running.push(job as Job) })
  subscriptions.listen({
    delivered(task, delivery) {
      const job = jobOf(++ids, task, 'queue', delivery)
      held.add(job)
      handedOut[job.id - 1] = delivery
      slots.offer(job)
    },
  })
  slots.adjust()
  return {
    slots,
    log,
    running,
    lost,
    republished,
    requeued,
    delays,
    subscriptions: (task: string) => open.filter(({ group }) => group.includes(task)).length,
    deliver: (task: string, nth = 0, headers: Record<string, string> = {}) =>
      open.filter(({ group }) => group.includes(task))[nth]!.deliver(task, headers),
    delivery: (id: number): Delivery => handedOut[id - 1]!,
    broadcast(task: string): Job {
      const job = jobOf(++ids, task, 'topic')
      slots.offer(job)
      return job
    },
    end(job: Job): void {
      running.splice(running.indexOf(job), 1)
      held.delete(job)
      job.delivery?.settled()
      slots.free(job)
    },
    rest(job: Job): void {
      running.splice(running.indexOf(job), 1)
      slots.free(job)
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
  const job = jobOf(99, 'a', 'queue')
  slots.offerExclusive(job)
  return job
}

export const longAfter = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1_000)
