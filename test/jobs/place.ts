/** A place: one namespace on a ground, with masters, workers and connections of its own. */

import { mintToken } from 'drover/bridge'
import type { Grants } from 'drover/contract'
import { type Master, type MasterOptions, startMaster } from 'drover/master'
import { connectStomp, type Stomp } from 'drover/stomp'
import { createNodeSocket } from '../../shared/stomp/node.ts'
import { unique } from '../brokers/shared.ts'
import { type Runtime, startWorkerProcess, type WorkerProcess, type WorkerSettings } from './worker-process.ts'

/** How one side connects; plain data, for processes too. */
export interface Access {
  url: string
  namespace: string
  /** Where there is a bridge. */
  token?: string
}

export interface Place {
  readonly namespace: string
  /** What a master of that owner connects with. Without a bridge the owner is foo, whoever asks. */
  masterAccess(owner?: string): Promise<Access>
  /** What a worker of that name connects with. */
  workerAccess(name: string): Promise<Access>
  /** A master of this process. */
  master(options?: Partial<MasterOptions>, owner?: string): Promise<Master>
  worker(
    runtime: Runtime,
    name: string,
    settings?: Pick<WorkerSettings, 'tasks' | 'concurrency'>,
  ): Promise<WorkerProcess>
  /** A connection of an operator, who may read what was given up on. */
  operator(): Promise<Stomp>
}

const everything: Omit<Grants, 'ns'> = {
  dispatch: ['test.*'],
  broadcast: ['test.*'],
  work: [],
  observe: ['test.*'],
  workers: false,
  dead: false,
}

/**
 * Makes a place.
 * @param at `secret`: signs tokens, where there is a bridge; `namespace`: default a new one
 * @param logs the logs of its workers join these
 */
export function makePlace(
  at: { url: string; secret: string | undefined; namespace?: string },
  logs: (() => string)[],
): Place {
  const { namespace = unique('jobs') } = at
  const access = async (sub: string, grants: Partial<Grants>): Promise<Access> => {
    if (at.secret === undefined) return { url: at.url, namespace }
    const full: Grants = { ...everything, dispatch: [], broadcast: [], observe: [], ...grants, ns: namespace }
    // Longer than a clock is set forward in tests
    const token = await mintToken({ secret: at.secret, sub, grants: full, expiresInMs: 7_200_000 })
    return { url: at.url, namespace, token }
  }
  const masterAccess = (owner = 'ada'): Promise<Access> => access(owner, everything)
  const workerAccess = (name: string): Promise<Access> => access(name, { work: ['test.*'] })
  return {
    namespace,
    masterAccess,
    workerAccess,
    async master(options = {}, owner) {
      const { token, ...where } = await masterAccess(owner)
      return startMaster({ ...where, ...withToken(token), ...options })
    },
    async worker(runtime, name, settings = {}) {
      const worker = await startWorkerProcess(runtime, {
        ...(await workerAccess(name)),
        ...settings,
        name,
      })
      logs.push(() => `worker ${name} (${runtime}):\n${worker.log().slice(-1500)}`)
      return worker
    },
    async operator() {
      const { token, ...where } = await access('operator', { dead: true })
      const stomp = connectStomp({ ...where, ...withToken(token), createSocket: createNodeSocket })
      await stomp.opened()
      return stomp
    },
  }
}

const withToken = (token: string | undefined) => (token === undefined ? {} : { token: () => token })
