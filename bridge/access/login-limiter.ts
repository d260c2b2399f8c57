/**
 * Tries at a password, limited for each login, with waits that grow. Design section 6.
 *
 * A guesser chooses the address, and logins that nobody has. So all strangers share the tries of a login, those of
 * the logins that exist are never forgotten for others, and the rest share a table that does not grow. An address from
 * which somebody has signed in has tries of its own: guesses from elsewhere do not make that person wait.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { freeFailures, LoginBackoff } from './login-backoff.ts'

/** Tries of one address under way at once, so that nobody takes all of the turns at hashing by trying many logins. */
const maxPending = 20
/** Tries of one login that wait for its earlier ones. */
const maxQueued = 100
/** Of a login: addresses from which somebody has signed in. */
const maxNetworks = 200
/** The table that logins without a user share. */
const buckets = 4_096

interface Login {
  readonly strangers: LoginBackoff
  /** By network of the address; the last one used is last. */
  readonly networks: Map<string, LoginBackoff>
}

export class LoginLimiter {
  readonly #now: () => number
  #logins: ReadonlyMap<string, Login> = new Map()
  readonly #unknown: Map<number, LoginBackoff> = new Map()
  /** Chosen anew by each bridge, so that nobody knows which logins share a bucket. */
  readonly #seed: number
  /** Tries under way, by address. */
  readonly #pending: Map<string, number> = new Map()

  /**
   * @param now steady, in ms
   * @param logins that exist
   * @param seed at random, 32 bits
   */
  constructor(now: () => number, logins: readonly string[], seed: number) {
    this.#now = now
    this.#seed = seed
    this.setLogins(logins)
  }

  /** The logins that exist from now on. Those that did before keep their waits. */
  setLogins(logins: readonly string[]): void {
    const fresh = (): Login => ({ strangers: new LoginBackoff(this.#now), networks: new Map() })
    this.#logins = new Map(logins.map(login => [login, this.#logins.get(login) ?? fresh()]))
  }

  /**
   * Runs a try, unless its login has to wait. Behind tries that may yet be wrong it waits for their end.
   * @returns whether the password was right, as `attempt` says
   * @throws {DroverError} `too_many_attempts`
   */
  async run(login: string, address: string, attempt: () => Promise<boolean>): Promise<boolean> {
    const network = networkOf(address)
    const pending = this.#pending.get(network) ?? 0
    if (pending >= maxPending) {
      throw new DroverError('too_many_attempts', 'Too many logins from here at once; try again in a second')
    }
    this.#pending.set(network, pending + 1)
    try {
      const tries = this.#triesOf(login, network)
      await begin(tries)
      try {
        return this.#end(tries, login, network, await attempt())
      } finally {
        tries.pending--
        for (const go of tries.queue.splice(0)) go()
      }
    } finally {
      const left = (this.#pending.get(network) ?? 1) - 1
      if (left === 0) this.#pending.delete(network)
      else this.#pending.set(network, left)
    }
  }

  /**
   * The same for a try that takes no time.
   * @throws {DroverError} `too_many_attempts`
   */
  runNow(login: string, address: string, attempt: () => boolean): boolean {
    const network = networkOf(address)
    const tries = this.#triesOf(login, network)
    tries.check()
    return this.#end(tries, login, network, attempt())
  }

  #triesOf(login: string, network: string): LoginBackoff {
    const known = this.#logins.get(login)
    if (known) return known.networks.get(network) ?? known.strangers
    const bucket = this.#bucketOf(login)
    const tries = this.#unknown.get(bucket) ?? new LoginBackoff(this.#now)
    this.#unknown.set(bucket, tries)
    return tries
  }

  #end(tries: LoginBackoff, login: string, network: string, isRight: boolean): boolean {
    if (!isRight) tries.failed()
    else this.#signedIn(login, network)
    return isRight
  }

  #signedIn(login: string, network: string): void {
    const networks = this.#logins.get(login)?.networks
    if (networks === undefined) return
    const own = networks.get(network) ?? new LoginBackoff(this.#now)
    own.succeeded()
    networks.delete(network)
    networks.set(network, own)
    const [oldest] = networks.keys()
    if (networks.size > maxNetworks && oldest !== undefined) networks.delete(oldest)
  }

  /** FNV-1a. */
  #bucketOf(login: string): number {
    let hash = this.#seed
    for (let at = 0; at < login.length; at++) hash = Math.imul(hash ^ login.charCodeAt(at), 16_777_619)
    return (hash >>> 16) % buckets
  }
}

/** Begins a try as soon as no more are under way than may be wrong. */
async function begin(tries: LoginBackoff): Promise<void> {
  for (;;) {
    tries.check()
    if (tries.pending < Math.max(1, freeFailures - tries.wrong)) break
    if (tries.queue.length >= maxQueued) {
      throw new DroverError('too_many_attempts', 'Too many logins at once; try again in a few seconds')
    }
    await new Promise<void>(resolve => void tries.queue.push(resolve))
  }
  tries.pending++
}

/**
 * The network of a peer, which it can hardly change of its address: all of IPv4, and of IPv6 the first 64 bits, of which each
 * network has as many addresses as it likes.
 * @param address as a socket tells it; IPv4 within IPv6 is IPv4
 */
export function networkOf(address: string): string {
  const [plain = ''] = address.toLowerCase().split('%')
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(plain)?.[1]
  if (mapped !== undefined) return mapped
  if (!plain.includes(':')) return plain
  const [before = '', after] = plain.split('::')
  const first = before === '' ? [] : before.split(':')
  const last = after === undefined || after === '' ? [] : after.split(':')
  const all =
    after === undefined ? first : [...first, ...Array(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last]
  return `${all
    .slice(0, 4)
    .map(part => part.replace(/^0+(?=.)/, ''))
    .join(':')}::`
}
