/** Jobs in every phase, as a version stores them: in a file by Node and by Deno, and in a browser. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { until } from '../../support/until.ts'
import type { TestBed } from '../test-bed.ts'

const part = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** Leaves jobs of its master open, and writes `node.jobs`, `deno.jobs` and `indexeddb.json`. */
export async function keepStored(testBed: TestBed, into: string): Promise<void> {
  const { master, folder } = testBed
  await testBed.worker()
  const options = { timeoutMs: 600_000 }
  const retrying = master.dispatch('old.flaky', { failures: 1 }, { ...options, priority: 7 })
  await until('a job waits for its next attempt', () => retrying.snapshot.phase.at === 'retrying')
  // From here on its worker has no slot free
  const running = master.dispatch('old.steps', { ms: 600_000 }, options)
  await until('a job runs', () => running.snapshot.phase.at === 'running')
  const cancelling = master.dispatch('old.steps', { ms: 1 }, options)
  await cancelling.sent
  master.dispatch('old.nobodys', { text: 'Wörter "und" ✓' }, options)
  await master.broadcast('old.steps', { ms: 600_000 }, { ...options, until: { count: 2 } }).sent
  testBed.toMaster.cut()
  cancelling.cancel('no longer needed')
  const unsent = master.dispatch('old.steps', { ms: 1 }, options)
  await until('it is stored', () => readFileSync(testBed.file, 'utf8').includes(unsent.request_id))
  copyFileSync(testBed.file, join(into, 'node.jobs'))
  const jobs = join(testBed.file, '..', 'jobs.json')
  writeFileSync(jobs, JSON.stringify([...master.jobs.values()]))
  rmSync(join(into, 'deno.jobs'), { force: true })
  await run(['deno', 'run', '-A', '--no-lock', part('store-deno.ts'), folder, jobs, join(into, 'deno.jobs')], folder)
  rmSync(join(into, 'deno.jobs.lock'))
  await run(
    [process.execPath, part('../../browser/store-database.ts'), folder, jobs, join(into, 'indexeddb.json')],
    folder,
  )
}

async function run([command = '', ...args]: readonly string[], cwd: string): Promise<void> {
  const child = spawn(command, args, { cwd, stdio: 'inherit' })
  const [status] = await once(child, 'close')
  if (status !== 0) throw new Error(`${command} ${args[0]} ended with ${status}`)
}
