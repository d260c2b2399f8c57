/**
 * Which Host and Origin a request may have: a page that another site made, or a name that somebody pointed at this
 * machine, must not reach the bridge with a person's browser. Design section 6.
 */
import { DroverError } from '../../shared/contract/errors.ts'

export interface OriginOptions {
  /** Names by which the bridge is reached besides its own, such as `jobs.example` or `jobs.example:8443`. */
  readonly hosts?: readonly string[] | undefined
  /** Origins of pages that may use it, such as `https://shop.example`, besides its own. */
  readonly origins?: readonly string[] | undefined
}

export class Origins {
  readonly #hosts: Set<string> = new Set()
  readonly #origins: Set<string> = new Set()
  readonly #others: ReadonlySet<string>

  /** @throws {DroverError} `config_invalid` */
  constructor({ hosts = [], origins = [] }: OriginOptions) {
    for (const host of hosts) {
      if (!URL.canParse(`http://${host}`) || /[/@?#\s]/.test(host)) {
        throw new DroverError(
          'config_invalid',
          `"${host}" is not a host; expected such as jobs.example or jobs.example:8443`,
        )
      }
      this.#hosts.add(host.toLowerCase())
      // Behind a proxy the page comes by https, and the bridge sees http
      for (const scheme of ['http', 'https']) this.#origins.add(new URL(`${scheme}://${host}`).origin)
    }
    for (const origin of origins) {
      const url = URL.parse(origin)
      if (url === null || url.origin === 'null' || url.origin !== origin.toLowerCase()) {
        throw new DroverError('config_invalid', `"${origin}" is not an origin; expected such as https://shop.example`)
      }
      this.#origins.add(url.origin)
    }
    this.#others = new Set(origins.map(origin => URL.parse(origin)?.origin ?? ''))
  }

  /** Adds the names of the place where the bridge listens. */
  listensOn(hostname: string, port: number): void {
    const names = isLoopback(hostname) ? ['127.0.0.1', 'localhost', '[::1]'] : [hostname]
    for (const name of names) {
      const bracketed = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name
      const { host, origin } = new URL(`http://${bracketed}:${port}`)
      this.#hosts.add(host)
      this.#hosts.add(`${bracketed}:${port}`)
      this.#origins.add(origin)
    }
  }

  /** @throws {DroverError} `forbidden` */
  checkHost(host: string | undefined): void {
    if (host === undefined || !this.#hosts.has(host.toLowerCase())) {
      throw new DroverError('forbidden', `The host ${shown(host)} is not on this bridge's list; add it to hosts`)
    }
  }

  /** @throws {DroverError} `forbidden` */
  checkOrigin(origin: string): void {
    if (!this.isAllowed(origin)) {
      throw new DroverError('forbidden', `The origin ${shown(origin)} is not on this bridge's list; add it to origins`)
    }
  }

  /** Whether pages of that origin may use the bridge: its own, and those that were listed. */
  isAllowed(origin: string): boolean {
    return this.#origins.has(origin)
  }

  /** Whether answers may be read by pages of that origin: those that were listed, and are not its own. */
  isListed(origin: string): boolean {
    return this.#others.has(origin)
  }
}

/** Whether only this machine can reach it. */
export const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '::1' || hostname === '[::1]' || /^127(\.[0-9]{1,3}){3}$/.test(hostname)

const shown = (text: string | undefined): string => (text === undefined ? '(none)' : JSON.stringify(text.slice(0, 200)))
