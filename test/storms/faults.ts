/** The faults of the storms: what strikes, how often, and what may follow from it. */
import { setTimeout as delay } from 'node:timers/promises'
import type { BrokerName } from '../brokers/start.ts'
import { stepClock } from '../support/stepped-clock.ts'
import type { Crew } from './crew.ts'
import type { Random } from './random.ts'
import type { Stage } from './stage.ts'

/** What a strike meets. */
export interface Ground {
  readonly stage: Stage
  readonly workers: Crew
  readonly masters: Crew
  readonly random: Random
  /** 1; shorter storms stand still for shorter times. */
  readonly pace: number
  /** How long masters stay away, in ms. */
  readonly awayMs: number
}

export interface Strike {
  /** From the end of one to the next: least and most, at a pace of 1. 'once': it comes after a third of the storm. */
  readonly everyMs: readonly [number, number] | 'once'
  /** @returns what was done */
  act(ground: Ground): Promise<string>
}

export interface Fault {
  readonly about: string
  readonly strikes: readonly Strike[]
  /** The brokers that it can be played on; default all. */
  readonly brokers?: readonly BrokerName[]
  /** Added to the environment of the broker's start script. */
  readonly brokerEnv?: Record<string, string>
  /** Of the masters, when it is to be filled. */
  readonly diskSize?: string
  /** Whether clocks are set, which takes libfaketime. */
  readonly setsClocks?: true
  /** Jobs of a thousand that end their worker. */
  readonly poison?: number
  /** Whether peers are cut off that live on: what they run may be run by another, too. */
  readonly cuts?: true
  /** Whether a broker that keeps nothing forgets what it had. */
  readonly endsBroker?: true
  /** Outcomes that jobs may have beside their own. */
  readonly mayEnd?: readonly string[]
}

const killWorker: Strike = { everyMs: [1_000, 5_000], act: ({ workers, random }) => workers.kill(random) }
const drainWorker: Strike = { everyMs: [3_000, 6_000], act: ({ workers, random }) => workers.drain(random) }
const killMaster: Strike = { everyMs: [2_000, 4_000], act: ({ masters, random }) => masters.kill(random) }

const stopped = (random: Random, pace: number, longMs: number): number =>
  Math.round(pace * random.pick([random.whole(500, 3_000), random.whole(500, 3_000), longMs]))

const stopWorker: Strike = {
  everyMs: [500, 2_000],
  act: ({ workers, random, pace }) => workers.stop(random, stopped(random, pace, 26_000)),
}

const stopMaster: Strike = {
  everyMs: [500, 2_000],
  act: ({ masters, random, pace }) => masters.stop(random, stopped(random, pace, 26_000)),
}

const reset: Strike = {
  everyMs: [300, 2_000],
  async act({ stage, random }) {
    random.pick(stage.proxies).reset()
    return 'RST on all connections of one proxy'
  },
}

const blackHole: Strike = {
  everyMs: [1_000, 3_000],
  async act({ stage, random, pace }) {
    const proxy = random.pick(stage.proxies)
    const ms = stopped(random, pace, 26_000)
    const isCut = random.pick([true, false])
    proxy.stall('up')
    proxy.stall('down')
    await delay(ms)
    if (isCut) proxy.cut()
    proxy.flow()
    return `a black hole of ${ms} ms${isCut ? ', then cut off' : ''}`
  },
}

const fillStore: Strike = {
  everyMs: [4_000, 8_000],
  async act({ stage, pace }) {
    await using operator = await stage.place.operator()
    const destination = `/queue/${stage.namespace}.junk`
    const junk = { destination, headers: { persistent: 'true' }, body: 'x'.repeat(300_000) }
    let sent = 0
    for (let isFull = false; !isFull; sent++) {
      isFull = await operator.publish(junk).then(
        () => false,
        () => true,
      )
    }
    await delay(8_000 * pace)
    let taken = 0
    await operator.subscribe({ destination }, message => {
      message.ack()
      taken++
    }).ready
    while (taken < sent - 1) await delay(20)
    return `the store was full for ${8_000 * pace} ms`
  },
}

