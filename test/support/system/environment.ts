/** A test environment: one namespace, with masters, workers and connections of its own. */

import { mintToken } from 'drover/bridge'
import type { Grants } from 'drover/contract'
import { type Master, type MasterOptions, startMaster } from 'drover/master'
import { connectStomp, type Stomp } from 'drover/stomp'
import { createNodeSocket } from '../../../shared/stomp/sockets/node.ts'
import { unique } from '../brokers/shared.ts'
import { type Access, connectionOf } from './access.ts'
import { type Runtime, startWorkerProcess, type WorkerProcess, type WorkerSettings } from './worker-process.ts'

export interface Environment {
  readonly namespace: string
  /** The address and token that a master of that owner connects with. Without a bridge the owner is always foo. */
  masterAccess(owner?: string): Promise<Access>
  /** The address and token that a worker of that name connects with. */
  workerAccess(name: string): Promise<Access>
  /** A master of this process. */
  master(options?: Partial<MasterOptions>, owner?: string): Promise<Master>
  worker(
    runtime: Runtime,
    name: string,
    settings?: Pick<WorkerSettings, 'tasks' | 'concurrency'>,
  ): Promise<WorkerProcess>
  /** A connection of an operator, who may read dead letters. */
  operator(): Promise<Stomp>
}

const everything: Partial<Grants> = { dispatch: ['test.*'], broadcast: ['test.*'], observe: ['test.*'] }

/**
 * Makes an environment.
 * @param at `secret` signs tokens, where there is a bridge; `namespace` is a new one by default
 * @param logs the logs of its workers join these
 */
export function makeEnvironment(
  at: { url: string; secret: string | undefined; namespace?: string },
  logs: (() => string)[],
): Environment {
  const { namespace = unique('jobs') } = at
  const access = async (sub: string, grants: Partial<Grants>): Promise<Access> => {
    if (at.secret === undefined) return { url: at.url, namespace }
    // Longer than a clock is set forward in tests
    const token = await mintToken({
      secret: at.secret,
      sub,
      grants: { ...grants, ns: namespace },
      expiresInMs: 7_200_000,
    })
    return { url: at.url, namespace, token }
  }
  const masterAccess = (owner = 'ada'): Promise<Access> => access(owner, everything)
  const workerAccess = (name: string): Promise<Access> => access(name, { work: ['test.*'] })
  return {
    namespace,
    masterAccess,
    workerAccess,
    async master(options = {}, owner) {
      return startMaster({ ...connectionOf(await masterAccess(owner)), ...options })
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
      const connection = connectionOf(await access('operator', { dead: true }))
      const stomp = connectStomp({ ...connection, createSocket: createNodeSocket })
      await stomp.opened()
      return stomp
    },
  }
}
