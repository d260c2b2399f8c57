/** `npm run soak`: a bridge for half an hour, whose sessions come, go, renew and are revoked. docs/operations.md has the figures. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Command, Option } from 'commander'
import { asDuration } from '../../cli/duration.ts'
import { wholeNumber } from '../../cli/whole-number.ts'
import { needs } from '../../scripts/test/needs.ts'
import { formatDuration } from '../../shared/duration.ts'
import { problemsOf, summaryOf, tableHead, tableRow } from './report.ts'
import { runSoak, type SoakOptions } from './soak.ts'

interface Options {
  readonly duration: number
  readonly broker: SoakOptions['broker']
  readonly seed: number
}

const command = new Command('npm run soak --')
  .description(
    'A real bridge, with masters and workers that stay, and sessions that come, go, renew, are cut and are revoked. The broker is ' +
      'killed with -9 each few minutes. Memory, handles and errors are told at the start, each minute, and at the end.',
  )
  .addOption(
    new Option('--duration <time>', 'such as 30m').env('DURATION').default(1_800_000, '30m').argParser(asDuration),
  )
  .addOption(
    new Option('--broker <name>', 'stored: the embedded one as a process of its own')
      .default('classic')
      .choices(['classic', 'stored']),
  )
  .addOption(
    new Option('--seed <number>', 'draws who comes when').env('SEED').default(1).argParser(wholeNumber(0, 0xffff_ffff)),
  )
  .showHelpAfterError('(--help shows the options)')
  .addHelpText('after', '\nExits with 1 when something grew, was lost or went wrong, with 2 for a bad option.')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))

const { duration, broker, seed } = command.parse().opts<Options>()
const need = needs.find(({ name }) => name === broker)
if (need !== undefined && !(await need.isThere())) {
  command.error(`error: ${need.title} is not there; ${need.command}`)
}
const folder = mkdtempSync(join(tmpdir(), 'drover-soak-'))
process.env.TMPDIR = folder
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interrupt.abort(new Error(`ended by ${signal}`)))
}

console.log(
  `A soak of ${formatDuration(duration)} on ${broker} (seed ${seed}). Memory is in MiB, garbage collected.\n${tableHead}`,
)
const report = await runSoak({
  broker,
  durationMs: duration,
  killEveryMs: 180_000,
  jobsPerSecond: 10,
  visitsPerSecond: 5,
  seed,
  folder,
  sampleEveryMs: Math.max(1_000, Math.min(60_000, duration / 10)),
  say: line => console.log(`<!-- ${line} -->`),
  onSample: sample => console.log(tableRow(sample)),
  signal: interrupt.signal,
})
const problems = problemsOf(report)
console.log(`\nAt rest, at the start and at the end:\n${tableHead}\n${tableRow(report.start)}\n${tableRow(report.end)}`)
for (const line of [...summaryOf(report), ...problems.map(problem => `BROKEN: ${problem}`)]) console.log(line)
console.log(
  problems.length === 0
    ? 'PASS: nothing grew, and no job was lost'
    : `FAIL: ${problems.length} things are not as they should be`,
)
process.exit(problems.length === 0 ? 0 : 1)
