/** Masters and workers that stay for the whole soak, and renew their tokens; and the jobs that flow between them. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Grants } from 'drover/contract'
import { type Master, startMaster } from 'drover/master'
import { implement, startWorker, type Worker } from 'drover/worker'
import { echo, mixed, steps } from '../support/system/tasks.ts'
import { type SoakEnvironment, tokenOf } from './visits.ts'

/** Jobs of the residents, each counted once, by the way it ended. */
export interface JobCounts {
  sent: number
  /** By the phase, which is `result` where all is well. */
  readonly ended: Map<string, number>
  /** Under way. */
  readonly open: Set<string>
  /** Jobs that ended a second time. */
  twice: number
}

export interface Residents extends AsyncDisposable {
  /** Their sessions. */
  readonly sessions: number
  readonly jobs: JobCounts
  /** Tokens that they were given: each that is not of a reconnect was a renewal. */
  readonly tokens: number
  /** Dispatches until it is aborted. */
  flow(perSecond: number, signal: AbortSignal): Promise<void>
}

/** As long that a renewal falls into any soak, and as short that most of them are renewals. */
export const tokenMs = 40_000
const workerNames = ['one', 'two']
const masterNames = ['ada', 'ben', 'cleo']

export async function startResidents(environment: SoakEnvironment): Promise<Residents> {
  await using stack = new AsyncDisposableStack()
  const url = `${environment.url.replace('http', 'ws')}/stomp`
  const jobs: JobCounts = { sent: 0, ended: new Map(), open: new Set(), twice: 0 }
  let tokens = 0
  const connection = (sub: string, grants: Partial<Grants>) => ({
    url,
    namespace: environment.namespace,
    token: () => {
      tokens++
      return tokenOf(environment, sub, grants, tokenMs)
    },
  })
  const workers: Worker[] = []
  for (const name of workerNames) {
    const tasks = [
      implement(echo, ({ text }) => ({ text, by: name })),
      implement(steps, async function* ({ count }, job) {
        for (let step = 1; step <= count; step++) {
          job.progress((100 * step) / count)
          yield { step }
          await delay(10)
        }
        return { steps: count }
      }),
      implement(mixed, ({ ms }, job) => delay(ms, undefined, { signal: job.signal })),
    ]
    workers.push(
      stack.use(await startWorker({ ...connection(name, { work: ['test.*'] }), name, tasks, concurrency: 8 })),
    )
  }
  const masters: Master[] = []
  for (const name of masterNames) {
    const master = stack.use(await startMaster({ ...connection(name, { dispatch: ['test.*'] }), keepEnded: 100 }))
    masters.push(master)
  }
  const follow = (handle: { request_id: string; outcome: Promise<unknown> }): void => {
    const { request_id: id } = handle
    jobs.sent++
    jobs.open.add(id)
    const ended = (how: string): void => {
      if (!jobs.open.delete(id)) jobs.twice++
      jobs.ended.set(how, (jobs.ended.get(how) ?? 0) + 1)
    }
    handle.outcome.then(
      () => ended('result'),
      (error: Error & { code?: string }) => ended(error.code ?? error.name),
    )
  }
  const open = stack.move()
  return {
    sessions: workerNames.length + masterNames.length,
    jobs,
    get tokens() {
      return tokens
    },
    async flow(perSecond, signal) {
      for (let index = 0; !signal.aborted; index++) {
        const master = masters[index % masters.length]!
        const options = { timeoutMs: 300_000 }
        if (index % 4 === 3) follow(master.dispatch(steps, { count: 5 }, options))
        else if (index % 4 === 1) follow(master.dispatch(mixed, { ms: 50 + (index % 7) * 50, deadly: false }, options))
        else follow(master.dispatch(echo, { text: `${index}` }, options))
        await delay(1_000 / perSecond, undefined, { signal }).catch(() => {})
      }
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}
