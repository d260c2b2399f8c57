/** One storm, from the first process to the verdict. */
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { dialects } from '../../shared/stomp/mod.ts'
import { makeGate } from '../support/gate.ts'
import { type Random, seeded } from '../support/random.ts'
import { until } from '../support/until.ts'
import { emptyQueues, untilAllSlotsWork } from './after.ts'
import type { StormBroker } from './brokers.ts'
import { type Fault, faults } from './faults.ts'
import { Observer } from './observer.ts'
import { isDead } from './seen.ts'
import type { Strike, Target } from './strikes.ts'
import { type Peer, startTestBed, type TestBed, taskQueues } from './test-bed.ts'
import { type Figures, figuresOf, problemsOf } from './verdict.ts'
import { sendWaiting, waitingQueue } from './waiting.ts'

/** How large a storm is. */
export interface Size {
  readonly masters: readonly Peer[]
  readonly workers: readonly Peer[]
  /** How many jobs are dispatched in a second. */
  readonly perSecond: number
  readonly longestMs: number
  /** 1 is that of a whole one: shorter ones are struck more often, and stand still for shorter times. */
  readonly pace: number
  /** No job may take longer. */
  readonly timeoutMs: number
}

export interface StormOptions {
  readonly broker: StormBroker
  /** A name of `faults`. */
  readonly fault: string
  readonly jobs: number
  readonly seed: number
  readonly size: Size
  readonly awayMs: number
  /** A folder for everyone's output. */
  readonly logs: string
  readonly say: (line: string) => void
  /** Ends it early: everything is cleared away, and `runStorm` throws the reason. */
  readonly signal?: AbortSignal
}

export interface Report {
  readonly broker: StormBroker
  readonly fault: string
  readonly seed: number
  readonly figures: Figures
  /** A sentence for each promise that was broken, with the places to look at. */
  readonly problems: readonly string[]
  readonly tookMs: number
}

const concurrency = 3

/** @throws {Error} when it cannot be played at all: the broker or a worker does not start */
export async function runStorm(options: StormOptions): Promise<Report> {
  const { broker, fault: name, jobs, seed } = options
  const fault = faults[name]!
  const size = { ...options.size, workers: options.size.workers.slice(0, fault.workers) }
  const began = performance.now()
  const random = seeded(seed)
  const poison = fault.poison === undefined ? 0 : Math.max(2, Math.round((fault.poison * jobs) / 1_000))
  const { perSecond, longestMs, timeoutMs } = size
  await using testBed = await startTestBed({
    broker,
    brokerEnv: fault.brokerEnv ?? {},
    diskSize: fault.diskSize,
    hasClocks: fault.setsClocks === true,
    masters: size.masters,
    workers: size.workers,
    concurrency,
    pauseMs: poison > 0 ? 500 : 200,
    plan: { jobs, poison, perSecond, longestMs, timeoutMs: timeoutMs + options.awayMs },
    random,
    logs: join(options.logs, `${broker}-${name}`),
  })
  const raging = rage(testBed, fault, poison > 0, { ...options, size, random })
  raging.catch(() => {}) // where it was ended early
  const { figures, problems } = await Promise.race([raging, ending(options.signal)])
  return { broker, fault: name, seed, figures, problems, tookMs: performance.now() - began }
}

function ending(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason), { once: true }))
}

