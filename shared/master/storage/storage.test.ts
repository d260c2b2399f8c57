/** One suite for the storages that this machine has. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { newJobState } from '../jobs/state/job.ts'
import { memoryStorage } from './memory.ts'
import { fileStorage } from './node-file.ts'
import type { JobStorage } from './storage.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-storage-'))
})
afterAll(() => rm(folder, { recursive: true }))

const job = (n: number, input: unknown = n) =>
  newJobState({ request_id: `id-${n}`, task: 't', mode: 'queue', input, timeout_ms: 1, created_at: n })
let files = 0
const newPath = () => join(folder, 'deep', `${++files}.log`)

const storages: [string, () => () => JobStorage][] = [
  [
    'memory',
    () => {
      const kept = memoryStorage()
      return () => kept
    },
  ],
  [
    'file',
    () => {
      const path = newPath()
      return () => fileStorage(path)
    },
  ],
]
describe.each(storages)('%s', (_name, make) => {
  test('jobs that were written are there after it was opened again, in order', async () => {
    const reopen = make()
    const first = reopen()
    expect(await first.load()).toEqual({ jobs: [] })
    await first.write({ master_id: 'desk', put: [job(1), job(2)], remove: [] })
    await first.write({ put: [{ ...job(1), losses: 1 }, job(3)], remove: ['id-2', 'never'] })
    await first.close()
    const second = reopen()
    expect(await second.load()).toEqual({ master_id: 'desk', jobs: [{ ...job(1), losses: 1 }, job(3)] })
    await second.close()
  })
})

test('a file is compacted when it has grown, and keeps live entries', async () => {
  const path = newPath()
  const storage = fileStorage(path)
  await storage.load()
  const large = 'x'.repeat(300_000)
  for (let n = 0; n < 12; n++) await storage.write({ put: [job(1, `${n}${large}`)], remove: [] })
  await storage.close()
  expect((await stat(path)).size).toBeLessThan(1_300_000)
  const again = fileStorage(path)
  expect((await again.load()).jobs.map(one => String(one.input).slice(0, 2))).toEqual(['11'])
  await again.close()
})

test('a torn line is left out, and the file goes on', async () => {
  const path = newPath()
  const first = fileStorage(path)
  await first.load()
  await first.write({ put: [job(1)], remove: [] })
  await first.close()
  await appendFile(path, '12345678 {"put":{"req')
  const second = fileStorage(path)
  expect((await second.load()).jobs).toEqual([job(1)])
  await second.write({ put: [job(2)], remove: [] })
  await second.close()
  const third = fileStorage(path)
  expect((await third.load()).jobs).toEqual([job(1), job(2)])
  await third.close()
})

test('a damaged file is an error that names the line, and stays as it is', async () => {
  const path = newPath()
  const first = fileStorage(path)
  await first.load()
  await first.write({ put: [job(1), job(2)], remove: [] })
  await first.close()
  const damaged = (await readFile(path, 'utf8')).replace('id-1', 'id-7')
  await writeFile(path, damaged)
  const second = fileStorage(path)
  await expect(second.load()).rejects.toThrow(/damaged at line 2/)
  await second.close()
  expect(await readFile(path, 'utf8')).toBe(damaged)
})

test('two masters cannot have one file', async () => {
  const path = newPath()
  const first = fileStorage(path)
  await first.load()
  const second = fileStorage(path)
  await expect(second.load()).rejects.toThrow(/in use by process/)
  await second.close()
  await first.close()
  const third = fileStorage(path)
  await third.load()
  await third.close()
})

test('a lock that a killed process left is taken over', async () => {
  const path = newPath()
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.lock`, '999999999')
  const storage = fileStorage(path)
  await storage.load()
  await storage.close()
})

test.runIf(process.platform === 'linux')('so is one whose process id another process has by now', async () => {
  const path = newPath()
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.lock`, `${process.ppid} earlier-boot/1`)
  const storage = fileStorage(path)
  await storage.load()
  await storage.close()
})

test.runIf(process.platform === 'linux')(
  'and one of a killed process that its parent has not taken note of',
  async () => {
    const path = newPath()
    // The shell becomes a sleep that never asks after the child it had, which ends once it is one.
    const script = '(until grep -q sleep /proc/$$/comm; do :; done) & echo $!; exec sleep 60'
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'ignore'] })
    try {
      const [pid] = (await once(parent.stdout, 'data')) as [Buffer]
      await vi.waitFor(() => expect(readFileSync(`/proc/${String(pid).trim()}/stat`, 'utf8')).toContain(') Z '))
      await writeFile(`${path}.lock`, String(pid).trim())
      const storage = fileStorage(path)
      await storage.load()
      await storage.close()
    } finally {
      parent.kill('SIGKILL')
    }
  },
)
