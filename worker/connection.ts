/**
 * The connection that a worker has, or had last: its states, its session, its number, and whether the passes that an earlier one
 * brought still count.
 */
import { DroverError } from '../shared/contract/mod.ts'
import type { BrokerSession, Stomp, StompState } from '../shared/stomp/mod.ts'

export interface ConnectionListener {
  /** The connection has another state, on which it acts next. */
  changed(state: StompState): void
  opened(): void
  /** It is gone, and another may come. */
  lost(): void
  /** It is refused for good. */
  refused(reason: unknown): void
}

export class WorkerConnection {
  #session: BrokerSession | undefined
  #number = 0
  #isOpen = false
  /** Passes of earlier connections than this one are not honoured: a bridge with a new secret has refused one. */
  #staleBefore = 0

  /** Tells a listener of each state from now on. */
  follow(stomp: Pick<Stomp, 'onState'>, listener: ConnectionListener): void {
    stomp.onState(state => {
      listener.changed(state)
      if (state.at === 'open') {
        this.opened(state.session)
        listener.opened()
        return
      }
      if (this.ended(state.at === 'waiting' ? state.reason : undefined)) listener.lost()
      if (state.at === 'closed' && state.reason !== undefined) listener.refused(state.reason)
    })
  }

  /** Counted from 1; 0 before the first. */
  get number(): number {
    return this.#number
  }

  /**
   * The latest there was.
   * @throws {DroverError} `connection_lost` before the first
   */
  session = (): BrokerSession => {
    if (this.#session !== undefined) return this.#session
    throw new DroverError('connection_lost', 'There has been no connection yet')
  }

  /** Whether the pass of a job that this connection brought is honoured no longer. */
  isStale = (number: number): boolean => number < this.#staleBefore

  /**
   * There is a session, which may have come before it was followed.
   * @param isOpen whether it is there still
   * @returns whether it was not known
   */
  is(session: BrokerSession, isOpen: boolean): boolean {
    this.#session = session
    if (this.#isOpen || !isOpen) return false
    this.opened(session)
    return true
  }

  opened(session: BrokerSession): void {
    this.#session = session
    this.#isOpen = true
    this.#number++
  }

  /**
   * There is none at present.
   * @param reason why it ended: a bridge that refused something may have another secret by now
   * @returns whether there was one until now
   */
  ended(reason: unknown): boolean {
    if (!this.#isOpen) return false
    this.#isOpen = false
    const isRefused = reason instanceof DroverError && reason.code === 'forbidden'
    if (isRefused && this.#session?.bridged === true) this.#staleBefore = this.#number
    return true
  }
}
