/** Refusals that took the connection along, and the stand-in with it: that goes in their place with the job's next delivery. */
import type { WireError } from '../../shared/contract/mod.ts'
import type { Outgoing } from '../../shared/stomp/mod.ts'
import { keepNewest } from '../keep-newest.ts'

export class Refusals {
  readonly #byJob = new Map<string, { readonly to: string; readonly error: WireError }>()
  readonly #most: number

  /** @param most jobs that are remembered, the newest */
  constructor(most: number) {
    this.#most = most
  }

  keep(requestId: string, messages: readonly Outgoing[], error: WireError): void {
    this.#byJob.delete(requestId)
    this.#byJob.set(requestId, { to: placesOf(messages), error })
    keepNewest(this.#byJob, this.#most)
  }

  /** Why messages of this job to the same places were refused. */
  of(requestId: string, messages: readonly Outgoing[]): WireError | undefined {
    const kept = this.#byJob.get(requestId)
    return kept?.to === placesOf(messages) ? kept.error : undefined
  }

  /** The same, once: while the stand-in is refused too, they are tried in turns. */
  take(requestId: string, messages: readonly Outgoing[]): WireError | undefined {
    const error = this.of(requestId, messages)
    this.#byJob.delete(requestId)
    return error
  }
}

const placesOf = (messages: readonly Outgoing[]): string => messages.map(({ destination }) => destination).join()
