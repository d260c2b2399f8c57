/**
 * The open sessions, and whose reply queues they read: a new session of the same owner and master id ends the older one
 * before its own SUBSCRIBE goes on, so that a half-open socket steals no replies. Design section 2.
 */

/** A session as the others see it. */
export interface Session {
  /** Ends it for a newer one; resolves when the broker has let go of it. */
  replace(): Promise<void>
  /** @param elapsedMs since the last call */
  tick(elapsedMs: number): void
  /** Ends it because the bridge ends. */
  stop(): void
}

export class Sessions {
  readonly #open: Set<Session> = new Set()
  readonly #masters: Map<string, Session> = new Map()

  get size(): number {
    return this.#open.size
  }

  add(session: Session): void {
    this.#open.add(session)
  }

  /** @param masters of which it read the replies */
  remove(session: Session, masters: Iterable<string>): void {
    this.#open.delete(session)
    for (const master of masters) if (this.#masters.get(master) === session) this.#masters.delete(master)
  }

  /**
   * Makes `session` the reader of a master's replies.
   * @param master its reply queue
   * @returns what has to end first, if anything
   */
  claim(session: Session, master: string): Promise<void> | undefined {
    const older = this.#masters.get(master)
    this.#masters.set(master, session)
    return older === undefined || older === session ? undefined : older.replace()
  }

  tick(elapsedMs: number): void {
    for (const session of this.#open) session.tick(elapsedMs)
  }

  stop(): void {
    for (const session of this.#open) session.stop()
  }
}
