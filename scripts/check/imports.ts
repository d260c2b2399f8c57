/**
 * Proves that imports point one way, that runtimes are named only in the files named after one, and brokers only in the
 * dialects; and that all rooms ask only their ports for time and chance, and the browser's for network and disk (docs/design.md,
 * section 7). Circles are found by Biome. dependency-cruiser, which would know the directions too, reads TypeScript with its
 * compiler before 7, or with swc without `using`; we have neither.
 *
 *     node scripts/check/imports.ts
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { posix } from 'node:path'
import { lineAt, readSource } from './source.ts'

/**
 * The folders that each room may import besides itself (docs/architecture.md, section 1); with a folder, all in it. The rooms
 * that are not here may import anything. `shared` is the files in it, not its folders.
 */
export const mayImport: Readonly<Record<string, readonly string[]>> = {
  'shared/contract': [],
  shared: ['shared/contract'],
  'shared/frames': ['shared/contract', 'shared'],
  'shared/seal': ['shared/contract', 'shared'],
  'shared/stomp': ['shared/contract', 'shared'],
  'shared/master': ['shared/contract', 'shared', 'shared/seal', 'shared/stomp'],
  worker: ['shared/'],
  browser: ['shared/'],
  broker: ['shared/'],
  bridge: ['shared/', 'broker'],
}
const runtimeFile = /(^|\/)(node|deno|bun|cloudflare)([-.][^/]*)?\.ts$|\/(node|deno|bun|cloudflare)\//
const runtimePackage = /^(node:|bun:|jsr:|npm:|ws$|@hono\/node-server|cloudflare:)/
const runtimeGlobal = /(?<![\w.$#'"`-])(Deno|Bun|process|Buffer)\./g
/** The globals that come as ports: `shared/clock.ts` and `shared/random-id.ts` are the real ones. */
const portGlobal =
  /(?<![\w.$#'"`-])(setTimeout|setInterval|Date\.now|performance\.now|Math\.random|crypto\.(randomUUID|getRandomValues))\b/g
/** Files that join the real parts, or stand in for them in tests, have the real ones. */
const realPorts = /^shared\/(clock|random-id|stomp\/connect|seal\/jose|seal\/new-key)\.ts$|[/-]testing\.ts$/
/** The network and disk of a page. IndexedDB has no name here: `browser/storage/` reaches it by a package. */
const pageGlobal =
  /(?<![\w.$#'"`-])(fetch|localStorage|sessionStorage|indexedDB|navigator\.locks|AbortSignal\.timeout)\b/g
const pagePorts = 'browser/platform.ts'
const brokerName = /activemq|artemis|rabbitmq/gi
const dialects = 'shared/stomp/dialects/'

/** `drover/contract` → `shared/contract/mod.ts`, from the package's own exports. */
export type SelfExports = ReadonlyMap<string, string>

/**
 * Checks one file.
 * @param path from the root of the repository, with `/`
 * @param self where the package's own names lead
 * @returns a sentence for each fault; none for tests, which may do anything
 */
export function importFaults(path: string, text: string, self: SelfExports = new Map()): string[] {
  const room = roomOf(path)
  const allowed = mayImport[room]
  if (allowed === undefined || path.endsWith('.test.ts')) return []
  const { imports, code } = readSource(path, text)
  const isRuntimeFile = runtimeFile.test(path)
  const faults: string[] = []
  for (const { specifier, line } of imports) {
    const target = roomOf(resolve(path, specifier, self))
    const isAllowed = allowed.some(one => (one.endsWith('/') ? `${target}/`.startsWith(one) : one === target))
    if (target !== room && target !== '' && !isAllowed) {
      const may = allowed.length === 0 ? 'imports nothing above it' : `may import only ${allowed.join(', ')}`
      faults.push(`${path}:${line} imports "${specifier}" of ${target}: ${room} ${may}`)
    }
    if (!isRuntimeFile && runtimePackage.test(specifier)) {
      faults.push(`${path}:${line} imports "${specifier}": only files named after a runtime may`)
    }
  }
  for (const [pattern, isAllowed, where] of [
    [runtimeGlobal, isRuntimeFile, 'only files named after a runtime may'],
    [portGlobal, isRuntimeFile || realPorts.test(path), 'it comes as a port, such as the clock'],
    [pageGlobal, room !== 'browser' || path === pagePorts, `it comes as a port, from ${pagePorts}`],
    [brokerName, path.startsWith(dialects), `only ${dialects} may`],
  ] as const) {
    if (isAllowed) continue
    for (const found of code.matchAll(pattern)) {
      faults.push(`${path}:${lineAt(code, found.index)} names "${found[0]}": ${where}`)
    }
  }
  return faults
}

/** The folder at the top, or the one in it that has a rule of its own; '' at the root. */
function roomOf(path: string): string {
  const [top = '', folder = '', ...rest] = path.split('/')
  if (folder === '') return ''
  return rest.length > 0 && `${top}/${folder}` in mayImport ? `${top}/${folder}` : top
}

/** Where an import leads, from the root; '' for packages. */
function resolve(from: string, specifier: string, self: SelfExports): string {
  if (specifier.startsWith('.')) return posix.join(posix.dirname(from), specifier)
  return self.get(specifier) ?? ''
}

/** Reads `exports` of a package.json; of conditions any one tells the layer. */
export function selfExports(packageJson: { name: string; exports?: Record<string, unknown> }): SelfExports {
  const firstPath = (entry: unknown): string =>
    typeof entry === 'string' ? entry : firstPath(Object.values(entry as Record<string, unknown>)[0])
  const entries = Object.entries(packageJson.exports ?? {})
  return new Map(
    entries.map(([name, entry]) => [posix.join(packageJson.name, name), posix.normalize(firstPath(entry))]),
  )
}

/**
 * The repository's files, new ones included and ignored ones not, from its root.
 * @param patterns as Git takes them
 */
export function repositoryFiles(...patterns: string[]): string[] {
  const args = ['ls-files', '--cached', '--others', '--exclude-standard', ...patterns]
  return execFileSync('git', args, { encoding: 'utf8' })
    .split('\n')
    .filter(path => path !== '' && existsSync(path))
}

if (import.meta.main) {
  const self = selfExports(JSON.parse(readFileSync('package.json', 'utf8')))
  const faults = repositoryFiles('*.ts').flatMap(path => importFaults(path, readFileSync(path, 'utf8'), self))
  for (const fault of faults) console.error(fault)
  process.exitCode = faults.length === 0 ? 0 : 1
}