const fillDisk: Strike = {
  everyMs: [2_000, 4_000],
  async act({ stage, pace }) {
    if (stage.disk?.isMounted !== true) throw new Error('This user may not mount a small disk to be filled; root may')
    await stage.disk.fill()
    await delay(4_000 * pace)
    await stage.disk.makeRoom()
    return `the masters' disk was full for ${4_000 * pace} ms`
  },
}

const hourMs = 3_600_000

const setClock: Strike = {
  everyMs: [1_000, 3_000],
  async act({ stage, random }) {
    const [name, { file }] = random.pick([...stage.clocks])
    const offMs = random.pick([90_000, -90_000, hourMs, -hourMs, 0])
    stepClock(file, offMs)
    return `the clock of ${name} is off by ${offMs / 1000} s`
  },
}

const leave: Strike = {
  everyMs: 'once',
  async act({ workers, masters, random, awayMs }) {
    const gone = masters.leave(0, awayMs)
    const asleep = masters.stop({ ...random, pick: all => all[Math.min(1, all.length - 1)]! }, awayMs)
    await delay(Math.min(2_000, awayMs / 4))
    await workers.kill(random)
    return (await Promise.all([gone, asleep])).join(', ')
  },
}

/** By name. */
export const faults: Readonly<Record<string, Fault>> = {
  calm: { about: 'nothing happens: the control', strikes: [] },
  'kill-worker': { about: 'kill -9 of a worker', strikes: [killWorker] },
  'kill-workers': {
    about: 'kill -9 of all workers at once',
    strikes: [{ everyMs: [4_000, 8_000], act: ({ workers }) => workers.killAll() }],
  },
  'kill-bridge': {
    about: 'kill -9 of the bridge',
    cuts: true,
    strikes: [
      {
        everyMs: [4_000, 8_000],
        async act({ stage }) {
          await stage.bridge?.restart()
          return 'killed the bridge with -9 and started it again'
        },
      },
    ],
  },
  'kill-broker': {
    about: 'kill -9 of the broker',
    cuts: true,
    endsBroker: true,
    strikes: [
      {
        everyMs: [8_000, 15_000],
        async act({ stage }) {
          await stage.broker.restart()
          return 'killed the broker with -9 and started it again'
        },
      },
    ],
  },
  'kill-master': { about: 'kill -9 of a master', strikes: [killMaster] },
  'stop-worker': { about: 'SIGSTOP of a worker, up to 26 s', cuts: true, strikes: [stopWorker] },
  'stop-broker': {
    about: 'SIGSTOP of the broker, up to 17 s',
    cuts: true,
    strikes: [
      {
        everyMs: [3_000, 6_000],
        async act({ stage, random, pace }) {
          const ms = stopped(random, pace, 17_000)
          await stage.broker.kill('SIGSTOP')
          await delay(ms)
          await stage.broker.kill('SIGCONT')
          return `stopped the broker for ${ms} ms`
        },
      },
    ],
  },
  'stop-master': { about: 'SIGSTOP of a master, up to 26 s', cuts: true, strikes: [stopMaster] },
  rst: { about: 'RST on connections', cuts: true, strikes: [reset] },
  'black-hole': { about: 'nothing gets through, up to 26 s', cuts: true, strikes: [blackHole] },
  mixed: {
    about: 'deaths, SIGTERM, SIGSTOP, RST and black holes at once',
    cuts: true,
    strikes: [killWorker, drainWorker, killMaster, stopWorker, reset, blackHole],
  },
  poison: { about: '6 jobs in 1,000 kill their worker', poison: 6, strikes: [] },
  away: { about: 'a master is dead and one asleep for a while; a worker dies meanwhile', cuts: true, strikes: [leave] },
  'set-clocks': {
    about: 'clocks of masters, workers and bridge are set by 90 s and by an hour, either way',
    setsClocks: true,
    strikes: [setClock],
  },
  'full-store': {
    about: "the broker's store is full",
    brokers: ['classic'],
    cuts: true, // what it refuses and nobody confirms in time ends the connection
    mayEnd: ['queue_full', 'broker_error'], // jobs that were not taken, which their master was told
    brokerEnv: { STORE: '24 mb', JOURNAL: '1mb' },
    strikes: [fillStore],
  },
  'full-disk': {
    about: "the masters' disk is full",
    diskSize: '64m',
    mayEnd: ['storage_failed'],
    strikes: [fillDisk],
  },
}
