/**
 * The place of the keys, which is read again from time to time, so that rotation needs no restart. The last keys stay in force
 * while that place is away or holds nonsense.
 */
import type { Clock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import type { JsonWebKeySet } from './key-set.ts'

/** A JWKS, its address (`https:` or `http:`, under Node and Deno also a file's path), or a function that gives one when asked. */
export type Keys = JsonWebKeySet | string | URL | (() => JsonWebKeySet | Promise<JsonWebKeySet>)

export interface KeySourcePorts {
  readonly clock: Clock
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
const readMs = 10_000
const maxCharacters = 256 * 1024
const tooLong = `it has over ${maxCharacters} characters`

/** Makes of a JWKS the keys that its reader needs. @param where it was found, for errors. @throws {DroverError} `config_invalid` */
export type ReadKeys<Usable> = (json: unknown, where: string) => Promise<Usable>

export class KeySource<Usable> {
  readonly #keys: Keys
  readonly #toUsable: ReadKeys<Usable>
  readonly #ports: KeySourcePorts
  #set: Usable | undefined
  #readAt = Number.NEGATIVE_INFINITY
  #reading: Promise<Usable> | undefined

  constructor(keys: Keys, toUsable: ReadKeys<Usable>, ports: KeySourcePorts) {
    this.#keys = keys
    this.#toUsable = toUsable
    this.#ports = ports
  }

  /** The keys as they were read last, without a wait. */
  get latest(): Usable | undefined {
    return this.#set
  }

  /**
   * The keys; read anew where that is due, in the background where some are there.
   * @throws {DroverError} `keys_unavailable` when there are none yet and their place cannot be read, `config_invalid` when it holds none
   */
  async current(): Promise<Usable> {
    if (this.#set === undefined) return this.#read()
    if (this.#isFixed() || this.#age() < staleMs) return this.#set
    this.#read().catch(() => {}) // it was told
    return this.#set
  }

  /** The keys, read anew unless that was just done: somebody names one that is not here. */
  async renewed(): Promise<Usable> {
    if (this.#set !== undefined && (this.#isFixed() || this.#age() < floorMs)) return this.#set
    return this.#read().catch(error => {
      if (this.#set === undefined) throw error
      return this.#set
    })
  }

  #isFixed(): boolean {
    return typeof this.#keys === 'object' && !(this.#keys instanceof URL)
  }

  #age(): number {
    return this.#ports.clock.steady() - this.#readAt
  }

  #read(): Promise<Usable> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = undefined
    })
    return this.#reading
  }

  async #readOnce(): Promise<Usable> {
    const { clock, problem, read } = this.#ports
    try {
      this.#set = await this.#toUsable(await this.#json(), this.#where())
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
    if (keys instanceof URL || typeof keys === 'string') return shown(String(keys))
    return typeof keys === 'function' ? 'the function given' : 'the set given'
  }

  /** Gives up on a place that says nothing, whether its reader ends or not. */
  async #json(): Promise<unknown> {
    const { promise: silent, reject } = Promise.withResolvers<never>()
    const controller = new AbortController()
    const stop = this.#ports.clock.timer(readMs, () => {
      const error = new Error(`it gave no answer within ${readMs / 1000} s`)
      reject(error)
      controller.abort(error)
    })
    try {
      return await Promise.race([this.#found(controller.signal), silent])
    } catch (cause) {
      const code = cause instanceof WrongPlace ? 'config_invalid' : 'keys_unavailable'
      throw new DroverError(code, `The keys of ${this.#where()} cannot be read: ${reasonOf(cause)}`, { cause })
    } finally {
      stop()
    }
  }

  async #found(signal: AbortSignal): Promise<unknown> {
    const keys = this.#keys
    if (typeof keys === 'function') return keys()
    if (typeof keys !== 'string' && !(keys instanceof URL)) return keys
    if (/^https?:/i.test(String(keys))) return fetchJson(addressOf(String(keys)), signal, this.#ports.fetch)
    const { readText } = this.#ports
    if (readText === undefined) throw new WrongPlace('it is no http: or https: URL, and there are no files here')
    return parse(await readText(String(keys)))
  }
}

/** Another try does not mend it. */
class WrongPlace extends Error {}

/** An error of `fetch` has its reason in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message
}

async function fetchJson(url: URL, signal: AbortSignal, fetch: KeySourcePorts['fetch']): Promise<unknown> {
  const headers = { accept: 'application/json' }
  const response = await fetch(url, { signal, redirect: 'error', credentials: 'omit', headers })
  if (response.ok) return parse(await bounded(response))
  response.body?.cancel().catch(() => {}) // nobody waits for its end
  throw new Error(`it answered ${response.status}`)
}

async function bounded({ body }: Response): Promise<string> {
  if (body === null) return ''
  let text = ''
  const decoder = new TextDecoder()
  const reader = body.getReader()
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    text += decoder.decode(read.value, { stream: true })
    if (text.length <= maxCharacters) continue
    reader.cancel().catch(() => {}) // nobody waits for its end
    throw new Error(tooLong)
  }
  return text + decoder.decode()
}

function parse(text: string): unknown {
  if (text.length > maxCharacters) throw new Error(tooLong)
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('it is no JSON')
  }
}

function addressOf(text: string): URL {
  if (!URL.canParse(text)) throw new WrongPlace('it is no URL')
  const url = new URL(text)
  if (url.username === '' && url.password === '') return url
  throw new WrongPlace('it has a name or a password in it; give a function that fetches the keys instead')
}

/** As it may be shown: a query may have a token in it, and the part before the @ a password. */
const shown = (url: string): string => url.replace(/[?#].*$/s, '').replace(/^(https?:[/\\]*)[^/\\]*@/i, '$1')
