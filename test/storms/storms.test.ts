/**
 * A short storm of each fault, several at once. The strikes and their times are drawn from a seed; STORM_SEED plays
 * another. Whole ones: `npm run storms`.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { makeSmallDisk } from '../support/small-disk.ts'
import type { StormBroker } from './brokers.ts'
import { type Fault, faults } from './faults.ts'
import { short } from './sizes.ts'
import { runStorm } from './storm.ts'

const seed = Number(process.env.STORM_SEED ?? 1)
const jobs = 100
const missing = readPrepared()

const canFillDisk = await (async () => {
  await using disk = await makeSmallDisk('64k')
  return disk.isMounted
})()

/** Faults that are about other brokers, too; the rest is played on the embedded one. */
const elsewhere: Readonly<Record<string, readonly StormBroker[]>> = {
  'full-store': ['classic'],
  // The embedded one forgets the messages there: whole storms show the consequences
  'kill-broker': ['stored', 'classic'],
  poison: ['embedded', 'rabbitmq'],
}

/** A fault whose need may be missing. It is left out, since a skip would fail in CI. */
const isLeftOut = ({ setsClocks, diskSize }: Fault): boolean =>
  (setsClocks === true && missing.faketime !== undefined) || (diskSize !== undefined && !canFillDisk)

describe.skipIf(missing.deno !== undefined).concurrent('a storm', { timeout: 240_000 }, () => {
  for (const [fault, each] of Object.entries(faults)) {
    if (isLeftOut(each)) continue
    for (const broker of elsewhere[fault] ?? ['embedded' as const]) {
      const isMissing = broker !== 'embedded' && broker !== 'stored' && missing[broker] !== undefined
      const title = `on ${broker} in which ${each.about}: no promise is broken (${fault}, seed ${seed})`
      test.skipIf(isMissing)(title, async () => {
        const logs = await mkdtemp(join(tmpdir(), 'drover-storm-logs-'))
        const said: string[] = []
        const options = { broker, fault, jobs, seed, size: short, awayMs: 5_000, logs }
        const { problems } = await runStorm({ ...options, say: line => said.push(line) })
        expect(problems, `STORM_SEED=${seed} plays it again; logs: ${logs}; ${said.join('; ')}`).toEqual([])
        await rm(logs, { recursive: true })
      })
    }
  }
})
