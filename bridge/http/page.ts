/**
 * The page at `/` and, for other sites, the widgets: files that `npm run build` makes, read once and kept.
 * The page's policy allows no inline script or style, no eval, no plain strings as markup, and nothing from elsewhere.
 * Design sections 6 and 7.
 */
import type { Context } from 'hono'
import { accepts } from 'hono/accepts'
import { startPage, startPageCss, startPageHeaders } from './start-page.ts'

export interface PageFile {
  /** From the root: `/index.html`, `/assets/…`, `/drover.js`, `/drover/…`; with `.br` and `.gz` behind it the same, compressed. */
  readonly path: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Reads the build; empty when there is none. */
export type ReadPageFiles = () => Promise<readonly PageFile[]>

/** Whether it is for pages of every origin: the loader of the widgets, its modules, and all of them in one file. */
export const isForEveryOrigin = (path: string): boolean => /^\/drover(?:\.all)?\.js$|^\/drover\//.test(path)

/** Content codings, the smallest first, and how the names of files in them end. RFC 9110 section 8.4.1. */
type Coding = 'br' | 'gzip' | 'identity'
const codings: readonly (readonly [Coding, string])[] = [
  ['br', '.br'],
  ['gzip', '.gz'],
  ['identity', ''],
]

interface Coded {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly etag: string
}

interface Served {
  readonly byCoding: ReadonlyMap<Coding, Coded>
  readonly headers: Readonly<Record<string, string>>
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css; charset=utf-8',
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  json: 'application/json',
  png: 'image/png',
  svg: 'image/svg+xml',
}

/** Answers `GET` for the page's files, to who asked by a host. */
export function createPage(read: ReadPageFiles): (context: Context, host: string) => Promise<Response | undefined> {
  let reading: Promise<ReadonlyMap<string, Served>> | undefined
  const files = async (): Promise<ReadonlyMap<string, Served>> => {
    reading ??= load(read)
    const found = await reading.catch(() => new Map<string, Served>())
    if (found.size === 0) reading = undefined // it may be built while the bridge runs
    return found
  }
  return async (context, host): Promise<Response | undefined> => {
    const path = context.req.path === '/' ? '/index.html' : context.req.path
    const found = (await files()).get(path)
    if (found === undefined) return await withoutBuild(context)
    for (const [name, value] of Object.entries(found.headers)) context.header(name, value)
    if (path === '/index.html') context.header('content-security-policy', policyFor(host))
    const coding = chooseCoding(context, found)
    const { bytes, etag } = found.byCoding.get(coding)!
    context.header('etag', etag)
    if (context.req.header('if-none-match') === etag) return context.body(null, 304)
    if (coding !== 'identity') context.header('content-encoding', coding)
    return context.body(bytes)
  }
}

/** The smallest that the other side takes. RFC 9110 section 12.5.3. */
function chooseCoding(context: Context, { byCoding }: Served): Coding {
  const supports = [...byCoding.keys()]
  if (supports.length === 1) return 'identity'
  return accepts(context, {
    header: 'Accept-Encoding',
    supports,
    default: 'identity',
    match: taken => supports.find(coding => taken.some(({ type, q }) => type === coding && q > 0)) ?? 'identity',
  }) as Coding
}

/** Everything is the page's own; of trusted types, Lit's templates and no others. */
function policyFor(host: string): string {
  // Not every browser counts WebSockets as 'self'. The host was checked against the list.
  const sockets = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : ''
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src 'self'${sockets}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types lit-html',
  ].join('; ')
}

async function load(read: ReadPageFiles): Promise<ReadonlyMap<string, Served>> {
  const files = new Map((await read()).map(({ path, bytes }) => [path, bytes]))
  const served = new Map<string, Served>()
  for (const path of files.keys()) {
    if (codings.some(([, end]) => end !== '' && path.endsWith(end) && files.has(path.slice(0, -end.length)))) continue
    const byCoding = new Map<Coding, Coded>()
    for (const [coding, end] of codings) {
      const bytes = files.get(path + end)
      if (bytes !== undefined) byCoding.set(coding, { bytes, etag: await etagOf(bytes) })
    }
    served.set(path, { byCoding, headers: headersOf(path, byCoding.size > 1) })
  }
  return served
}

async function etagOf(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return `"${Array.from(hash.subarray(0, 12), byte => byte.toString(16).padStart(2, '0')).join('')}"`
}

function headersOf(path: string, isInSeveralCodings: boolean): Record<string, string> {
  const headers: Record<string, string> = {
    ...(isInSeveralCodings ? { vary: 'accept-encoding' } : {}),
    'content-type': types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream',
    'cache-control': 'no-cache',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
  }
  if (path === '/index.html') {
    headers['cross-origin-opener-policy'] = 'same-origin'
    headers['permissions-policy'] = 'camera=(), geolocation=(), microphone=(), payment=()'
  }
  // The names of assets hold a hash of their content.
  if (/^\/(?:assets|drover)\//.test(path)) headers['cache-control'] = 'public, max-age=31536000, immutable'
  // The loader is asked for again each time: an older one would look for modules that are there no more.
  if (path === '/drover.all.js') headers['cache-control'] = 'public, max-age=300, stale-while-revalidate=86400'
  if (isForEveryOrigin(path)) {
    headers['access-control-allow-origin'] = '*'
    headers['cross-origin-resource-policy'] = 'cross-origin'
  }
  return headers
}

/** Run from a checkout that was not built. */
async function withoutBuild(context: Context): Promise<Response | undefined> {
  if (context.req.path === '/') return context.html(startPage, 200, { ...startPageHeaders })
  if (context.req.path === '/start-page.css') {
    return context.body(startPageCss, 200, { 'content-type': 'text/css; charset=utf-8' })
  }
  return undefined
}
