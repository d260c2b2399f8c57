/**
 * Proves that a page does not download more than it did: from a bridge, and from Vite where it bundles the package for
 * somebody's own page. Each file is compressed by itself, as it travels. A ceiling rises only in the commit that needs it,
 * which says why; it falls whenever it can.
 *
 *     node scripts/check/sizes.ts
 */
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { build, type InlineConfig, type Plugin, type Rollup } from 'vite'

interface Page {
  readonly name: string
  /** In KiB, the most: by gzip and by brotli. */
  readonly most: readonly [gzip: number, brotli: number]
}
interface Size {
  readonly gzip: number
  readonly brotli: number
  readonly requests: number
}

/** Pages with these tags, and `/drover.js` of a bridge. */
const loaded: readonly (Page & { readonly widgets: readonly string[] })[] = [
  { name: '/drover.js alone', widgets: [], most: [1, 0.9] },
  { name: 'one widget with its master', widgets: ['master', 'workers'], most: [84.2, 73.8] },
  { name: 'form and list', widgets: ['master', 'form', 'jobs'], most: [111.2, 98.3] },
  { name: 'every widget', widgets: ['master', 'form', 'jobs', 'job', 'workers'], most: [124.6, 110.2] },
]

/** The modules that a page imports by a bundler. */
const bundled: readonly (Page & { readonly source: string })[] = [
  { name: 'headless master', source: "export { createMaster } from '/shared/master/mod.ts'", most: [60.1, 53.4] },
  {
    name: 'one widget with its master',
    source: "import '/browser/master/define.ts'; import '/browser/workers/define.ts'",
    most: [84.9, 74.4],
  },
  { name: 'everything', source: "export * from '/browser/define.ts'", most: [123.9, 106.9] },
]

async function chunksOf(config: InlineConfig): Promise<readonly Rollup.OutputChunk[]> {
  const built = (await build(config)) as Rollup.RollupOutput | Rollup.RollupOutput[]
  return [built].flat().flatMap(({ output }) => output.filter(one => one.type === 'chunk'))
}

const byConfig = (mode: string): Promise<readonly Rollup.OutputChunk[]> =>
  chunksOf({ configFile: 'vite.config.ts', mode, build: { write: false } })

/** As the package is bundled for somebody's own page. */
function byBundler(source: string): Promise<readonly Rollup.OutputChunk[]> {
  const entry: Plugin = {
    name: 'entry',
    resolveId: id => (id === 'entry' ? '\0entry' : undefined),
    load: id => (id === '\0entry' ? source : undefined),
  }
  return chunksOf({
    configFile: false,
    logLevel: 'warn',
    plugins: [entry],
    build: { write: false, rolldownOptions: { input: 'entry', preserveEntrySignatures: 'strict' } },
  })
}

/** The first file, those of the widgets, and their imports: all that is fetched without a seal. */
function fetched(
  chunks: readonly Rollup.OutputChunk[],
  widgets: readonly string[] = [],
): readonly Rollup.OutputChunk[] {
  const byName = new Map(chunks.map(chunk => [chunk.fileName, chunk]))
  const found = new Set(chunks.filter(({ isEntry, name }) => isEntry || widgets.includes(name)))
  for (const { imports } of found) for (const name of imports) found.add(byName.get(name)!)
  return [...found]
}

function measure(chunks: readonly Rollup.OutputChunk[]): Size {
  const sum = (compress: (code: string) => Buffer): number =>
    chunks.reduce((bytes, { code }) => bytes + compress(code).length, 0)
  return { gzip: sum(code => gzipSync(code, { level: 9 })), brotli: sum(brotliCompressSync), requests: chunks.length }
}

const shown = (bytes: number): string => (bytes / 1024).toFixed(1)

function judge(how: string, { name, most }: Page, { gzip, brotli, requests }: Size): void {
  const line = `${how}, ${name}: ${shown(gzip)} KiB by gzip (most ${most[0]}), ${shown(brotli)} by brotli (most ${most[1]}), requests: ${requests}`
  if (gzip <= most[0] * 1024 && brotli <= most[1] * 1024) console.log(line)
  else {
    console.error(`${line}: too large`)
    process.exitCode = 1
  }
}

if (import.meta.main) {
  const chunks = await byConfig('loader')
  for (const page of loaded) judge('from a bridge', page, measure(fetched(chunks, page.widgets)))
  judge(
    'from a bridge',
    { name: 'the seal', most: [17.3, 15.7] },
    measure(chunks.filter(({ name }) => name === 'seals')),
  )
  judge('from a bridge', { name: '/drover.all.js', most: [143.5, 123] }, measure(await byConfig('all')))
  judge('from a bridge', { name: 'the page at /', most: [126, 108.2] }, measure(fetched(await byConfig('production'))))
  for (const page of bundled) judge('bundled', page, measure(fetched(await byBundler(page.source))))
}