async function rage(
  testBed: TestBed,
  fault: Fault,
  mayDie: boolean,
  { broker, jobs, size, awayMs, random, say }: StormOptions & { readonly random: Random },
): Promise<Pick<Report, 'figures' | 'problems'>> {
  const observer = new Observer(testBed.plans)
  const workers = testBed.startWorkers(observer.ofWorkers(mayDie))
  await observer.allReady(size.workers.map(({ name }) => name))
  // The embedded one without a file keeps nothing over its end
  const isForgotten = fault.endsBroker === true && broker === 'embedded'
  const waiting = isForgotten ? [] : await sendWaiting(testBed.environment)
  const lastsMs = (jobs * 1_000) / size.perSecond
  const isOver = delay(lastsMs)
  const masters = testBed.startMasters(observer.ofMasters())
  const target: Target = { testBed, workers, masters, random, pace: size.pace, awayMs }
  const telling = setInterval(() => say(progress(observer)), 10_000)
  try {
    const tell = (text: string): void => {
      observer.say(text)
      say(text)
    }
    await Promise.all([isOver, ...fault.strikes.map(strike => strikeFor(lastsMs, strike, target, tell))])
    for (const proxy of testBed.proxies) proxy.flow()
    observer.say('the storm is over')
    await until('every job has ended', () => observer.open.length === 0, {
      timeoutMs: size.timeoutMs + awayMs + 60_000,
    }).catch(() => {}) // those that have not are named by the verdict
    const left = observer.open.length > 0 ? [] : await lookAfter(testBed, observer, size)
    left.push(
      ...(await workers.drainAll()),
      ...(await masters.drainAll()),
      ...(await leftBehind(testBed, observer, waiting, isForgotten)),
    )
    const figures = figuresOf(observer)
    return { figures, problems: [...problemsOf(observer, fault, dialects[testBed.broker.name], figures), ...left] }
  } finally {
    clearInterval(telling)
  }
}

async function strikeFor(lasts: number, strike: Strike, target: Target, tell: (text: string) => void): Promise<void> {
  const { random, pace } = target
  const until = performance.now() + lasts
  const { everyMs } = strike
  if (everyMs === 'once') {
    await delay(lasts / 3)
    return tell(await strike.act(target))
  }
  for (;;) {
    await delay(random.whole(...everyMs) * pace)
    if (performance.now() > until) return
    tell(await strike.act(target))
  }
}

/** Everyone works again. @returns the faults */
async function lookAfter(testBed: TestBed, observer: Observer, size: Size): Promise<string[]> {
  await using gate = await makeGate()
  await using master = await testBed.environment.master()
  observer.say('trying all slots')
  const slots = concurrency * size.workers.length
  return await untilAllSlotsWork(master, slots, gate).then(
    () => [],
    (error: Error) => [error.message],
  )
}

/** Once nobody is there any more. @returns the faults of the queues */
async function leftBehind(
  testBed: TestBed,
  observer: Observer,
  waiting: readonly string[],
  isForgotten: boolean,
): Promise<string[]> {
  const mayRead = testBed.broker.name === 'rabbitmq' ? [] : testBed.replyQueues // there they have arguments
  const queues = [...taskQueues, ...mayRead, waitingQueue, 'dead']
  const { dead = [], [waitingQueue]: waited = [], ...others } = await emptyQueues(testBed.environment, queues)
  const left = Object.entries(others).flatMap(([queue, bodies]) => bodies.map(body => `${queue} still holds ${body}`))
  const letters = dead.map(body => (JSON.parse(body) as { request_id: string }).request_id).sort()
  const wanted = [...observer.jobs.values()]
    .filter(isDead)
    .map(({ id }) => id)
    .sort()
  const missing = waiting.filter(body => !waited.includes(body)).length
  if (missing > 0 || waited.length > waiting.length) {
    left.push(
      `${waitingQueue} holds ${waited.length} jobs; of the ${waiting.length} that were sent ${missing} are missing`,
    )
  }
  if (isForgotten || letters.join() === wanted.join()) return left
  return [...left, `The dead queue holds ${letters.join(', ') || 'nothing'}, not ${wanted.join(', ') || 'nothing'}`]
}

function progress(observer: Observer): string {
  const all = [...observer.jobs.values()]
  const heard = all.filter(({ told }) => told !== undefined).length
  const runs = all.reduce((sum, one) => sum + one.runs.length, 0)
  return `${heard} of ${all.length} jobs dispatched, ${all.length - observer.open.length} ended, ${runs} runs begun`
}
