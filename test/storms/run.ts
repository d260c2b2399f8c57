/**
 * `npm run storms`: whole storms, one after the other, on each broker and with each fault. docs/promises.md has its table.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { Command, Option } from 'commander'
import { asDuration } from '../../cli/duration.ts'
import { wholeNumber } from '../../cli/whole-number.ts'
import { canFakeTime } from '../../scripts/test/faketime.ts'
import { needs } from '../../scripts/test/needs.ts'
import { formatDuration } from '../../shared/duration.ts'
import { type StormBroker, stormBrokers } from './brokers.ts'
import { faults } from './faults.ts'
import { again, tableHead, tableRow } from './report.ts'
import { whole } from './sizes.ts'
import { type Report, runStorm } from './storm.ts'

interface Options {
  readonly broker?: StormBroker
  readonly fault?: string
  readonly jobs: number
  readonly seed: number
  readonly away: number
  readonly json?: string
  readonly logs?: string
}

const list = Object.entries(faults).map(([name, { about, brokers }]) => {
  const where = brokers === undefined ? '' : ` (${brokers.join(', ')} only)`
  return `  ${name.padEnd(14)} ${about}${where}`
})

const command = new Command('npm run storms --')
  .description(
    'Jobs of every kind while processes are killed and stopped, connections cut, stores filled. An observer reads the lines ' +
      'of masters and workers, and judges whether each promise of docs/promises.md held. 3 masters and 4 workers, on Node and Deno, ' +
      'by TCP and by a bridge; a broker of its own for each storm. One of 2,000 jobs takes 1 to 5 minutes.',
  )
  .addOption(new Option('--broker <name>', 'on this one alone').choices(stormBrokers))
  .addOption(new Option('--fault <name>', 'with this one alone').choices(Object.keys(faults)))
  .addOption(new Option('--jobs <number>', 'in each storm').default(2_000).argParser(wholeNumber(10, 100_000)))
  .addOption(
    new Option('--seed <number>', 'draws the faults and their times').default(1).argParser(wholeNumber(0, 0xffff_ffff)),
  )
  .addOption(
    new Option('--away <time>', 'how long masters are away in the fault "away", such as 75s or 10m')
      .default(75_000, '75s')
      .argParser(asDuration),
  )
  .option('--json <file>', 'writes the results there, after each storm')
  .option('--logs <folder>', 'keeps the output of every process there; else it is kept where a promise was broken')
  .showHelpAfterError('(--help shows the options)')
  .addHelpText(
    'after',
    `\nFaults:\n${list.join('\n')}\n\nExits with 1 when a promise was broken, with 2 for a bad option.`,
  )
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))

/** The storms that were asked for. Ends the process where there can be none. */
async function chosen({ broker, fault }: Options): Promise<[StormBroker, string][]> {
  const only = fault === undefined ? undefined : faults[fault]?.brokers
  if (broker !== undefined && only?.includes(broker) === false) {
    command.error(`error: the fault ${fault} can be played on ${only.join(', ')} only, not on ${broker}`)
  }
  const canSetClocks = await canFakeTime()
  if (!canSetClocks && fault !== undefined && faults[fault]?.setsClocks) {
    command.error(`error: the fault ${fault} takes libfaketime, which is not there; apt-get install libfaketime`)
  }
  const all: [StormBroker, string][] = []
  for (const name of broker === undefined ? stormBrokers : [broker]) {
    const need = needs.find(one => one.name === name)
    if (need !== undefined && !(await need.isThere())) {
      if (broker !== undefined) command.error(`error: ${need.title} is not there; ${need.command}`)
      console.log(`Without ${need.title}, which is not there; ${need.command}`)
      continue
    }
    for (const [each, { brokers, setsClocks }] of Object.entries(faults)) {
      if (setsClocks && !canSetClocks && fault === undefined) continue
      if ((fault ?? each) === each && (brokers ?? stormBrokers).includes(name)) all.push([name, each])
    }
  }
  return all
}

const options = command.parse().opts<Options>()
const storms = await chosen(options)
// All files of a run lie in one folder, so that nothing stays in any case.
const folder = mkdtempSync(join(tmpdir(), 'drover-storms-'))
const logs = options.logs === undefined ? mkdtempSync(join(tmpdir(), 'drover-storms-logs-')) : resolve(options.logs)
mkdirSync(logs, { recursive: true })
process.env.TMPDIR = folder
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interrupt.abort(new Error(`ended by ${signal}`)))
}

const { jobs, seed, away: awayMs, json } = options
/** A storm that is not over by then is ended: it has four times as long as its jobs may take. */
const boundMs = 4 * ((jobs * 1_000) / whole.perSecond + whole.timeoutMs) + awayMs
const reports: Report[] = []
const broken: string[] = []
for (const [broker, fault] of storms) {
  const title = `${broker}, ${fault} (seed ${seed})`
  console.log(`${title}: ${faults[fault]?.about}`)
  const say = (line: string): void => console.log(`  ${new Date().toISOString().slice(11, 19)} ${line}`)
  const signal = AbortSignal.any([interrupt.signal, AbortSignal.timeout(boundMs)])
  try {
    const report = await runStorm({ broker, fault, jobs, seed, size: whole, awayMs, logs, say, signal })
    reports.push(report)
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(reports, null, 2)}\n`)
    for (const problem of report.problems) console.log(`  BROKEN: ${problem}`)
    const { length } = report.problems
    if (length > 0)
      broken.push(`${title}: ${length} broken, logs in ${join(logs, `${broker}-${fault}`)}, again by: ${again(report)}`)
    else if (options.logs === undefined) rmSync(join(logs, `${broker}-${fault}`), { recursive: true, force: true })
    console.log(`  ${length === 0 ? 'held' : `${length} BROKEN`} in ${formatDuration(report.tookMs)}`)
  } catch (error) {
    broken.push(`${title}: it could not be played: ${error instanceof Error ? error.message : error}`)
    console.log(`  ${broken.at(-1)}`)
    if (interrupt.signal.aborted) break
  }
}
if (broken.length === 0 && options.logs === undefined) rmSync(logs, { recursive: true })
console.log(`\n${[tableHead, ...reports.map(tableRow), ...broken].join('\n')}`)
const total = reports.reduce((sum, { figures }) => sum + figures.jobs, 0)
const verdict = `${storms.length} storms, ${total} jobs, seed ${seed}`
console.log(
  broken.length === 0
    ? `PASS: ${verdict}: every promise held`
    : `FAIL: ${broken.length} of ${verdict}; see above, and ${logs}`,
)
process.exit(broken.length === 0 ? 0 : 1)
