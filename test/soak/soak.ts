/**
 * One soak. Its bridge is measured twice at rest, when nobody is there but the residents: once behind a warm-up, and once at the end.
 * Between the two sessions come and go, jobs flow, and the broker is killed.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { startStormBroker } from '../storms/brokers.ts'
import { seeded } from '../support/random.ts'
import { until } from '../support/until.ts'
import { type Sample, type SoakedBridge, startSoakedBridge } from './bridge.ts'
import { type JobCounts, type Residents, startResidents } from './residents.ts'
import { Visitors } from './visitors.ts'

export interface SoakOptions {
  /** `stored`: the embedded one as a process of its own, with a file. */
  readonly broker: 'classic' | 'stored'
  readonly durationMs: number
  /** Between two kills of the broker. */
  readonly killEveryMs: number
  readonly jobsPerSecond: number
  readonly visitsPerSecond: number
  readonly seed: number
  /** Told each sample, and each deed. */
  readonly say: (line: string) => void
  /** Told the samples between the two of the report as well. */
  readonly onSample: (sample: TimedSample) => void
  /** Between those. */
  readonly sampleEveryMs: number
  /** For the file of the embedded broker. */
  readonly folder: string
  readonly signal?: AbortSignal
}

export interface TimedSample extends Sample {
  readonly atMs: number
  readonly jobs: number
  readonly visits: number
}

/** When nobody is there but the residents. */
export interface RestSample extends TimedSample {
  /** Objects that are alive, by class. */
  readonly objects: Readonly<Record<string, number>>
}

export interface SoakReport {
  readonly start: RestSample
  readonly end: RestSample
  readonly jobs: JobCounts
  /** How often each kind of visit went as it should. */
  readonly visits: ReadonlyMap<string, number>
  /** Visits that the end of a broker cut short. */
  readonly cutShort: number
  /** Visits that went otherwise, in words. */
  readonly failures: readonly string[]
  readonly kills: number
  /** Tokens of residents, beyond the first of each. */
  readonly renewals: number
  readonly oddLines: readonly string[]
}

/** After a kill sessions may end for so long without being told of. */
const troubledMs = 5_000

export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const { durationMs, seed, say, folder } = options
  await using stack = new AsyncDisposableStack()
  const random = seeded(seed)
  const broker = stack.use(await startStormBroker(options.broker, {}, folder))
  const bridge = stack.use(await startSoakedBridge(broker.stompUrl))
  const environment = { url: bridge.url, secret: bridge.secret, namespace: `myapp.soak${seed}` }
  const residents = stack.use(await startResidents(environment))
  const firstTokens = residents.tokens
  const visitors = new Visitors(environment, random)
  const began = performance.now()
  const sample = async (): Promise<TimedSample> => ({
    ...(await bridge.sample()),
    atMs: performance.now() - began,
    jobs: residents.jobs.sent,
    visits: visitors.count,
  })
  let kills = 0
  const killBroker = async (): Promise<void> => {
    say('the broker is killed with -9')
    visitors.trouble(Number.POSITIVE_INFINITY)
    await broker.restart()
    await untilThere(bridge, residents, false)
    visitors.trouble(performance.now() + troubledMs)
    kills++
  }
  const load = async (forMs: number): Promise<void> => {
    const over = new AbortController()
    const signal = options.signal === undefined ? over.signal : AbortSignal.any([over.signal, options.signal])
    const coming = [residents.flow(options.jobsPerSecond, signal), visitors.come(options.visitsPerSecond, signal)]
    const endsAt = performance.now() + forMs
    const sampling = setInterval(() => void sample().then(options.onSample, () => {}), options.sampleEveryMs)
    // At least once, however short it is
    const everyMs = Math.min(options.killEveryMs, forMs / 2)
    try {
      for (let at = performance.now() + everyMs; at < endsAt; at += everyMs) {
        await delay(Math.max(0, at - performance.now()), undefined, { signal })
        await killBroker()
      }
      await delay(Math.max(0, endsAt - performance.now()), undefined, { signal })
    } finally {
      clearInterval(sampling)
      over.abort()
      await Promise.all(coming)
    }
  }
  const rest = async (): Promise<RestSample> => {
    await visitors.gone()
    await until('each job has ended', () => residents.jobs.open.size === 0, {
      timeoutMs: 120_000,
      evidence: () => `open: ${[...residents.jobs.open].join(', ')}`,
    }).catch((error: Error) => say(error.message))
    await untilThere(bridge, residents, true)
    return { ...(await settled(sample)), objects: await bridge.objects() }
  }
  const warmUpMs = Math.min(durationMs / 4, 180_000)
  say(`warms up for ${Math.round(warmUpMs / 1_000)} s`)
  await load(warmUpMs)
  const start = await rest()
  options.onSample(start)
  await load(durationMs - warmUpMs)
  const end = await rest()
  options.onSample(end)
  return {
    start,
    end,
    jobs: residents.jobs,
    visits: visitors.done,
    cutShort: visitors.cutShort,
    failures: visitors.failures,
    kills,
    renewals: residents.tokens - firstTokens,
    oddLines: bridge.oddLines,
  }
}

/** Waits for them after a kill. @param isAlone whether nobody else is to be there, and nothing under way */
async function untilThere(bridge: SoakedBridge, { sessions }: Residents, isAlone: boolean): Promise<void> {
  let seen = ''
  await until(
    `${sessions} sessions are open${isAlone ? ', and no others' : ''}`,
    async () => {
      const metrics = await bridge.metrics()
      const of = (name: string): number => metrics.get(`drover_bridge_${name}`) ?? 0
      seen = `${of('sessions')} sessions, ${of('connections')} connections`
      if (of('broker_up') !== 1) return false
      return isAlone ? of('connections') === sessions : of('sessions') >= sessions
    },
    { timeoutMs: 120_000, evidence: () => seen },
  )
}

/** The least of some, since the last timers and sockets go a moment after their sessions. */
async function settled(sample: () => Promise<TimedSample>): Promise<TimedSample> {
  let best = await sample()
  for (let more = 3; more > 0; more--) {
    await delay(500)
    const next = await sample()
    if (next.heapBytes <= best.heapBytes || next.descriptors < best.descriptors) best = next
  }
  return best
}
