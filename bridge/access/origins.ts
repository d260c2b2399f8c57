/**
 * Which Host and Origin a request may have: a page that another site made, or a name that somebody pointed at this
 * machine, must not reach the bridge with a person's browser. Design section 6.
 */
import { DroverError } from '../../shared/contract/errors.ts'
import { hostInUrl, isLoopback } from '../../shared/hosts.ts'

export interface OriginOptions {
  /** Names by which the bridge is reached besides its own, such as `jobs.example` or `jobs.example:8443`. */
  readonly hosts?: readonly string[] | undefined
  /** Origins of pages that may use it, such as `https://shop.example`, and of apps, such as `capacitor://localhost`, besides its own. */
  readonly origins?: readonly string[] | undefined
}

export class Origins {
  readonly #hosts: Set<string> = new Set()
  readonly #origins: Set<string> = new Set()
  /** Its own, by both schemes. */
  readonly #own: Set<string> = new Set()
  readonly #others: ReadonlySet<string>
  readonly #patterns: readonly OriginPattern[]

  /** @throws {DroverError} `config_invalid` */
  constructor({ hosts = [], origins = [] }: OriginOptions) {
    for (const host of hosts) {
      this.#addHost(readHost(host))
      // Browsers write names in ASCII
      this.#addHost(new URL(`http://${host}`).host)
      // Behind a proxy that is not trusted the page comes by https, and the bridge sees http
      this.#addOwn(host)
      for (const scheme of schemes) this.#origins.add(new URL(`${scheme}://${host}`).origin)
    }
    this.#patterns = origins.filter(isPattern).map(readPattern)
    this.#others = new Set(origins.filter(one => !isPattern(one)).map(readOrigin))
    for (const origin of this.#others) this.#origins.add(origin)
  }

  /** Adds the names of the place where the bridge listens. */
  listensOn(hostname: string, port: number): void {
    const names = isLoopback(hostname) ? ['127.0.0.1', 'localhost', '[::1]'] : [hostname]
    for (const name of names) {
      const bracketed = hostInUrl(name)
      const { host, origin } = new URL(`http://${bracketed}:${port}`)
      this.#addHost(host)
      this.#addHost(`${bracketed}:${port}`)
      this.#origins.add(origin)
      this.#addOwn(`${bracketed}:${port}`)
    }
  }

  /** @throws {DroverError} `forbidden` */
  checkHost(host: string | undefined): void {
    if (host === undefined || !this.#hosts.has(withoutDefaultPort(host.toLowerCase()))) {
      throw new DroverError(
        'forbidden',
        `The host ${shown(host)} is not on this bridge's list; add it to hosts (--hosts)`,
      )
    }
  }

  #addHost(host: string): void {
    this.#hosts.add(withoutDefaultPort(host))
  }

  #addOwn(host: string): void {
    for (const scheme of schemes) this.#own.add(new URL(`${scheme}://${host}`).origin)
  }

  /**
   * @param scheme as `isAllowed`
   * @throws {DroverError} `forbidden`
   */
  checkOrigin(origin: string, scheme?: string): void {
    if (!this.isAllowed(origin, scheme)) {
      throw new DroverError(
        'forbidden',
        `The origin ${shown(origin)} is not on this bridge's list; add it to origins (--origin)`,
      )
    }
  }

  /**
   * Whether pages of that origin may use the bridge: its own, and those that were listed.
   * @param scheme by which the bridge was asked, where that is known: a page of its own that came by http may be anybody's
   */
  isAllowed(origin: string, scheme?: string): boolean {
    if (this.isListed(origin)) return true
    if (scheme === undefined) return this.#origins.has(origin)
    return this.#own.has(origin) && origin.startsWith(`${scheme}://`)
  }

  /** Whether answers may be read by pages of that origin: those that were listed, and are not its own. */
  isListed(origin: string): boolean {
    return this.#others.has(origin) || this.#patterns.some(one => fits(one, origin))
  }
}

const schemes = ['http', 'https'] as const

/** A client may say a default port or leave it out. The bridge behind a proxy does not see by which scheme it came. */
const withoutDefaultPort = (host: string): string => host.replace(/(?<=.):(80|443)$/, '')

const wrong = (message: string): DroverError => new DroverError('config_invalid', message)

