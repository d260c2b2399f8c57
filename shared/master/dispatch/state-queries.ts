/** Asks workers for the state of jobs, a few hundred at a time. Promise 5. */
import type { BrokerSession, Stomp } from '../../stomp/mod.ts'
import { controlMessage } from '../control-message.ts'
import type { Timeouts } from '../timeouts.ts'

/** How many are asked for their state at once, and how long until the next ones are. */
const askAtOnce = 200
const askPauseMs = 100

export interface StateQueriesPorts {
  readonly stomp: Pick<Stomp, 'publishUnconfirmed'>
  readonly timeouts: Timeouts
}

type Asked = { readonly request_id: string; readonly task: string }

export class StateQueries {
  readonly #ports: StateQueriesPorts
  /** Jobs that are to be asked after. */
  #asking: Asked[] = []
  #session: BrokerSession | undefined

  constructor(ports: StateQueriesPorts) {
    this.#ports = ports
  }

  open(session: BrokerSession): void {
    this.#session = session
  }

  away(): void {
    this.#session = undefined
    this.#asking = []
    this.#ports.timeouts.delete('ask')
  }

  /** Asks the workers that have these jobs how they are. @returns ms until all are asked after */
  ask(jobs: readonly Asked[]): number {
    if (this.#session === undefined || jobs.length === 0) return 0
    this.#asking = this.#asking.concat(jobs) // push() takes no more arguments than the stack has room for
    if (!this.#ports.timeouts.has('ask')) this.#askSome(this.#session)
    return Math.ceil(this.#asking.length / askAtOnce) * askPauseMs
  }

  #askSome(session: BrokerSession): void {
    for (const { request_id, task } of this.#asking.splice(0, askAtOnce)) {
      this.#ports.stomp.publishUnconfirmed(controlMessage(session, task, { v: 1, type: 'state', request_id }))
    }
    if (this.#asking.length > 0) this.#ports.timeouts.set('ask', askPauseMs, () => this.#askSome(session))
  }
}
