/**
 * How often tokens with `uses` were used: in memory, by `jti`, for as long as the token lasts. Nobody knows of uses before this
 * bridge started, so a token of before counts no longer. Design section 4.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { Quota } from '../../shared/quota.ts'
import type { Identity } from '../identity.ts'

/** Tokens that were used and have not ended: some hundred bytes each. */
const quotaBounds = { what: 'tokens with uses that have not ended', inAll: 100_000, ofOwner: 50_000 }
/** A token may be taken a little past its end. */
const lateMs = 10_000
/** How often those that have ended are looked for. */
const sweepMs = 10_000

interface Used {
  readonly owner: string
  readonly until: number
  uses: number
}

export class TokenUses {
  readonly #now: () => number
  readonly #startedAt: number
  readonly #used: Map<string, Used> = new Map()
  readonly #quota: Quota = new Quota(quotaBounds)
  #sweptAt: number

  /** @param now ms since the epoch */
  constructor(now: () => number) {
    this.#now = now
    this.#startedAt = this.#sweptAt = now()
  }

  /** How many tokens are remembered. */
  get size(): number {
    return this.#used.size
  }

  /**
   * Takes one use of a token, before anything is let in by it; of one without `uses` it takes nothing.
   * @returns gives it back, where nothing came of it
   * @throws {DroverError} `not_authenticated` when none is left, `queue_full` when no more tokens can be remembered
   */
  take({ owner, bounds: { uses: most } = {}, token, expiresAt }: Identity): () => void {
    const { jti, notBefore } = token ?? {}
    if (most === undefined) return () => {}
    if (jti === undefined || notBefore === undefined || expiresAt === undefined || notBefore < this.#startedAt) {
      throw spent('it was made before this bridge started, which does not know how often it was used')
    }
    this.#sweep()
    const used = this.#used.get(jti) ?? this.#remember(jti, { owner, until: expiresAt + lateMs, uses: 0 })
    if (used.uses >= most) throw spent(most === 1 ? 'its one use was taken' : `its ${most} uses were taken`)
    used.uses++
    let isTaken = true
    return () => {
      if (isTaken) used.uses--
      isTaken = false
    }
  }

  #remember(jti: string, used: Used): Used {
    this.#quota.acquire(used.owner, 1)
    this.#used.set(jti, used)
    return used
  }

  #sweep(): void {
    const now = this.#now()
    if (now - this.#sweptAt < sweepMs) return
    this.#sweptAt = now
    for (const [jti, { owner, until }] of this.#used) {
      if (until > now) continue
      this.#used.delete(jti)
      this.#quota.release(owner, 1)
    }
  }
}

const spent = (why: string): DroverError =>
  new DroverError('not_authenticated', `The token is refused: ${why}; get a new one`)
