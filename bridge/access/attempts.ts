/**
 * Tries at a password, limited for each login, with waits that grow. Design section 6.
 *
 * Whoever guesses chooses the address, and logins that nobody has. So all strangers share the tries of a login, those of
 * the logins that exist are never forgotten for others, and the rest share a table that does not grow. An address from
 * which somebody has signed in has tries of its own: guesses from elsewhere do not make that person wait.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { placeOf } from './place.ts'
import { freeTries, Tries } from './tries.ts'

/** Tries of one address under way at once, so that nobody takes all of the turns at hashing by trying many logins. */
const maxPending = 20
/** Tries of one login that wait for its earlier ones. */
const maxInLine = 100
/** Of a login: addresses from which somebody has signed in. */
const maxPlaces = 200
/** What logins that nobody has share. */
const buckets = 4_096

interface Login {
  readonly strangers: Tries
  /** By address; the last one used is last. */
  readonly places: Map<string, Tries>
}

export class Attempts {
  readonly #now: () => number
  readonly #logins: ReadonlyMap<string, Login>
  readonly #junk: Map<number, Tries> = new Map()
  /** Chosen anew by each bridge, so that nobody knows which logins share a bucket. */
  readonly #seed = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0
  /** Tries under way, by address. */
  readonly #pending: Map<string, number> = new Map()

  /**
   * @param now ms since the epoch
   * @param logins that exist
   */
  constructor(now: () => number, logins: readonly string[]) {
    this.#now = now
    this.#logins = new Map(logins.map(login => [login, { strangers: new Tries(now), places: new Map() }]))
  }

  /**
   * Runs a try, unless its login has to wait. Behind tries that may yet be wrong it waits for their end.
   * @returns what `attempt` gives: whether the password was right
   * @throws {DroverError} `too_many_attempts`
   */
  async run(login: string, address: string, attempt: () => Promise<boolean>): Promise<boolean> {
    const place = placeOf(address)
    const pending = this.#pending.get(place) ?? 0
    if (pending >= maxPending) {
      throw new DroverError('too_many_attempts', 'Too many logins from here at once; try again in a second')
    }
    this.#pending.set(place, pending + 1)
    try {
      const tries = this.#triesOf(login, place)
      await begin(tries)
      try {
        return this.#end(tries, login, place, await attempt())
      } finally {
        tries.pending--
        for (const go of tries.line.splice(0)) go()
      }
    } finally {
      const left = (this.#pending.get(place) ?? 1) - 1
      if (left === 0) this.#pending.delete(place)
      else this.#pending.set(place, left)
    }
  }

  /**
   * The same for a try that takes no time.
   * @throws {DroverError} `too_many_attempts`
   */
  runNow(login: string, address: string, attempt: () => boolean): boolean {
    const place = placeOf(address)
    const tries = this.#triesOf(login, place)
    tries.check()
    return this.#end(tries, login, place, attempt())
  }

  #triesOf(login: string, place: string): Tries {
    const known = this.#logins.get(login)
    if (known) return known.places.get(place) ?? known.strangers
    const bucket = this.#bucketOf(login)
    const tries = this.#junk.get(bucket) ?? new Tries(this.#now)
    this.#junk.set(bucket, tries)
    return tries
  }

  #end(tries: Tries, login: string, place: string, isRight: boolean): boolean {
    if (!isRight) tries.failed()
    else this.#signedIn(login, place)
    return isRight
  }

  #signedIn(login: string, place: string): void {
    const places = this.#logins.get(login)?.places
    if (places === undefined) return
    const own = places.get(place) ?? new Tries(this.#now)
    own.succeeded()
    places.delete(place)
    places.set(place, own)
    const [oldest] = places.keys()
    if (places.size > maxPlaces && oldest !== undefined) places.delete(oldest)
  }

  /** FNV-1a. */
  #bucketOf(login: string): number {
    let hash = this.#seed
    for (let at = 0; at < login.length; at++) hash = Math.imul(hash ^ login.charCodeAt(at), 16_777_619)
    return (hash >>> 16) % buckets
  }
}

/** Begins a try as soon as no more are under way than may be wrong. */
async function begin(tries: Tries): Promise<void> {
  for (;;) {
    tries.check()
    if (tries.pending < Math.max(1, freeTries - tries.wrong)) break
    if (tries.line.length >= maxInLine) {
      throw new DroverError('too_many_attempts', 'Too many logins at once; try again in a few seconds')
    }
    await new Promise<void>(resolve => void tries.line.push(resolve))
  }
  tries.pending++
}
