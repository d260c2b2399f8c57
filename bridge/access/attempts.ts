/** Tries at a password, limited for each login and address, with waits that grow. Design section 6. */
import { DroverError } from '../../shared/contract/errors.ts'

interface Tries {
  failed: number
  pending: number
  /** ms of the bridge's clock before which nothing is tried. */
  notBefore: number
}

/** Wrong passwords before waits begin. */
const freeTries = 5
/** Tries of one address under way at once, so that nobody takes all of the turns at hashing by trying many logins. */
const maxPending = 20
const firstWaitMs = 1_000
const maxWaitMs = 60_000
/** Wrong passwords are forgotten after this long without one. */
const forgetMs = 15 * 60_000
const maxRemembered = 10_000

export class Attempts {
  readonly #now: () => number
  readonly #tries: Map<string, Tries> = new Map()
  /** Tries under way, by address. */
  readonly #pending: Map<string, number> = new Map()

  /** @param now ms since the epoch */
  constructor(now: () => number) {
    this.#now = now
  }

  /**
   * Runs a try, unless its login and address have to wait.
   * @returns what `attempt` gives: whether the password was right
   * @throws {DroverError} `too_many_attempts`
   */
  async run(login: string, address: string, attempt: () => Promise<boolean>): Promise<boolean> {
    // First, since what is refused at no cost must not push out what is remembered of others
    const pending = this.#pending.get(address) ?? 0
    if (pending >= maxPending) {
      throw new DroverError('too_many_attempts', 'Too many logins from here at once; try again in a second')
    }
    const { key, tries } = this.#begin(login, address)
    tries.pending++
    this.#pending.set(address, pending + 1)
    try {
      return this.#end(tries, await attempt())
    } finally {
      tries.pending--
      const left = (this.#pending.get(address) ?? 1) - 1
      if (left === 0) this.#pending.delete(address)
      else this.#pending.set(address, left)
      this.#forget(key, tries)
    }
  }

  /**
   * The same for a try that takes no time.
   * @throws {DroverError} `too_many_attempts`
   */
  runNow(login: string, address: string, attempt: () => boolean): boolean {
    const { key, tries } = this.#begin(login, address)
    const isRight = this.#end(tries, attempt())
    this.#forget(key, tries)
    return isRight
  }

  #begin(login: string, address: string): { key: string; tries: Tries } {
    const key = JSON.stringify([login.slice(0, 200), address])
    const tries = this.#triesOf(key)
    const waitMs = tries.notBefore - this.#now()
    if (waitMs <= 0) return { key, tries }
    const seconds = Math.ceil(waitMs / 1000)
    throw new DroverError('too_many_attempts', `Too many wrong passwords from here; wait ${seconds} s and try again`)
  }

  #end(tries: Tries, isRight: boolean): boolean {
    if (isRight) tries.failed = 0
    else this.#failed(tries)
    return isRight
  }

  #forget(key: string, tries: Tries): void {
    if (tries.pending === 0 && tries.failed === 0) this.#tries.delete(key)
  }

  #triesOf(key: string): Tries {
    const tries = this.#tries.get(key) ?? { failed: 0, pending: 0, notBefore: 0 }
    if (tries.failed > 0 && this.#now() - tries.notBefore > forgetMs) tries.failed = 0
    // The last one used is last in the map, so the first is the one to forget
    this.#tries.delete(key)
    this.#tries.set(key, tries)
    if (this.#tries.size > maxRemembered) {
      const [oldest] = this.#tries.keys()
      if (oldest !== undefined) this.#tries.delete(oldest)
    }
    return tries
  }

  #failed(tries: Tries): void {
    tries.failed++
    const doublings = tries.failed - freeTries
    tries.notBefore = this.#now() + (doublings < 0 ? 0 : Math.min(maxWaitMs, firstWaitMs * 2 ** doublings))
  }
}
