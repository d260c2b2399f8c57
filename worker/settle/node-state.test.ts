/** A worker's state in a real file: who may have it, and files and disks that are no good. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { DatabaseSync } from 'node:sqlite'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import * as z from 'zod'
import { systemClock } from '../../shared/clock.ts'
import { makeSmallDisk } from '../../test/support/small-disk.ts'
import { until, within } from '../../test/support/until.ts'
import { defineTask, implement, startWorker } from '../node.ts'
import { fakeEndedJob } from '../testing.ts'
import { JobMemory } from './job-memory.ts'
import type { KeptMemory } from './kept-memory.ts'
import { loadState } from './load-state.ts'
import { openState } from './node-state.ts'

let folder: string
let files = 0

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-state-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const newFile = (): string => join(folder, `${++files}.db`)
const ended = (request_id: string, body: string) =>
  fakeEndedJob({ request_id, body, untilAt: systemClock.steady() + 600_000 })

async function start(file: string) {
  const memory = new JobMemory()
  const problem = vi.fn()
  const kept = await loadState(file, { openState: async path => openState(path), memory, clock: systemClock, problem })
  kept?.claim('here')
  return { memory, problem, kept: kept as KeptMemory }
}

/** A file that remembers so many jobs. */
async function fileWith(jobs: number): Promise<string> {
  const file = newFile()
  const { memory, kept } = await start(file)
  for (let n = 1; n <= jobs; n++) memory.keep(ended(`job-${n}`, 'x'.repeat(300)), systemClock.steady())
  kept.close()
  return file
}

test('what a worker remembers is there again, byte for byte, and others may not read it', async () => {
  const file = newFile()
  const body = '{"output":"ä \\u0000 \u2028 🙂"}'
  const { memory, kept } = await start(file)
  memory.keep(ended('1', body), systemClock.steady())
  memory.cancel('a', '2', undefined, systemClock.steady() + 60_000)
  kept.close()
  expect((await stat(file)).mode & 0o077).toBe(0)
  const next = await start(file)
  expect(next.memory.ended('1', systemClock.steady())).toMatchObject({ body, answers: [{ message: { body } }] })
  expect(next.memory.cancelled('a', '2', systemClock.steady())).toMatchObject({ reason: undefined })
  next.kept.close()
})

test('a second process is told who has the file, and has it once that is killed, with all that it wrote', async () => {
  const file = await fileWith(3)
  const module = JSON.stringify(new URL('node-state.ts', import.meta.url).href)
  const program = `import { openState } from ${module}
    const state = openState(${JSON.stringify(file)})
    state.write({ isWhole: false, jobs: [], settled: [], removed: [1], cancels: [], uncancelled: [] })
    console.log('written'); setInterval(() => {}, 1000)`
  const holder = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    await within('it has the file', once(holder.stdout, 'data'))
    await expect(start(file)).rejects.toMatchObject({
      code: 'store_failed',
      message: `${file} is in use by the process ${holder.pid}; end that first, or name another file`,
    })
  } finally {
    holder.kill('SIGKILL')
  }
  await once(holder, 'exit')
  const { memory, kept } = await start(file)
  expect([...memory.ids()]).toEqual(['job-2', 'job-3'])
  kept.close()
})

test('a process that tries to have its own file once more keeps it from others', async () => {
  const file = await fileWith(1)
  const { kept } = await start(file)
  await expect(start(file)).rejects.toThrow(`is in use by the process ${process.pid}`)
  const program = `import { openState } from ${JSON.stringify(new URL('node-state.ts', import.meta.url).href)}
    openState(${JSON.stringify(file)})`
  const other = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: ['ignore', 'ignore', 'pipe'] })
  const said = await text(other.stderr)
  expect(said).toContain(`is in use by the process ${process.pid}`)
  kept.close()
})

test('a file of the first format has all that was in it, and leaves a copy for the version of before', async () => {
  const file = await fileWith(2)
  const database = new DatabaseSync(file)
  database.exec('DROP TABLE place; PRAGMA user_version = 1')
  database.close()
  const { memory, kept } = await start(file)
  kept.close()
  expect([...memory.ids()]).toEqual(['job-1', 'job-2'])
  expect((await stat(`${file}-format-1`)).size).toBeGreaterThan(0)
})

test('a newer format is refused with the way back, and left as it is', async () => {
  const file = await fileWith(1)
  const database = new DatabaseSync(file)
  database.exec('PRAGMA user_version = 3')
  database.close()
  const before = await readFile(file)
  await expect(start(file)).rejects.toThrow(
    /written by a newer Drover, in format 3; this one reads up to 2\. Start that version, or name another file/,
  )
  expect(await readFile(file)).toEqual(before)
})

test('a file of something else, such as a store of messages, is left alone', async () => {
  const file = newFile()
  const { openStore } = await import('../../broker/store/node.ts')
  openStore(file).close()
  await expect(start(file)).rejects.toThrow('is a database of something else; name another file')
})

