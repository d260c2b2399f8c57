/**
 * Back-pressure for a connection that does not read: it is handed no more than it takes, topics' messages wait for
 * it up to a limit, and it is not read from while its frames would only bring it more.
 */

import type { Clock } from '../shared/clock.ts'
import { DroverError } from '../shared/contract/errors.ts'
import type { ByteLink } from '../shared/frames/byte-link.ts'
import type { BrokerLimits } from './limits.ts'
import type { Quotas } from './quotas.ts'
import type { Room } from './room.ts'
import type { WriteBuffer } from './write-buffer.ts'

export interface BackPressureOptions {
  readonly link: ByteLink
  readonly writes: WriteBuffer
  readonly clock: Clock
  readonly limits: BrokerLimits
  readonly room: Room
  readonly quotas: Quotas
  /** In whose share the messages are that wait for it; asked once it is logged in. */
  readonly owner: () => string
  /** Hands messages to its open subscriptions, as far as there is room. */
  readonly resume: () => void
  /** Whether nothing else keeps its link paused. */
  readonly mayBeRead: () => boolean
  /** Ends the connection: it is too slow. */
  readonly refuse: (error: DroverError) => void
}

export class BackPressure {
  /** Not read from, because it does not read: such as RECEIPTs that it asks for. */
  isHeldBack = false
  readonly #options: BackPressureOptions
  #owner: string | undefined
  #backlogMessages = 0
  #backlogBytes = 0
  // Set while the connection takes no more; runs out when it takes nothing at all
  #stopStillTimer: (() => void) | undefined
  #isEnded = false

  constructor(options: BackPressureOptions) {
    this.#options = options
  }

  /** Whether it takes more now. */
  get hasRoom(): boolean {
    if (this.#isEnded || this.#stopStillTimer) return false
    const { writes, limits } = this.#options
    if (writes.unsentBytes < limits.maxUnsentBytes) return true
    this.#watchStandstill()
    return false
  }

  /** Counts topics' messages that wait for it, or no longer do; ends it past the limit. */
  countBacklog(messages: number, bytes: number): void {
    const { limits, room, quotas, refuse } = this.#options
    // Kept, since the backlog is given back when the session no longer says whose it was
    this.#owner ??= this.#options.owner()
    const owner = this.#owner
    this.#backlogMessages += messages
    this.#backlogBytes += bytes
    if (messages < 0) {
      room.release(owner, -bytes)
      quotas.backlogBytes.release(owner, -bytes)
      return
    }
    room.add(owner, bytes)
    quotas.backlogBytes.add(owner, bytes)
    if (this.#isEnded) return
    const full = quotas.backlogBytes.fullBecause(owner, 0)
    if (full !== undefined) {
      refuse(new DroverError('slow_reader', `${full}; read and acknowledge faster`))
      return
    }
    if (this.#backlogMessages <= limits.maxBacklogMessages && this.#backlogBytes <= limits.maxBacklogBytes) return
    const waiting = `${this.#backlogMessages} messages of ${this.#backlogBytes} bytes`
    refuse(
      new DroverError(
        'slow_reader',
        `Your topic subscriptions are behind by ${waiting}, past the limit; read and acknowledge faster`,
      ),
    )
  }

  /** It has taken some of the bytes that were sent. */
  taken(): void {
    this.resumeReaders()
    this.#letGoOn()
  }

  resumeReaders(): void {
    const { writes, limits, resume } = this.#options
    if (!this.#stopStillTimer || writes.unsentBytes > limits.maxUnsentBytes / 2) return
    this.#stopStillTimer()
    this.#stopStillTimer = undefined
    resume()
  }

  /** Stops reading from it once it has far more to read itself than it is handed. */
  holdBack(): void {
    if (this.isHeldBack || this.#isEnded) return
    const { writes, limits, link } = this.#options
    // Deliveries stop by themselves one frame past the limit
    const most = limits.maxUnsentBytes + limits.frame.maxHeaderBytes + limits.frame.maxBodyBytes
    if (writes.unsentBytes <= most) return
    this.isHeldBack = true
    link.pause()
  }

  end(): void {
    this.#isEnded = true
    this.#stopStillTimer?.()
    this.#stopStillTimer = undefined
  }

  #letGoOn(): void {
    const { writes, limits, link, mayBeRead } = this.#options
    if (!this.isHeldBack || writes.unsentBytes > limits.maxUnsentBytes / 2) return
    this.isHeldBack = false
    if (mayBeRead()) link.resume()
  }

  /** A topic reader that takes nothing at all for long is ended; queues just wait for theirs. */
  #watchStandstill(): void {
    const { clock, limits, writes, refuse } = this.#options
    const takenBefore = writes.takenBytes
    this.#stopStillTimer = clock.timer(limits.maxStillMs, () => {
      this.resumeReaders()
      if (!this.#stopStillTimer) return
      if (this.#backlogMessages > 0 && writes.takenBytes === takenBefore) {
        const seconds = limits.maxStillMs / 1000
        refuse(
          new DroverError('slow_reader', `You read nothing for ${seconds} s while topic messages waited; read faster`),
        )
      } else this.#watchStandstill()
    })
  }
}