/** @throws {DroverError} `config_invalid` */
function readHost(host: string): string {
  checkOne('host', host, 'jobs.example or jobs.example:8443')
  checkListed(host)
  if (!URL.canParse(`http://${host}`) || /[/@?#\\\s]/.test(host)) {
    throw wrong(`"${host}" is not a host; expected such as jobs.example or jobs.example:8443`)
  }
  return host.toLowerCase()
}

/**
 * The origin as a browser sends it: of a web page as `URL` has it, of an app with a scheme of its own as it was given.
 * @throws {DroverError} `config_invalid`
 */
export function readOrigin(given: string): string {
  checkOne('origin', given, 'https://shop.example')
  if (given.toLowerCase() === 'null' || /^(file|data|about|blob):/i.test(given)) {
    throw wrong(
      `The origin "${given}" cannot be listed: pages from files and sandboxes all say "null", so it would let in any of them; serve the page by http or https`,
    )
  }
  const [, scheme = '', authority = '', rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/([^/?#\\@\s]+)(.*)$/i.exec(given) ?? []
  const isPage = /^https?$/i.test(scheme)
  // Of apps only the scheme is sure to be in lower case
  const origin = isPage
    ? (URL.parse(`${scheme}://${authority}`)?.origin ?? '')
    : `${scheme.toLowerCase()}://${authority}`
  if (authority === '' || origin === '' || /^(wss?|ftp)$/i.test(scheme)) {
    throw wrong(`"${given}" is not an origin; expected such as https://shop.example or capacitor://localhost`)
  }
  if (rest !== '' || origin !== (isPage ? given.toLowerCase() : origin)) {
    throw wrong(`"${given}" is not an origin as browsers write it; expected ${origin}`)
  }
  return origin
}

/** Neither is shown back, since the part before an @ may be a password. */
function checkOne(what: string, given: string, example: string): void {
  if (given.includes('@'))
    throw wrong(`Text with an @ is not ${what === 'host' ? 'a' : 'an'} ${what}; expected such as ${example}`)
  if (/^(?!data:).*[,;]/i.test(given))
    throw wrong(`${JSON.stringify(given)} is a list of ${what}s; give each by itself, such as ${example}`)
}

/** No star stands for names: the pages of every one of them would be pages of the bridge. */
function checkListed(host: string): void {
  if (!host.includes('*')) return
  throw wrong(
    `The host "${host}" has a "*", which stands for nothing here; list each host, such as jobs.example or jobs.example:8443`,
  )
}

/** An origin whose first label may be any: `https://` and `.shop.example:8443`. */
interface OriginPattern {
  readonly before: string
  readonly behind: string
}

const isPattern = (given: string): boolean => given.includes('*')

/**
 * Each name that fits gets in. So the star is one label, and those behind it are somebody's own: no single one, such
 * as `com`, and no part of an address.
 * @throws {DroverError} `config_invalid`
 */
function readPattern(given: string): OriginPattern {
  checkOne('origin', given, 'https://*.shop.example')
  const [, before = '', behind = ''] = /^(https?:\/\/)\*((?:\.[^./?#\\@:*\s]+){2,}(?::\d+)?)$/i.exec(given) ?? []
  // As browsers write it; a label of digits at the end would be an address
  const origin = behind === '' ? undefined : URL.parse(`${before}x${behind}`)?.origin
  if (origin === undefined || /\.[0-9]+(?::|$)/.test(behind)) {
    throw wrong(
      `The origin ${JSON.stringify(given)} has a "*" where none can be; it stands for one label at the front, with two labels or more behind it, such as https://*.shop.example`,
    )
  }
  const pattern = { before: before.toLowerCase(), behind: origin.slice(origin.indexOf('x.') + 1) }
  if (`${before}*${behind}`.toLowerCase() !== `${pattern.before}*${pattern.behind}`) {
    throw wrong(`"${given}" is not an origin as browsers write it; expected ${pattern.before}*${pattern.behind}`)
  }
  return pattern
}

const fits = ({ before, behind }: OriginPattern, origin: string): boolean =>
  origin.startsWith(before) &&
  origin.endsWith(behind) &&
  /^[a-z0-9_-]+$/.test(origin.slice(before.length, origin.length - behind.length))

const shown = (text: string | undefined): string => (text === undefined ? '(none)' : JSON.stringify(text.slice(0, 200)))
