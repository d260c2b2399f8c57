/**
 * Who is signed in: a token in memory, and a cookie, which scripts cannot read, that gives another one after a reload.
 */
import type { Clock } from '../../shared/clock.ts'
import { DroverError, type ErrorCode } from '../../shared/contract/errors.ts'
import type { SealOptions } from '../../shared/seal/mod.ts'
import type { Fetch } from '../platform.ts'
import { SignInMark } from './signed-in.ts'
import { keysIn, sealBy } from './token-seal.ts'

export interface SignedIn {
  readonly owner: string
  readonly namespace: string
  /** Absent where the token hands on no keys. */
  readonly seal?: SealOptions | undefined
}

/** How a person can sign in. */
export interface Ways {
  readonly sign_in_link?: boolean
  /** Whether the password that everybody knows is in force. */
  readonly default_password?: boolean
}

interface Given extends Omit<SignedIn, 'seal'> {
  readonly token: string
  /** ms since the epoch. */
  readonly expires_at: number
}

/** A token that ends sooner than this is not worth connecting with. */
const leastLeftMs = 30_000
const stayMs = 12 * 3_600_000

/** How long a bridge may take to take the cookie away. */
const leaveMs = 5000

export interface SignInPorts {
  readonly clock: Clock
  readonly http: Fetch
  /** That all tabs of the site share; absent where it is blocked. */
  readonly disk: Storage | undefined
}

export class SignInSession {
  readonly #ports: SignInPorts
  readonly #mark: SignInMark
  #given: Given | undefined
  /** Who has signed in here. Another tab may sign in somebody else, whose cookie is then this tab's as well. */
  #owner: string | undefined
  #instead: string | undefined
  #leaving: Promise<void> | undefined

  constructor(ports: SignInPorts) {
    this.#ports = ports
    this.#mark = new SignInMark(ports.disk)
  }

  /** Who has signed in at another tab since, where that is somebody else. */
  get instead(): string | undefined {
    return this.#instead
  }

  /** The bridge tells of itself before anybody has signed in; nothing where it does not answer. */
  async ways(): Promise<Ways> {
    return (await this.#ports
      .http('token')
      .then(response => response.json())
      .catch(() => ({}))) as Ways
  }

  /** By the link that the bridge printed. @throws {DroverError} */
  byLink(secret: string): Promise<SignedIn> {
    return this.#signIn({ sign_in: secret, remember: true, expires_in_ms: stayMs })
  }

  /** @throws {DroverError} `not_authenticated` for a wrong one */
  byPassword(login: string, password: string): Promise<SignedIn> {
    const bytes = new TextEncoder().encode(`${login}:${password}`)
    const basic = btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
    return this.#signIn({ remember: true, expires_in_ms: stayMs }, `Basic ${basic}`)
  }

  /** By the cookie, after a reload. @returns `undefined` when nobody is signed in */
  async resume(): Promise<SignedIn | undefined> {
    const mark = this.#mark.read()
    if (mark === 'leaving') await this.#leave()
    if (mark === 'leaving' || mark === 'out') return undefined
    try {
      return await this.#signIn({ expires_in_ms: stayMs })
    } catch (error) {
      if (!(error instanceof DroverError) || error.code !== 'not_authenticated') throw error
      this.#mark.set('out')
      return undefined
    }
  }

  /**
   * For a connection.
   * @param isRefused whether the bridge has refused the one before
   * @throws {DroverError} `not_authenticated` when the sign-in has ended, or is somebody else's by now
   */
  async token(isRefused: boolean): Promise<string> {
    const known = isRefused ? undefined : this.#given
    if (known !== undefined && known.expires_at - this.#ports.clock.now() >= leastLeftMs) return known.token
    this.#given = undefined
    const given = await this.#ask({ expires_in_ms: stayMs })
    if (given.owner !== this.#owner) {
      this.#instead = this.#owner === undefined ? undefined : given.owner
      throw new DroverError('not_authenticated', `This tab is not signed in as ${given.owner}`)
    }
    this.#given = given
    return given.token
  }

  /** In this tab alone: another has told the bridge. */
  forget(): void {
    this.#given = undefined
    this.#owner = undefined
  }

  /** @throws when the bridge did not take the cookie away; the page asks it again when it is opened again */
  async signOut(): Promise<void> {
    this.forget()
    this.#mark.set('leaving')
    await this.#leave()
  }

  async #leave(): Promise<void> {
    const { clock, http } = this.#ports
    const late = new AbortController()
    const stopTimer = clock.timer(leaveMs, () => late.abort())
    const answer = http('token', { method: 'DELETE', keepalive: true, signal: late.signal })
    const left = answer.finally(stopTimer).then(
      ({ ok, status }) => {
        if (!ok) throw new DroverError('broker_unreachable', `The bridge answers with status ${status}`)
        if (this.#mark.read() === 'leaving') this.#mark.set('out')
      },
      cause => {
        throw new DroverError('broker_unreachable', 'The bridge does not answer', { cause })
      },
    )
    this.#leaving = left.catch(() => {})
    await left
  }

  async #signIn(wish: Record<string, unknown>, authorization?: string): Promise<SignedIn> {
    await this.#leaving // or it would take away the cookie that comes now
    const given = await this.#ask(wish, authorization)
    this.#given = given
    this.#owner = given.owner
    this.#instead = undefined
    this.#mark.set('in')
    const seal = sealBy(keysIn(given.token), () => this.#given && keysIn(this.#given.token))
    return { owner: given.owner, namespace: given.namespace, seal }
  }

  async #ask(wish: Record<string, unknown>, authorization?: string): Promise<Given> {
    let response: Response
    try {
      response = await this.#ports.http('token', {
        method: 'POST',
        body: JSON.stringify(wish),
        headers: { 'content-type': 'application/json', ...(authorization === undefined ? {} : { authorization }) },
      })
    } catch (cause) {
      throw new DroverError('broker_unreachable', 'The bridge does not answer', { cause })
    }
    const answer = (await response.json().catch(() => ({}))) as Partial<Given> & {
      error?: { code: string; message: string }
    }
    if (response.ok && answer.token !== undefined) return answer as Given
    const { code = 'broker_unreachable', message = `The bridge answers with status ${response.status}` } =
      answer.error ?? {}
    throw new DroverError(code as ErrorCode, message)
  }
}
