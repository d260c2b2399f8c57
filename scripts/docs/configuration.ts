/**
 * Makes docs/configuration.md from the schema of the settings.
 *
 *     node scripts/docs/configuration.ts            writes it
 *     node scripts/docs/configuration.ts --check    fails when it is not up to date
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { configurationPage } from './configuration-page.ts'

const file = 'docs/configuration.md'
const page = configurationPage()
if (!process.argv.includes('--check')) writeFileSync(file, page)
else if (readFileSync(file, 'utf8') !== page) {
  console.error(`${file} is not as cli/config/schema.ts says; run "node scripts/docs/configuration.ts"`)
  process.exitCode = 1
}