test.for([
  ['its first bytes are others', 0, 100],
  ['its rows are', 8_192, 60_000],
] as const)('a file is damaged where %s: it is refused with what to do', async ([, from, length]) => {
  const file = await fileWith(500)
  const damaged = await open(file, 'r+')
  await damaged.write(Buffer.alloc(length, 0x5a), 0, length, from)
  await damaged.close()
  for (const _ of ['first', 'nor does this process hold it then'])
    await expect(start(file)).rejects.toThrow(/is damaged \(.*\); nothing of it was changed/)
})

test('a file that cannot be written to is refused with why', async ({ skip }) => {
  await expect(start(folder)).rejects.toThrow(`${folder} cannot be opened: it is a folder`)
  await using disk = await makeSmallDisk('1m')
  if (!disk.isMounted) skip('this user may not mount a small disk')
  const file = join(disk.folder, 'worker.db')
  const { kept } = await start(file)
  kept.close()
  execFileSync('mount', ['-o', 'remount,ro', disk.folder])
  await expect(start(file)).rejects.toThrow(`${file} cannot be opened: EROFS: read-only file system`)
})

test('on a full disk the worker goes on in memory, and keeps all of it once there is room', async ({ skip }) => {
  await using disk = await makeSmallDisk('1m')
  if (!disk.isMounted) skip('this user may not mount a small disk')
  const file = join(disk.folder, 'worker.db')
  const { memory, problem, kept } = await start(file)
  memory.keep(ended('before', 'x'), systemClock.steady())
  await disk.fill()
  for (let n = 0; n < 50; n++) memory.keep(ended(`${n}`, 'x'.repeat(10_000)), systemClock.steady())
  await until('it is told', () => problem.mock.calls.length > 0)
  expect(problem.mock.calls[0]![0]).toContain(`in ${file}, and goes on without`)
  await disk.makeRoom()
  await until('it is kept again', () => problem.mock.calls.length > 1)
  kept.close()
  const next = await start(file)
  expect([...next.memory.ids()].length).toBe(51)
  next.kept.close()
  await disk.fill()
  const started = await start(file)
  expect([...started.memory.ids()].length, 'it starts on a full disk').toBe(51)
  started.kept.close()
  const other = await start(join(disk.folder, 'other.db'))
  expect(other.kept, 'and where nothing can be made').toBeUndefined()
  expect(other.problem.mock.calls[0]![0]).toContain('whose disk is full; this worker goes on in memory')
})

test('a file that is deleted is told, and made anew with all of it; one that came in its place is left alone', async () => {
  const file = await fileWith(1)
  const { memory, problem, kept } = await start(file)
  const keep = (id: string): void => memory.keep(ended(id, 'x'), systemClock.steady())
  await rm(file)
  keep('job-2')
  await until('it is kept again', () => problem.mock.calls.length === 2)
  expect(problem.mock.calls).toEqual([
    [
      `This worker cannot keep its memory of ended jobs in ${file}, and goes on without`,
      expect.objectContaining({ message: expect.stringMatching(/^the file is gone/) }),
    ],
    [`This worker keeps its memory of ended jobs in ${file} again`],
  ])
  for (const end of ['', '-wal']) await rm(`${file}${end}`)
  await rename(await fileWith(3), file)
  keep('of the first')
  await until('it is told again', () => problem.mock.calls.length === 3)
  expect(problem.mock.lastCall?.[1]).toMatchObject({ message: expect.stringMatching(/^another file is in its place/) })
  kept.close()
  const next = await start(file)
  expect([...next.memory.ids()]).toEqual(['job-1', 'job-2', 'job-3'])
  next.kept.close()
})

test('a file whose folder is deleted with it is made anew once the folder is there, or goes on once it is back', async () => {
  const own = await mkdtemp(join(folder, 'own-'))
  const state = openState(join(own, 'worker.db'))
  const all = { isWhole: true, jobs: [], settled: [], removed: [], cancels: [], uncancelled: [] }
  await rm(own, { recursive: true })
  for (const _ of ['first', 'nor once it was let go of']) expect(() => state.write(all)).toThrow('cannot be opened')
  await mkdir(own)
  state.write({ ...all, namespace: 'here' })
  await rename(own, `${own}-elsewhere`)
  expect(() => state.write(all)).toThrow('cannot be opened')
  await rename(`${own}-elsewhere`, own)
  state.write(all)
  expect(state.load().namespace).toBe('here')
  await rm(own, { recursive: true })
  expect(() => state.write(all)).toThrow('cannot be opened')
  state.close()
})

test('a worker whose start fails lets go of its file, and one on a runtime without files says so', async () => {
  const tasks = [implement(defineTask('a', { input: z.unknown() }), () => 1)]
  const isolated = [implement(defineTask('a', { input: z.unknown() }), () => 1, { isolate: 'thread' })]
  const state = newFile()
  for (const [url, of] of [
    ['no address', tasks],
    ['no address', tasks],
    ['stomp://localhost:1', isolated], // its module is missing
    ['no address', tasks],
  ] as const)
    await expect(startWorker({ url, tasks: of, state, signals: false })).rejects.toMatchObject({
      code: 'config_invalid',
    })
  await expect(loadState(state, { memory: new JobMemory(), clock: systemClock, problem() {} })).rejects.toThrow(
    'This runtime keeps no "state" in a file',
  )
})
