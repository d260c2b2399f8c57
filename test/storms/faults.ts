/** The faults of the storms: the strike of each, and its possible consequences. */
import type { StormBroker } from './brokers.ts'
import {
  blackHole,
  drainWorker,
  fillDisk,
  fillStore,
  killBridge,
  killBroker,
  killMaster,
  killWorker,
  killWorkers,
  leave,
  reset,
  type Strike,
  setClock,
  stopBroker,
  stopMaster,
  stopWorker,
} from './strikes.ts'

export interface Fault {
  readonly about: string
  readonly strikes: readonly Strike[]
  /** The brokers that it can be played on; default all. */
  readonly brokers?: readonly StormBroker[]
  /** Added to the environment of the broker's start script. */
  readonly brokerEnv?: Record<string, string>
  /** Of the masters, when it is to be filled. */
  readonly diskSize?: string
  /** Whether clocks are set, which takes libfaketime. */
  readonly setsClocks?: true
  /** Jobs of a thousand that end their worker. */
  readonly poison?: number
  /** So many workers, where it is about few. */
  readonly workers?: number
  /** Whether peers are cut off that live on: their jobs may run elsewhere, too. */
  readonly cuts?: true
  /** Whether a broker that keeps nothing forgets its messages. */
  readonly endsBroker?: true
  /** Outcomes that jobs may have beside their own. */
  readonly mayEnd?: readonly string[]
}

/** By name. */
export const faults: Readonly<Record<string, Fault>> = {
  calm: { about: 'nothing happens: the control', strikes: [] },
  'kill-worker': { about: 'kill -9 of a worker', strikes: [killWorker] },
  'kill-workers': {
    about: 'kill -9 of all workers at once',
    strikes: [killWorkers],
  },
  'kill-bridge': {
    about: 'kill -9 of the bridge',
    cuts: true,
    strikes: [killBridge],
  },
  'kill-broker': {
    about: 'kill -9 of the broker',
    cuts: true,
    endsBroker: true,
    strikes: [killBroker],
  },
  'kill-master': { about: 'kill -9 of a master', strikes: [killMaster] },
  'stop-worker': { about: 'SIGSTOP of a worker', cuts: true, strikes: [stopWorker] },
  'stop-broker': {
    about: 'SIGSTOP of the broker',
    cuts: true,
    strikes: [stopBroker],
  },
  'stop-master': { about: 'SIGSTOP of a master', cuts: true, strikes: [stopMaster] },
  rst: { about: 'RST on connections', cuts: true, strikes: [reset] },
  'black-hole': { about: 'nothing gets through for a while', cuts: true, strikes: [blackHole] },
  mixed: {
    about: 'deaths, SIGTERM, SIGSTOP, RST and black holes at once',
    cuts: true,
    strikes: [killWorker, drainWorker, killMaster, stopWorker, reset, blackHole],
  },
  poison: { about: '6 jobs in 1,000 kill their worker', poison: 6, strikes: [] },
  'much-poison': { about: '40 jobs in 1,000 kill one of two workers', poison: 40, workers: 2, strikes: [] },
  away: { about: 'a master is dead and one asleep for a while; a worker dies meanwhile', cuts: true, strikes: [leave] },
  'set-clocks': {
    about: 'clocks of masters, workers and bridge are set by 90 s and by an hour, either way',
    setsClocks: true,
    strikes: [setClock],
  },
  'full-store': {
    about: "the broker's store is full",
    brokers: ['classic'],
    cuts: true, // it refuses a message, and without a confirmation in time the connection ends
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
