/**
 * Storms, on paper: jobs of which some end their worker, workers that start again, and a broker that marks all that a dead one
 * held. Each worker acts as `decide` says; time is virtual, and chance is seeded. Promise 6.
 */
import { expect, test } from 'vitest'
import type { Job } from '../../shared/contract/mod.ts'
import { decide } from '../../worker/consume/decide.ts'
import { seeded } from '../support/random.ts'

interface Message extends Pick<Job, 'losses' | 'alone' | 'handed_back'> {
  readonly id: number
  readonly isRedelivered: boolean
}

interface Worker {
  isUp: boolean
  /** Its deliveries of the broker that it has not settled. */
  readonly inFlight: Set<Message>
  readonly running: Set<Message>
  /** Has come and been decided upon. */
  readonly known: Set<Message>
  sole: Message | undefined
}

interface Storm {
  readonly done: Set<number>
  readonly dead: Set<number>
  readonly begun: Map<number, number>
}

/** @param isPoison whether a job ends its worker */
function storm(seed: number, isPoison: (id: number) => boolean): Storm {
  const { whole: between } = seeded(seed)
  const [count, concurrency, broadcast] = [between(20, 200), between(1, 4), between(2, 5)]
  const queue: Message[] = Array.from({ length: count }, (_, id) => ({ id, losses: 0, isRedelivered: false }))
  const workers = Array.from(
    { length: broadcast },
    (): Worker => ({
      isUp: true,
      inFlight: new Set(),
      running: new Set(),
      known: new Set(),
      sole: undefined,
    }),
  )
  const result: Storm = { done: new Set(), dead: new Set(), begun: new Map() }
  const timers: { at: number; act: () => void }[] = []
  let now = 0
  const after = (ms: number, act: () => void): void => void timers.push({ at: now + ms, act })
  /** Acts if the worker still has it then. */
  const later = (worker: Worker, message: Message, ms: number, act: () => void): void =>
    after(ms, () => worker.inFlight.has(message) && act())

  const settle = (worker: Worker, message: Message, again?: Partial<Message>): void => {
    for (const set of [worker.inFlight, worker.known]) set.delete(message)
    if (again !== undefined) queue.push({ ...message, isRedelivered: false, ...again })
  }
  const die = (worker: Worker): void => {
    worker.isUp = false
    queue.unshift(...[...worker.inFlight].map(message => ({ ...message, isRedelivered: true })))
    for (const set of [worker.inFlight, worker.running, worker.known]) set.clear()
    worker.sole = undefined
    after(500, () => {
      worker.isUp = true
    })
  }
  const begin = (worker: Worker, message: Message): void => {
    worker.running.add(message)
    result.begun.set(message.id, (result.begun.get(message.id) ?? 0) + 1)
    later(worker, message, between(1, 300), () => {
      if (isPoison(message.id)) return die(worker)
      worker.running.delete(message)
      settle(worker, message)
      result.done.add(message.id)
      if (worker.sole === message) worker.sole = undefined
      beginSole(worker)
    })
  }
  const beginSole = (worker: Worker): void => {
    const { sole, running } = worker
    if (sole !== undefined && running.size === 0) begin(worker, sole)
  }
  const receive = (worker: Worker, message: Message): void => {
    const { id, losses, alone, handed_back, isRedelivered } = message
    const requestId = String(id)
    const job: Job = { v: 1, request_id: requestId, task: 'a', input: 0, attempt: 1, losses, alone, handed_back }
    const decision = decide({
      read: { is: 'job', requestId, job, replyTo: '', deadlineAt: Number.POSITIVE_INFINITY },
      mode: 'queue',
      isRedelivered,
      ended: undefined,
      isHere: false,
      cancelled: undefined,
      now,
      isDraining: false,
      isPaused: false,
      isUnopenable: false,
      isBesideDoubt: [...worker.known].some(one => one.losses > 0 && !(one.handed_back && one.alone !== undefined)),
      maxLosses: 3,
    })
    worker.known.add(message)
    switch (decision.to) {
      case 'republish_lost':
        settle(worker, message, {
          losses: decision.losses,
          alone: decision.alone,
          handed_back: decision.alone === undefined ? undefined : true,
        })
        break
      case 'bury_lost':
        result.dead.add(id)
        settle(worker, message)
        break
      case 'republish_unmarked':
        settle(worker, message, { handed_back: undefined })
        break
      case 'pass_on':
        if (decision.isAgain) later(worker, message, 50, () => settle(worker, message, {}))
        else settle(worker, message, { handed_back: true })
        break
      case 'run_alone':
        worker.sole = message
        beginSole(worker)
        break
      case 'run':
        if (worker.sole === undefined && worker.running.size < concurrency) begin(worker, message)
        else later(worker, message, 100, () => settle(worker, message, {}))
        break
      default:
        throw new Error(`Unexpected: ${decision.to}`)
    }
  }
  while (result.done.size + result.dead.size < count) {
    // As with brokers whose subscriptions stay open: as many are on their way as there may be in flight.
    for (const worker of workers) {
      while (worker.isUp && worker.inFlight.size < concurrency && queue.length > 0) {
        const message = queue.shift()!
        worker.inFlight.add(message)
        later(worker, message, between(1, 5), () => receive(worker, message))
      }
    }
    timers.sort((a, b) => a.at - b.at)
    const next = timers.shift()
    if (next === undefined || now > 3_600_000) throw new Error(`Storm ${seed} does not end`)
    now = next.at
    next.act()
  }
  return result
}

test('in 300 storms no innocent job dies, and each that ends its worker does after 3 to 6 runs', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const isPoison = (id: number): boolean => id % 40 === seed % 20
    const { done, dead, begun } = storm(seed, isPoison)
    expect(
      [...dead].filter(id => !isPoison(id)),
      `innocent, in storm ${seed}`,
    ).toEqual([])
    expect([...done].filter(isPoison)).toEqual([])
    for (const id of dead) {
      expect(begun.get(id), `runs of job ${id} in storm ${seed}`).toBeGreaterThanOrEqual(3)
      expect(begun.get(id), `runs of job ${id} in storm ${seed}`).toBeLessThanOrEqual(6)
    }
  }
})
