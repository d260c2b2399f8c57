/** The strikes of storms: each does one thing, and says so. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Random } from '../support/random.ts'
import { stepClock } from '../support/stepped-clock.ts'
import type { Supervisor } from './supervisor.ts'
import type { TestBed } from './test-bed.ts'

/** The world that a strike meets. */
export interface Target {
  readonly testBed: TestBed
  readonly workers: Supervisor
  readonly masters: Supervisor
  readonly random: Random
  /** 1; shorter storms stand still for shorter times. */
  readonly pace: number
  /** How long masters stay away, in ms. */
  readonly awayMs: number
}

export interface Strike {
  /** From the end of one to the next: least and most, at a pace of 1. 'once': it comes after a third of the storm. */
  readonly everyMs: readonly [number, number] | 'once'
  /** @returns the strike in words */
  act(target: Target): Promise<string>
}

export const killWorker: Strike = { everyMs: [1_000, 5_000], act: ({ workers, random }) => workers.kill(random) }
export const drainWorker: Strike = { everyMs: [3_000, 6_000], act: ({ workers, random }) => workers.drain(random) }
export const killMaster: Strike = { everyMs: [2_000, 4_000], act: ({ masters, random }) => masters.kill(random) }

const stopped = (random: Random, pace: number, longMs: number): number =>
  Math.round(pace * random.pick([random.whole(500, 3_000), random.whole(500, 3_000), longMs]))

export const stopWorker: Strike = {
  everyMs: [500, 2_000],
  act: ({ workers, random, pace }) => workers.stop(random, stopped(random, pace, 26_000)),
}

export const stopMaster: Strike = {
  everyMs: [500, 2_000],
  act: ({ masters, random, pace }) => masters.stop(random, stopped(random, pace, 26_000)),
}

export const reset: Strike = {
  everyMs: [300, 2_000],
  async act({ testBed, random }) {
    random.pick(testBed.proxies).reset()
    return 'RST on all connections of one proxy'
  },
}

export const blackHole: Strike = {
  everyMs: [1_000, 3_000],
  async act({ testBed, random, pace }) {
    const proxy = random.pick(testBed.proxies)
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

export const fillStore: Strike = {
  everyMs: [4_000, 8_000],
  async act({ testBed, pace }) {
    await using operator = await testBed.environment.operator()
    const destination = `/queue/${testBed.namespace}.junk`
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

export const fillDisk: Strike = {
  everyMs: [2_000, 4_000],
  async act({ testBed, pace }) {
    if (testBed.disk?.isMounted !== true) throw new Error('This user may not mount a small disk to be filled; root may')
    await testBed.disk.fill()
    await delay(4_000 * pace)
    await testBed.disk.makeRoom()
    return `the masters' disk was full for ${4_000 * pace} ms`
  },
}

const hourMs = 3_600_000

export const setClock: Strike = {
  everyMs: [1_000, 3_000],
  async act({ testBed, random }) {
    const [name, { file }] = random.pick([...testBed.clocks])
    const offMs = random.pick([90_000, -90_000, hourMs, -hourMs, 0])
    stepClock(file, offMs)
    return `the clock of ${name} is off by ${offMs / 1000} s`
  },
}

export const leave: Strike = {
  everyMs: 'once',
  async act({ workers, masters, random, awayMs }) {
    const gone = masters.leave(0, awayMs)
    const asleep = masters.stop({ ...random, pick: all => all[Math.min(1, all.length - 1)]! }, awayMs)
    await delay(Math.min(2_000, awayMs / 4))
    await workers.kill(random)
    return (await Promise.all([gone, asleep])).join(', ')
  },
}

export const killWorkers: Strike = { everyMs: [4_000, 8_000], act: ({ workers }) => workers.killAll() }

export const killBridge: Strike = {
  everyMs: [4_000, 8_000],
  async act({ testBed }) {
    await testBed.bridge?.restart()
    return 'killed the bridge with -9 and started it again'
  },
}

export const killBroker: Strike = {
  everyMs: [8_000, 15_000],
  async act({ testBed }) {
    await testBed.broker.restart()
    return 'killed the broker with -9 and started it again'
  },
}

export const stopBroker: Strike = {
  everyMs: [3_000, 6_000],
  async act({ testBed, random, pace }) {
    const ms = stopped(random, pace, 17_000)
    await testBed.broker.kill('SIGSTOP')
    await delay(ms)
    await testBed.broker.kill('SIGCONT')
    return `stopped the broker for ${ms} ms`
  },
}
