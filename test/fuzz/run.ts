/**
 * `npm run fuzz`: byte sequences drawn from a seed, through the scanner, through a whole bridge, and beside each broker.
 * docs/operations.md has the figures of a run.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { Command, Option } from 'commander'
import { wholeNumber } from '../../cli/whole-number.ts'
import { atEnd } from '../../scripts/test/at-end.ts'
import { needs } from '../../scripts/test/needs.ts'
import { formatDuration } from '../../shared/duration.ts'
import { brokerNames, startBroker } from '../support/brokers/start.ts'
import { fuzzBridge } from './bridge.ts'
import { fuzzBroker } from './brokers.ts'
import { fuzzScanner } from './scanner-run.ts'

const parts = ['scanner', 'bridge', 'brokers'] as const

interface Options {
  readonly only?: (typeof parts)[number]
  readonly scanner: number
  readonly bridge: number
  readonly brokers: number
  readonly seed: number
}

const command = new Command('npm run fuzz --')
  .description(
    'Mutated recordings and odd frames. Through the scanner: the same frames however the bytes are cut, and as a second parser ' +
      'reads them. Through a whole bridge: each sequence has an answer or an end, and nothing reaches the broker that the token ' +
      'does not grant. Beside each broker: it reads each frame that passes as the bridge did. All are drawn from the seed.',
  )
  .addOption(new Option('--only <part>', 'this one alone').choices(parts))
  .addOption(count('--scanner', 'sequences through the scanner', 10_000_000))
  .addOption(count('--bridge', 'sequences through whole bridges', 100_000))
  .addOption(count('--brokers', 'odd frames on each broker', 10_000))
  .addOption(new Option('--seed <number>', 'draws them').env('SEED').default(1).argParser(wholeNumber(0, 0xffff_ffff)))
  .showHelpAfterError('(--help shows the options)')
  .addHelpText('after', '\nExits with 1 when a promise was broken, with 2 for a bad option.')
  .exitOverride(error => process.exit(error.exitCode === 0 ? 0 : 2))

function count(flag: string, about: string, usual: number): Option {
  return new Option(`${flag} <number>`, about).default(usual).argParser(wholeNumber(1, 1_000_000_000))
}

const options = command.parse().opts<Options>()
const { only, seed } = options
const folder = mkdtempSync(join(tmpdir(), 'drover-fuzz-'))
process.env.TMPDIR = folder
atEnd(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
const broken: string[] = []
const say = (line: string): void => console.log(`  ${new Date().toISOString().slice(11, 19)} ${line}`)

async function part(title: string, run: () => Promise<{ line: string; broken: readonly string[] }>): Promise<void> {
  console.log(title)
  const began = performance.now()
  const found = await run()
  for (const promise of found.broken) console.log(`  BROKEN: ${promise}`)
  broken.push(...found.broken)
  console.log(`  ${found.line}; ${formatDuration(performance.now() - began)}`)
}

const pairs = (all: Readonly<Record<string, number>>): string =>
  Object.entries(all)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ') || 'none'
const number = (value: number): string => value.toLocaleString('en')

if (only === undefined || only === 'scanner') {
  await part(`Scanner, and checks of a session (seed ${seed})`, async () => {
    const { sequences, frames, written, broken } = await fuzzScanner(options.scanner, seed, say)
    return { line: `${number(sequences)} sequences, ${number(frames)} frames, ${number(written)} passed on`, broken }
  })
}
if (only === undefined || only === 'bridge') {
  const each = Math.ceil(options.bridge / brokerNames.length)
  for (const name of brokerNames) {
    const behind = name === 'embedded' ? 'the embedded broker' : `one that records, as ${name}`
    await part(`A whole bridge before ${behind} (seed ${seed})`, async () => {
      const { sequences, sessions, passed, errors, broken } = await fuzzBridge(name, each, seed)
      const reached = name === 'embedded' ? '' : `, ${number(passed)} frames reached the broker`
      return {
        line: `${number(sequences)} sequences, ${number(sessions)} sessions${reached}; ended by ${pairs(errors)}`,
        broken,
      }
    })
  }
}
if (only === undefined || only === 'brokers') {
  for (const name of brokerNames) {
    const need = needs.find(one => one.name === name)
    if (need !== undefined && !(await need.isThere())) {
      console.log(`Without ${need.title}, which is not there; ${need.command}`)
      continue
    }
    await part(`Odd frames beside ${name} (seed ${seed})`, async () => {
      await using broker = await startBroker(name)
      const run = await fuzzBroker(name, broker.stompUrl, options.brokers, seed, 'myapp.fuzz')
      const { frames, delivered, refused, differences } = run
      return {
        line: `${number(frames)} frames, ${number(delivered)} delivered; refused: ${pairs(refused)}`,
        broken: differences,
      }
    })
  }
}
console.log(
  broken.length === 0
    ? `PASS: no promise was broken (seed ${seed})`
    : `FAIL: ${broken.length} broken; SEED=${seed} npm run fuzz plays it again`,
)
process.exit(broken.length === 0 ? 0 : 1)
