/**
 * Who is signed in: a token in memory, and a cookie, which scripts cannot read, that gives another one after a reload.
 */
import { DroverError, type ErrorCode } from '../../shared/contract/errors.ts'

export interface SignedIn {
  readonly owner: string
  readonly namespace: string
}

/** How a person can sign in. */
export interface Ways {
  readonly sign_in_link?: boolean
  /** Whether the password that everybody knows is in force. */
  readonly default_password?: boolean
}

interface Given extends SignedIn {
  readonly token: string
  /** ms since the epoch. */
  readonly expires_at: number
}

/** A token that ends sooner than this is not worth connecting with. */
const leastLeftMs = 30_000
const stayMs = 12 * 3_600_000

export class Session {
  #given: Given | undefined

  /** What the bridge says of itself to whoever would sign in; nothing where it does not answer. */
  async ways(): Promise<Ways> {
    return (await fetch('/token')
      .then(response => response.json())
      .catch(() => ({}))) as Ways
  }

  /** By the link that the bridge printed. @throws {DroverError} */
  byLink(secret: string): Promise<SignedIn> {
    return this.#ask({ sign_in: secret, remember: true, expires_in_ms: stayMs })
  }

  /** @throws {DroverError} `not_authenticated` for a wrong one */
  byPassword(login: string, password: string): Promise<SignedIn> {
    const bytes = new TextEncoder().encode(`${login}:${password}`)
    const basic = btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
    return this.#ask({ remember: true, expires_in_ms: stayMs }, `Basic ${basic}`)
  }

  /** By the cookie, after a reload. @returns `undefined` when nobody is signed in */
  async resume(): Promise<SignedIn | undefined> {
    if (!hint.isSet()) return undefined
    try {
      return await this.#ask({ expires_in_ms: stayMs })
    } catch (error) {
      if (!(error instanceof DroverError) || error.code !== 'not_authenticated') throw error
      hint.set(false)
      return undefined
    }
  }

  /**
   * For a connection.
   * @param isRefused whether the bridge has refused the one before
   * @throws {DroverError} `not_authenticated` when the sign-in has ended
   */
  async token(isRefused: boolean): Promise<string> {
    if (isRefused || this.#given === undefined || this.#given.expires_at - Date.now() < leastLeftMs) {
      this.#given = undefined
      await this.#ask({ expires_in_ms: stayMs })
    }
    return this.#given!.token
  }

  async signOut(): Promise<void> {
    this.#given = undefined
    hint.set(false)
    await fetch('/token', { method: 'DELETE' })
  }

  async #ask(wish: Record<string, unknown>, authorization?: string): Promise<SignedIn> {
    let response: Response
    try {
      response = await fetch('/token', {
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
    if (response.ok && answer.token !== undefined) {
      this.#given = answer as Given
      hint.set(true)
      return this.#given
    }
    const { code = 'broker_unreachable', message = `The bridge answers with status ${response.status}` } =
      answer.error ?? {}
    throw new DroverError(code as ErrorCode, message)
  }
}

/** Whether asking by the cookie is worth a try: scripts cannot see the cookie, and a vain try is an error in the console. */
const hint = {
  isSet(): boolean {
    try {
      return localStorage.getItem('drover signed in') !== null
    } catch {
      return true // storage is blocked: cookies may not be
    }
  },
  set(isSignedIn: boolean): void {
    try {
      if (isSignedIn) localStorage.setItem('drover signed in', '')
      else localStorage.removeItem('drover signed in')
    } catch {} // then every visit tries
  },
}
