/** Frames that came in, and waiting for one of them with a failure that tells which came instead. */

export interface Received {
  command: string
  /** Unescaped; of repeated headers the first. */
  headers: Readonly<Record<string, string>>
  bytes: Uint8Array
  /** The bytes as UTF-8 text. */
  body: string
}

/** A command, or a frame in part: each header and the body must be equal. */
export type Wanted =
  | string
  | { command?: string; headers?: Readonly<Record<string, string>>; body?: string }
  | ((frame: Received) => boolean)

const shownFrames = 40

export class Inbox {
  /** Frames that no `next` has taken yet, in order. */
  readonly unread: Received[] = []
  readonly #timeoutMs: number
  readonly #seen: string[] = []
  readonly #waiting = new Set<() => void>()
  #closed: string | undefined

  /** @param timeoutMs how long `next` and `closed` wait */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  get isOpen(): boolean {
    return this.#closed === undefined
  }

  put(frame: Received): void {
    this.unread.push(frame)
    this.#saw(describe(frame))
  }

  /** @param how the connection ended, for people */
  close(how: string): void {
    this.#closed = how
    this.#saw(how)
  }

  /** Takes the first unread frame that fits, waiting for it. An ERROR that does not fit ends the wait. */
  next(wanted: Wanted): Promise<Received> {
    const fits = matcher(wanted)
    return this.#until(`for ${title(wanted)}`, () => {
      const index = this.unread.findIndex(fits)
      if (index >= 0) return this.unread.splice(index, 1)[0]
      if (this.unread.some(frame => frame.command === 'ERROR')) throw new Error('an ERROR came')
      if (this.#closed !== undefined) throw new Error('the connection ended')
      return undefined
    })
  }

  /** Waits until the connection has ended, and tells how. */
  closed(): Promise<string> {
    return this.#until('for the end of the connection', () => this.#closed)
  }

  #until<T>(what: string, look: () => T | undefined): Promise<T> {
    // Made here, so that a failure shows the line that waited.
    const failure = new Error()
    const { promise, resolve, reject } = Promise.withResolvers<T>()
    const settle = (): void => {
      clearTimeout(timer)
      this.#waiting.delete(check)
    }
    const fail = (why: string): void => {
      settle()
      failure.message = `Waited ${what}, but ${why}. Seen so far:\n${this.#seen.map(line => `  ${line}`).join('\n')}`
      reject(failure)
    }
    const check = (): void => {
      try {
        const found = look()
        if (found === undefined) return
        settle()
        resolve(found)
      } catch (error) {
        fail((error as Error).message)
      }
    }
    const timer = setTimeout(() => fail(`it did not come within ${this.#timeoutMs} ms`), this.#timeoutMs)
    this.#waiting.add(check)
    check()
    return promise
  }

  #saw(line: string): void {
    this.#seen.push(line)
    if (this.#seen.length > shownFrames) this.#seen.splice(0, 1)
    for (const check of [...this.#waiting]) check()
  }
}

function matcher(wanted: Wanted): (frame: Received) => boolean {
  if (typeof wanted === 'function') return wanted
  const { command, headers = {}, body } = typeof wanted === 'string' ? { command: wanted } : wanted
  return frame =>
    (command === undefined || frame.command === command) &&
    (body === undefined || frame.body === body) &&
    Object.entries(headers).every(([name, value]) => frame.headers[name] === value)
}

const title = (wanted: Wanted): string =>
  typeof wanted === 'string' ? wanted : typeof wanted === 'function' ? 'a frame that fits' : JSON.stringify(wanted)

function describe({ command, headers, body }: Received): string {
  const shown = Object.entries(headers).map(([name, value]) => `${name}:${value}`)
  return `${command} ${shown.join(' ')} ${JSON.stringify(body.slice(0, 120))}`
}
