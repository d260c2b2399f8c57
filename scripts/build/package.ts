/**
 * Builds the published package into `dist/`: JavaScript and declarations of every layer, the page, the widgets as a bridge
 * serves them, their manifest, and a package.json whose exports lead there. `npm publish ./dist` publishes it.
 *
 *     node scripts/build/package.ts
 */
import { execFileSync } from 'node:child_process'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { manifestConfig } from '../docs/manifest.ts'
import { buildBrowser } from './browser.ts'

type Entry = string | { readonly [condition: string]: Entry }

interface PackageJson {
  readonly [field: string]: unknown
  readonly sideEffects: readonly string[]
  readonly exports: Readonly<Record<string, Entry>>
  readonly bin: Readonly<Record<string, string>>
}

/** Fields that only a checkout has a use for. */
const checkoutOnly = ['private', 'scripts', 'devDependencies', 'overrides', 'allowScripts']
/** Files that go along as they are. */
export const copied: readonly string[] = [
  'README.md',
  'LICENSE',
  'docs',
  'examples/activemq',
  'examples/files',
  'examples/host-page',
  'examples/plain-stomp',
  'test/support/brokers',
]

/** For those who change Drover: it leads to sources, which are not published. */
export const forContributors: readonly string[] = ['docs/architecture.md']

const compiled = (path: string): string => path.replace(/\.ts$/, '.js')

/** A source becomes its JavaScript, with its declarations beside it. */
function compiledEntry(entry: Entry): Entry {
  if (typeof entry !== 'string') {
    return Object.fromEntries(Object.entries(entry).map(([condition, inner]) => [condition, compiledEntry(inner)]))
  }
  return entry.endsWith('.ts') ? { types: entry.replace(/\.ts$/, '.d.ts'), default: compiled(entry) } : entry
}

/** The published package.json. */
export function publishedPackage(source: PackageJson): Record<string, unknown> {
  const kept = Object.entries(source).filter(([field]) => !checkoutOnly.includes(field))
  const bin = Object.entries(source.bin).map(([name, path]) => [name, compiled(path)])
  const exports = Object.entries(source.exports).map(([name, entry]) => [name, compiledEntry(entry)])
  return {
    ...Object.fromEntries(kept),
    sideEffects: source.sideEffects.map(compiled),
    exports: {
      ...Object.fromEntries(exports),
      './drover.js': './widgets/drover.js',
      './drover.all.js': './widgets/drover.all.js',
      './custom-elements.json': './custom-elements.json',
    },
    bin: Object.fromEntries(bin),
    customElements: './custom-elements.json',
  }
}

/** The deno.json of the published package: the same entries, compiled. */
export function publishedDenoConfig(source: {
  readonly imports: Readonly<Record<string, string>>
}): Record<string, unknown> {
  // Its own entries; the packages among them are those of a checkout under Deno
  const own = Object.entries(source.imports).filter(([, path]) => path.startsWith('./'))
  const imports = Object.fromEntries(own.map(([name, path]) => [name, compiled(path)]))
  return { nodeModulesDir: 'manual', lock: false, imports }
}

async function buildPackage(root: string): Promise<void> {
  await buildBrowser(root)
  runNode(root, '@custom-elements-manifest/analyzer/cem.js', 'analyze', '--config', manifestConfig, '--quiet')
  await writePackage(root, join(root, 'dist'))
}

/** Writes all but the bundles: JavaScript, declarations, package.json and the copied files. */
export async function writePackage(root: string, dist: string): Promise<void> {
  runNode(root, 'typescript/bin/tsc', '-p', 'tsconfig.build.json', '--outDir', dist)
  const source = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as PackageJson
  await writeFile(join(dist, 'package.json'), `${JSON.stringify(publishedPackage(source), null, 2)}\n`)
  const deno = JSON.parse(await readFile(join(root, 'deno.json'), 'utf8')) as Parameters<typeof publishedDenoConfig>[0]
  await writeFile(join(dist, 'deno.json'), `${JSON.stringify(publishedDenoConfig(deno), null, 2)}\n`)
  const isPublished = (path: string): boolean => !forContributors.includes(relative(root, path))
  for (const path of copied) {
    await cp(join(root, path), join(dist, path), { recursive: true, force: true, filter: isPublished }).catch(error => {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    })
  }
}

function runNode(root: string, script: string, ...args: string[]): void {
  execFileSync(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root, stdio: 'inherit' })
}

if (import.meta.main) await buildPackage(resolve(import.meta.dirname, '../..'))
