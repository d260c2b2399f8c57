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
  /** Most bytes by gzip: as the bridge serves it in `/drover.js`, and as Vite bundles the package for somebody's own page. */
  readonly ceilings: { readonly served: number; readonly bundled: number }
}

const kib = (n: number): number => Math.round(n * 1024)

const bundles: readonly Bundle[] = [
  {
    name: 'headless master',
    source: "export { createMaster } from '/shared/master/mod.ts'",
    ceilings: { served: kib(47.9), bundled: kib(47.9) },
  },
  {
    name: 'one widget with its master',
    source: "import '/browser/master/define.ts'; import '/browser/workers/define.ts'",
    ceilings: { served: kib(71.3), bundled: kib(71.7) },
  },
  {
    name: 'everything',
    source: "export * from '/browser/define.ts'",
    ceilings: { served: kib(104.3), bundled: kib(105.4) },
  },
]

/** @returns bytes by gzip */
async function measure({ source }: Bundle, as: 'served' | 'bundled'): Promise<number> {
  const entry: Plugin = {
    name: 'entry',
    resolveId: id => (id === 'entry' ? '\0entry' : undefined),
    load: id => (id === '\0entry' ? source : undefined),
  }
  const ours = { configFile: 'vite.config.ts', mode: 'all' }
  const result = (await build({
    ...(as === 'served' ? ours : { configFile: false, logLevel: 'warn' }),
    plugins: [entry],
    build: { write: false, rolldownOptions: { input: 'entry', preserveEntrySignatures: 'strict' } },
  })) as Rollup.RollupOutput
  const code = result.output.flatMap(output => (output.type === 'chunk' ? [output.code] : [])).join('')
  return gzipSync(code, { level: 9 }).length
}

const shown = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`

if (import.meta.main) {
  for (const bundle of bundles) {
    for (const as of ['served', 'bundled'] as const) {
      const bytes = await measure(bundle, as)
      const ceiling = bundle.ceilings[as]
      const line = `${bundle.name}, ${as}: ${shown(bytes)} (ceiling ${shown(ceiling)})`
      if (bytes <= ceiling) console.log(line)
      else {
        console.error(`${line}: too large`)
        process.exitCode = 1
      }
    }
  }
}
