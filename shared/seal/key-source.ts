/**
 * Where keys come from, and when they are read again: rotation needs no restart. What was read last stays in force while its place
 * is away or holds nonsense.
 */
import type { Clock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import type { SealCrypto } from './crypto.ts'
import { type JsonWebKeySet, KeySet } from './key-set.ts'

/** A JWKS; where one is: `https:` or `http:`, or under Node and Deno a file's path; or what gives one each time it is asked. */
export type Keys = JsonWebKeySet | string | URL | (() => JsonWebKeySet | Promise<JsonWebKeySet>)

export interface KeySourcePorts {
  readonly clock: Clock
  readonly crypto: SealCrypto
  /** The platform's. */
  fetch(url: URL, init: RequestInit): Promise<Response>
  /** Absent where there are no files. */
  readText?(path: string): Promise<string>
  /** Told why keys could not be read again, and went on as they were. */
  problem(message: string, error: unknown): void
  /** Told each time that keys were read. */
  read?(): void
}

/** Keys are read again after so long. */
const staleMs = 300_000
/** An unknown `kid` has them read again, but no sooner after the last time. */
const floorMs = 10_000
const fetchMs = 10_000
const maxCharacters = 256 * 1024

export class KeySource {
  readonly #keys: Keys
  readonly #ports: KeySourcePorts
  #set: KeySet | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<KeySet> | undefined

  constructor(keys: Keys, ports: KeySourcePorts) {
    this.#keys = keys
    this.#ports = ports
  }

  /** The keys as they were read last, without a wait. */
  get latest(): KeySet | undefined {
    return this.#set
  }

  /**
   * The keys; read anew where that is due, in the background where some are there.
   * @throws {DroverError} `keys_unavailable` when there are none yet and their place cannot be read, `config_invalid` when it holds none
   */
  async current(): Promise<KeySet> {
    if (this.#set === undefined) return this.#read()
    if (this.#isFixed() || this.#age() < staleMs) return this.#set
    this.#read().catch(() => {}) // it was told
    return this.#set
  }

  /** The keys, read anew unless that was just done: somebody names one that is not here. */
  async renewed(): Promise<KeySet> {
    if (this.#set !== undefined && (this.#isFixed() || this.#age() < floorMs)) return this.#set
    return this.#read().catch(() => this.current())
  }

  #isFixed(): boolean {
    return typeof this.#keys === 'object' && !(this.#keys instanceof URL)
  }

  #age(): number {
    return this.#ports.clock.steady() - this.#readAt
  }

  #read(): Promise<KeySet> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readOnce(): Promise<KeySet> {
    const { crypto, clock, problem, read } = this.#ports
    try {
      this.#set = await KeySet.read(await this.#json(), this.#where(), crypto)
      read?.()
      return this.#set
    } catch (error) {
      if (this.#set !== undefined) problem(`The keys of ${this.#where()} stay as they were`, error)
      throw error
    } finally {
      this.#readAt = clock.steady()
    }
  }

  #where(): string {
    const keys = this.#keys
    if (keys instanceof URL || typeof keys === 'string') return withoutQuery(String(keys))
    return typeof keys === 'function' ? 'the function given' : 'the set given'
  }

  async #json(): Promise<unknown> {
    const keys = this.#keys
    if (typeof keys === 'function') return keys()
    if (typeof keys !== 'string' && !(keys instanceof URL)) return keys
    const url = urlOf(keys)
    return url === undefined ? this.#fromFile(String(keys)) : this.#fetched(url)
  }

  async #fromFile(path: string): Promise<unknown> {
    const { readText } = this.#ports
    if (readText === undefined) throw this.#unusable(`"${path}" is no http: or https: URL, and there are no files here`)
    try {
      return parse(await readText(path))
    } catch (cause) {
      throw this.#unusable(cause instanceof Error ? cause.message : String(cause), cause)
    }
  }

  async #fetched(url: URL): Promise<unknown> {
    const { clock, fetch } = this.#ports
    const { signal, abort } = new Timeout()
    const stop = clock.timer(fetchMs, () => abort(`it gave no answer within ${fetchMs / 1000} s`))
    try {
      const response = await fetch(url, {
        signal,
        redirect: 'error',
        credentials: 'omit',
        headers: { accept: 'application/json' },
      })
      if (!response.ok) throw new Error(`it answered ${response.status}`)
      return parse(await bounded(response))
    } catch (cause) {
      throw this.#unusable(
        signal.aborted ? String(signal.reason) : cause instanceof Error ? cause.message : String(cause),
        cause,
      )
    } finally {
      stop()
    }
  }

  #unusable(why: string, cause?: unknown): DroverError {
    const message = `The keys of ${this.#where()} cannot be read: ${why}`
    return new DroverError('keys_unavailable', message, cause === undefined ? undefined : { cause })
  }
}

class Timeout {
  readonly #controller = new AbortController()
  readonly signal: AbortSignal = this.#controller.signal
  readonly abort = (reason: string): void => this.#controller.abort(reason)
}

async function bounded(response: Response): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece as Uint8Array, { stream: true })
    if (text.length > maxCharacters) throw new Error(`it has over ${maxCharacters} characters`)
  }
  return text + decoder.decode()
}

function parse(text: string): unknown {
  if (text.length > maxCharacters) throw new Error(`it has over ${maxCharacters} characters`)
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('it is no JSON')
  }
}

const urlOf = (keys: string | URL): URL | undefined =>
  /^https?:/i.test(String(keys)) ? new URL(String(keys)) : undefined

const withoutQuery = (url: string): string => url.replace(/[?#].*$/, '')
