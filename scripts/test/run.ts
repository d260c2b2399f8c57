/**
 * Runs everything: prepares the needs of tests, the static checks, Vitest, Deno's tests. The last line counts them all.
 *
 *     npm test                    everything
 *     npm test -- bridge/relay    the tests under those paths, or with whatever else Vitest takes
 *     npm run check               the static checks alone
 *
 * Exits with 1 on any failure, and with CI=true on any skip.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join, relative } from 'node:path'
import { isBrowserStale } from '../build/browser.ts'
import { repositoryFiles } from '../check/imports.ts'
import { runChecks, staticChecks } from './checks.ts'
import { run } from './commands.ts'
import { needs } from './needs.ts'
import { prepare } from './prepare.ts'
import { writePrepared } from './prepared.ts'
import { afterSecondTry, filesToTryAgain, unsteady } from './second-try.ts'
import { type Tally, tallyDeno, tallyLine, tallyVitest, total, type VitestReport } from './tally.ts'
import { uncaughtFile } from './uncaught.ts'

const reportFile = '.test-results/vitest.json'
/** Hundreds of Node processes load the same files: each is compiled once a run. */
const compiled = {
  NODE_COMPILE_CACHE:
    process.env.NODE_COMPILE_CACHE ?? join(import.meta.dirname, '../../node_modules/.cache/drover/compiled'),
}
const heading = (title: string): void => console.log(`\n=== ${title}`)

async function prepared(): Promise<Tally> {
  heading('Needs of the tests')
  const startedAt = performance.now()
  const missing = await prepare(line => console.log(`  ${line}`))
  writePrepared(missing)
  const skipped = needs.filter(need => !need.isOptional && missing[need.name] !== undefined)
  const there = needs.filter(need => missing[need.name] === undefined).map(need => need.title)
  console.log(`  there: ${there.join(', ') || 'nothing'} (${seconds(startedAt)})`)
  return { passed: 0, failed: 0, skipped: skipped.length }
}

async function checked(): Promise<Tally> {
  heading('Static checks')
  const outputs: string[] = []
  const { passed, failed } = await runChecks(staticChecks(), (check, { isOk, output }) => {
    console.log(`  ${isOk ? '✓' : '✗'} ${check.title}`)
    if (!isOk) outputs.push(`--- ${check.title}: ${check.command.slice(0, 4).join(' ')}\n${output.trim()}`)
  })
  if (outputs.length > 0) console.log(`\n${outputs.join('\n\n')}`)
  return { passed, failed, skipped: 0 }
}

/** Once, where several test files would at the same time. A test that needs it tries again, and tells the failure. */
async function buildPage(): Promise<void> {
  const root = join(import.meta.dirname, '../..')
  if (await isBrowserStale(root)) await run([process.execPath, join(root, 'scripts/build/browser.ts')])
}

async function vitest(args: readonly string[]): Promise<Tally> {
  heading('Vitest')
  const first = await runVitest(args)
  const isWhole = args.length === 0
  const files = first.report === undefined || !isWhole ? [] : filesToTryAgain(first.report)
  if (first.report === undefined || files.length === 0) return tallyVitest(first.report, first.isOk)
  heading('Second try, alone')
  const second = await runVitest([...files, '--maxWorkers=1'])
  if (second.report === undefined) return tallyVitest(first.report, first.isOk)
  const names = unsteady(first.report, second.report)
  if (names.length > 0) console.log('\nFailed beside the others, and passed alone; each is a fault to mend:')
  for (const name of names) console.log(`  ${relative(process.cwd(), name)}`)
  return tallyVitest(afterSecondTry(first.report, second.report), second.isOk)
}

async function runVitest(args: readonly string[]): Promise<{ report: VitestReport | undefined; isOk: boolean }> {
  for (const file of [reportFile, uncaughtFile]) rmSync(file, { force: true })
  mkdirSync('.test-results', { recursive: true })
  const uncaught = `--reporter=${join(import.meta.dirname, 'uncaught.ts')}`
  const reporters = ['--reporter=default', uncaught, '--reporter=json', `--outputFile.json=${reportFile}`]
  const child = spawn('vitest', ['run', ...reporters, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...compiled },
  })
  const [status] = await once(child, 'close')
  return { report: readReport(), isOk: status === 0 }
}

function readReport(): VitestReport | undefined {
  try {
    const numUncaught = Number(readFileSync(uncaughtFile, 'utf8'))
    return { ...(JSON.parse(readFileSync(reportFile, 'utf8')) as VitestReport), numUncaught }
  } catch {
    return undefined
  }
}

async function deno(paths: readonly string[]): Promise<Tally> {
  const files = repositoryFiles('*.ts')
    .filter(path => path.endsWith('.deno.test.ts'))
    .filter(path => paths.length === 0 || paths.some(wanted => path.includes(wanted)))
  if (files.length === 0) return { passed: 0, failed: 0, skipped: 0 }
  heading('Deno')
  const { isOk, output } = await run(['deno', 'test', '--allow-all', '--no-check', '--no-prompt', ...files], {
    env: { NO_COLOR: '1' },
    onOutput: text => process.stdout.write(text),
  })
  return tallyDeno(output, isOk)
}

const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`

const startedAt = performance.now()
const args = process.argv.slice(2)
const tallies: Tally[] = []
if (args.includes('--static')) {
  tallies.push(await checked())
} else {
  tallies.push(await prepared())
  if (args.length === 0) {
    await buildPage()
    tallies.push(await checked())
  }
  tallies.push(await vitest(args))
  tallies.push(await deno(args.filter(arg => !arg.startsWith('-'))))
}
const sum = total(tallies)
const isCI = process.env.CI === 'true'
if (isCI && sum.skipped > 0)
  console.log('\nWith CI=true a skipped test is a failure; the skipped ones are named above.')
console.log(`\nTook ${seconds(startedAt)}.\n${tallyLine(sum)}`)
process.exitCode = sum.failed > 0 || (isCI && sum.skipped > 0) ? 1 : 0
