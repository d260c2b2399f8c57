/**
 * What a master says to the workers of a task: cancel, until the broker has it, and state (promise 5); and a broadcast again, to
 * those who were cut off.
 */
import type { Control } from '../../contract/mod.ts'
import { destinationsOf, type Outgoing, type Session } from '../../stomp/mod.ts'
import type { WorkerInfo } from '../presence/worker-info.ts'
import { type RebroadcastPorts, Rebroadcasts } from './rebroadcasts.ts'

/** How many are asked for their state at once, and how long until the next ones are. */
const askAtOnce = 200
const askPauseMs = 100

export interface ControlPorts extends RebroadcastPorts {
  /** The workers have been told, or cannot be. */
  readonly onCancelSent: (requestId: string) => void
}

type Asked = { readonly request_id: string; readonly task: string }

export class Controls {
  readonly #ports: ControlPorts
  readonly #cancels = new Map<string, { readonly task: string; readonly reason: string | undefined }>()
  readonly #cutOff: Rebroadcasts
  /** Jobs that are to be asked after. */
  #asking: Asked[] = []
  #session: Session | undefined

  constructor(ports: ControlPorts) {
    this.#ports = ports
    this.#cutOff = new Rebroadcasts(ports)
  }

  open(session: Session): void {
    this.#session = session
    this.#cutOff.open(session)
    for (const requestId of this.#cancels.keys()) void this.#sendCancel(requestId, session)
  }

  away(): void {
    this.#session = undefined
    this.#cutOff.away()
    this.#asking = []
    this.#ports.timeouts.delete('ask')
  }

  /** A worker is there by another connection. @param isFirstHeard of none before it */
  connected(worker: WorkerInfo, isFirstHeard: boolean): void {
    this.#cutOff.connected(worker, isFirstHeard)
  }

  /** Tells the workers of the task, now or at the next connect. */
  cancel(requestId: string, task: string, reason: string | undefined): void {
    this.#cancels.set(requestId, { task, reason: reason?.slice(0, 500) })
    if (this.#session !== undefined) void this.#sendCancel(requestId, this.#session)
  }

  /** Asks whoever has these jobs to say how they are, a few hundred at a time. @returns ms until all are asked after */
  askState(jobs: readonly Asked[]): number {
    if (this.#session === undefined || jobs.length === 0) return 0
    this.#asking = this.#asking.concat(jobs) // push() takes no more arguments than the stack has room for
    if (!this.#ports.timeouts.has('ask')) this.#askSome(this.#session)
    return Math.ceil(this.#asking.length / askAtOnce) * askPauseMs
  }

  #askSome(session: Session): void {
    for (const { request_id, task } of this.#asking.splice(0, askAtOnce)) {
      this.#ports.stomp.publishUnconfirmed(message(session, task, { v: 1, type: 'state', request_id }))
    }
    if (this.#asking.length > 0) this.#ports.timeouts.set('ask', askPauseMs, () => this.#askSome(session))
  }

  async #sendCancel(requestId: string, session: Session): Promise<void> {
    const cancel = this.#cancels.get(requestId)
    if (cancel === undefined) return
    const { task, reason } = cancel
    const body: Control = { v: 1, type: 'cancel', request_id: requestId, ...(reason === undefined ? {} : { reason }) }
    try {
      await this.#ports.stomp.publish(message(session, task, body))
    } catch {
      if (this.#session !== session || this.#ports.stomp.state.at !== 'open') return // again at the next connect
    }
    if (this.#cancels.get(requestId) !== cancel) return
    this.#cancels.delete(requestId)
    this.#ports.onCancelSent(requestId)
  }
}

function message({ namespace }: Session, task: string, body: Control): Outgoing {
  return {
    destination: destinationsOf(namespace).control(task),
    headers: { 'content-type': 'application/json', persistent: 'false' },
    body: JSON.stringify(body),
  }
}
