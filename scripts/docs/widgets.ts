/**
 * Makes docs/widgets.md from the manifest of the widgets.
 *
 *     node scripts/docs/widgets.ts            writes it
 *     node scripts/docs/widgets.ts --check    fails when it is not up to date
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { makeManifest } from './manifest.ts'
import { readTokens } from './tokens.ts'
import { widgetsPage } from './widgets-page.ts'

const file = 'docs/widgets.md'

mkdirSync('.test-results', { recursive: true })
const sources = globSync('browser/**/*.ts').map(path => readFileSync(path, 'utf8'))
const aliases = sources.flatMap(text => [...text.matchAll(/^export type (\w+) = ('[^\n]*')$/gm)])
const page = widgetsPage(
  await makeManifest(),
  readTokens(readFileSync('browser/look/tokens.ts', 'utf8')),
  new Map(aliases.map(([, name = '', type = '']) => [name, type])),
)
if (!process.argv.includes('--check')) writeFileSync(file, page)
else if (readFileSync(file, 'utf8') !== page) {
  console.error(`${file} is not as browser/ says; run "node scripts/docs/widgets.ts"`)
  process.exitCode = 1
}
