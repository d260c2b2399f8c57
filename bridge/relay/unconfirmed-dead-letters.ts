/**
 * Which dead letters were sent and never confirmed, in any session: a broker that takes none so large ends the session that
 * sends it, and would end the next one that is handed the job. Brokers do not say how much they take.
 */

/** The oldest are forgotten: a job of these may end one session more. */
const maxUnconfirmed = 1_000

export class UnconfirmedDeadLetters {
  readonly #unconfirmed = new Set<string>()

  /**
   * A dead letter is about to be sent.
   * @param job tells the job from others
   * @returns whether one of this job was sent before, and not confirmed
   */
  begin(job: string): boolean {
    const isKnown = this.#unconfirmed.delete(job)
    this.#unconfirmed.add(job)
    const [oldest] = this.#unconfirmed
    if (this.#unconfirmed.size > maxUnconfirmed && oldest !== undefined) this.#unconfirmed.delete(oldest)
    return isKnown
  }

  confirmed(job: string): void {
    this.#unconfirmed.delete(job)
  }
}
