/** The passes that a session has shown or was given lately: every reply to a job brings the same one. */
import type { Judged, Pass, PassedJob, Passes } from '../passes.ts'

const maxRemembered = 256

export class SessionPasses {
  readonly #passes: Passes
  readonly #owner: string
  readonly #known = new Map<string, Pass>()

  /** @param owner of the session */
  constructor(passes: Passes, owner: string) {
    this.#passes = passes
    this.#owner = owner
  }

  /** The pass that a job of this session's takes along; `passEnd` tells its end. */
  write(job: PassedJob, correlationId: string, endsAt: number): string {
    return this.#passes.write(job, correlationId, endsAt)
  }

  /** A pass for this session and a job that came without one. */
  hand(job: PassedJob, correlationId: string): string {
    return this.#passes.hand(job, correlationId, this.#owner)
  }

  /** Whether the pass that came with a job is that job's. */
  check(pass: string, job: PassedJob, correlationId: string): Judged {
    return this.#remember(pass, this.#passes.check(pass, job, correlationId))
  }

  /** Whether a pass that this session brings is one for the correlation-id. */
  read(pass: string, correlationId: string): Judged {
    const known = this.#known.get(pass)
    const isThis = known !== undefined && (known.correlationId === correlationId || known.correlationId === '')
    if (isThis && known.endsAt >= this.now()) return known
    return this.#remember(pass, this.#passes.read(pass, correlationId, this.#owner))
  }

  /** ms since the epoch */
  now(): number {
    return this.#passes.now()
  }

  #remember(pass: string, judged: Judged): Judged {
    if (typeof judged === 'string') return judged
    if (this.#known.size >= maxRemembered) this.#known.clear()
    this.#known.set(pass, judged)
    return judged
  }
}
