/**
 * Proves that what a page downloads has not grown: each bundle, minified and compressed by gzip, is within its ceiling. A
 * ceiling rises only in the commit that needs it, which says why; it falls whenever it can.
 *
 *     node scripts/check/sizes.ts
 */
import { gzipSync } from 'node:zlib'
import type { Plugin, Rollup } from 'vite'
import { build } from 'vite'

interface Bundle {
  readonly name: string
  /** What a page would write. */
  readonly source: string
  /** Bytes by gzip. */
  readonly ceiling: number
  /** What issue 4 wants in the end, in bytes. */
  readonly target: number
}

const kib = (n: number): number => Math.round(n * 1024)

const bundles: readonly Bundle[] = [
  {
    name: 'headless master',
    source: "export { createMaster } from '/shared/master/mod.ts'",
    ceiling: kib(23.2),
    target: kib(15),
  },
  {
    name: 'one widget with its master',
    source: "import '/browser/master/define.ts'; import '/browser/workers/define.ts'",
    ceiling: kib(43.2),
    target: kib(22),
  },
  { name: 'everything', source: "export * from '/browser/define.ts'", ceiling: kib(72.7), target: kib(48) },
]

/** Bundles as `/drover.js` is made. @returns bytes by gzip */
async function measure({ source }: Bundle): Promise<number> {
  const entry: Plugin = {
    name: 'entry',
    resolveId: id => (id === 'entry' ? '\0entry' : undefined),
    load: id => (id === '\0entry' ? source : undefined),
  }
  const result = (await build({
    configFile: 'vite.config.ts',
    mode: 'library',
    plugins: [entry],
    build: { write: false, rolldownOptions: { input: 'entry' } },
  })) as Rollup.RollupOutput
  const code = result.output.flatMap(output => (output.type === 'chunk' ? [output.code] : [])).join('')
  return gzipSync(code, { level: 9 }).length
}

const shown = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`

if (import.meta.main) {
  for (const bundle of bundles) {
    const bytes = await measure(bundle)
    const { name, ceiling, target } = bundle
    const isOver = bytes > ceiling
    const line = `${name}: ${shown(bytes)} (ceiling ${shown(ceiling)}, wanted ${shown(target)})`
    if (isOver) console.error(`${line}: too large`)
    else console.log(line)
    if (isOver) process.exitCode = 1
  }
}
