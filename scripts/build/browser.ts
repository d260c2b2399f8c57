/**
 * Builds the files that a browser loads: `dist/page`, and in `dist/widgets` those for other sites, `drover.js` with its
 * modules and `drover.all.js`. Each folder is built aside and then put in place by renaming, so that a bridge never serves
 * half of one, and two builds at once do no harm.
 */
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { brotliCompressSync, gzipSync } from 'node:zlib'

/** The sources of the builds. */
const sources = ['browser', 'shared', 'scripts/build', 'vite.config.ts', 'package-lock.json']

/** Whether it is older than the sources tells how old the build is. */
const stamp = 'dist/widgets/drover.js'

/**
 * Builds both.
 * @param root of the checkout
 */
export async function buildBrowser(root: string): Promise<void> {
  const startedAt = new Date()
  const { build } = await import('vite')
  const aside = join(root, 'dist', `.building-${process.pid}`)
  const configFile = join(root, 'vite.config.ts')
  const from = process.cwd()
  const environment = process.env.NODE_ENV
  try {
    process.chdir(root)
    // Vite takes the packages' development builds where this says another, as it does in tests
    process.env.NODE_ENV = 'production'
    await build({ configFile, mode: 'production', build: { outDir: join(aside, 'page') } })
    for (const mode of ['loader', 'all']) {
      await build({ configFile, mode, build: { outDir: join(aside, 'widgets'), emptyOutDir: false } })
    }
    await compressAll(aside)
    await mkdir(join(root, 'dist'), { recursive: true })
    for (const folder of ['page', 'widgets']) {
      await replaceFolder(join(aside, folder), join(root, 'dist', folder), join(aside, `old-${folder}`))
    }
    await utimes(join(root, stamp), startedAt, startedAt)
  } finally {
    process.chdir(from)
    if (environment === undefined) delete process.env.NODE_ENV
    else process.env.NODE_ENV = environment
    await rm(aside, { recursive: true, force: true })
  }
}

/** Builds both where a source is newer than they are. */
export async function refreshBrowser(root: string): Promise<void> {
  if (await isBrowserStale(root)) await buildBrowser(root)
}

/** Whether there is no build, or a source is newer than it. */
export async function isBrowserStale(root: string): Promise<boolean> {
  const built = join(root, stamp)
  if (!existsSync(built) || !existsSync(join(root, 'dist/page/index.html'))) return true
  const { mtimeMs } = await stat(built)
  for (const source of sources) if ((await newestOf(join(root, source))) > mtimeMs) return true
  return false
}

async function newestOf(path: string): Promise<number> {
  const { mtimeMs } = await stat(path)
  const entries = await readdir(path, { recursive: true, withFileTypes: true }).catch(() => [])
  const files = entries.filter(entry => entry.isFile() && !entry.name.endsWith('.test.ts'))
  const times = await Promise.all(
    files.map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).mtimeMs),
  )
  return Math.max(mtimeMs, ...times)
}

/** Lays each text file beside itself as `.br` and `.gz`, as small as they get: a bridge serves them as they are. */
async function compressAll(folder: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = entries.filter(entry => entry.isFile() && /\.(?:js|css|html|svg)$/.test(entry.name))
  for (const { parentPath, name } of texts) {
    const file = join(parentPath, name)
    const text = await readFile(file)
    await writeFile(`${file}.br`, brotliCompressSync(text))
    await writeFile(`${file}.gz`, gzipSync(text, { level: 9 }))
  }
}

async function replaceFolder(fresh: string, place: string, old: string): Promise<void> {
  if (existsSync(place)) await rename(place, old)
  await rename(fresh, place)
}

if (import.meta.main) await buildBrowser(resolve(import.meta.dirname, '../..'))
