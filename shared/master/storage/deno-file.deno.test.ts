/** The file storage under Deno itself: the same promises as on Node, kept by other calls. */
import assert from 'node:assert/strict'
import { newJobState } from '../jobs/state/job.ts'
import { fileStorage } from './deno-file.ts'
import { fileStorage as nodeFileStorage } from './node-file.ts'

const job = (n: number, input: unknown = n) =>
  newJobState({ request_id: `id-${n}`, task: 't', mode: 'queue', input, timeout_ms: 1, created_at: n })

/** Runs a test with a path in a folder that is not there yet; Deno itself fails it on a file or lock that stays open. */
function test(name: string, body: (path: string) => Promise<void>): void {
  Deno.test(`fileStorage: ${name}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: 'drover-storage-' })
    try {
      await body(`${folder}/deep/jobs.log`)
    } finally {
      await Deno.remove(folder, { recursive: true })
    }
  })
}

test('jobs that were written are there after it was opened again, in order', async path => {
  const first = fileStorage(path)
  assert.deepEqual(await first.load(), { jobs: [] })
  await first.write({ master_id: 'desk', put: [job(1), job(2)], remove: [] })
  await first.write({ put: [{ ...job(1), losses: 1 }, job(3, 'Wörter')], remove: ['id-2', 'never'] })
  await first.close()
  const second = fileStorage(path)
  assert.deepEqual(await second.load(), { master_id: 'desk', jobs: [{ ...job(1), losses: 1 }, job(3, 'Wörter')] })
  await second.close()
})

test('it is compacted when it has grown, and keeps live entries', async path => {
  const storage = fileStorage(path)
  await storage.load()
  const large = 'x'.repeat(300_000)
  for (let n = 0; n < 12; n++) await storage.write({ put: [job(1, `${n}${large}`)], remove: [] })
  await storage.write({ put: [job(2)], remove: [] })
  await storage.close()
  assert((await Deno.stat(path)).size < 1_300_000)
  const again = fileStorage(path)
  assert.deepEqual(
    (await again.load()).jobs.map(({ input }) => String(input).slice(0, 2)),
    ['11', '2'],
  )
  await again.close()
})

test('a torn line is left out, and the file goes on', async path => {
  const first = fileStorage(path)
  await first.load()
  await first.write({ put: [job(1)], remove: [] })
  await first.close()
  await Deno.writeTextFile(path, '12345678 {"put":{"req', { append: true })
  const second = fileStorage(path)
  assert.deepEqual((await second.load()).jobs, [job(1)])
  await second.write({ put: [job(2)], remove: [] })
  await second.close()
  const third = fileStorage(path)
  assert.deepEqual((await third.load()).jobs, [job(1), job(2)])
  await third.close()
})

test('a damaged file is an error that names the line, and stays as it is', async path => {
  const first = fileStorage(path)
  await first.load()
  await first.write({ put: [job(1), job(2)], remove: [] })
  await first.close()
  const damaged = (await Deno.readTextFile(path)).replace('id-1', 'id-7')
  await Deno.writeTextFile(path, damaged)
  const second = fileStorage(path)
  await assert.rejects(second.load(), /damaged at line 2/)
  await second.close()
  assert.equal(await Deno.readTextFile(path), damaged)
})

test('two masters cannot have one file', async path => {
  const first = fileStorage(path)
  await first.load()
  const second = fileStorage(path)
  await assert.rejects(second.load(), { code: 'storage_failed', message: /in use by another master/ })
  await second.close()
  await first.close()
  const third = fileStorage(path)
  await third.load()
  await third.close()
})

test('a process that is killed leaves its jobs and no lock', async path => {
  const from = (file: string): string => JSON.stringify(new URL(file, import.meta.url).href)
  const holder = `
    const { fileStorage } = await import(${from('./deno-file.ts')})
    const storage = fileStorage(${JSON.stringify(path)})
    await storage.load()
    await storage.write({ put: [${JSON.stringify(job(1))}], remove: [] })
    console.log('written')
    setInterval(() => {}, 1000)`
  const args = ['eval', '--quiet', holder]
  const child = new Deno.Command(Deno.execPath(), { args, stdin: 'null', stdout: 'piped', stderr: 'inherit' }).spawn()
  const reader = child.stdout.getReader()
  try {
    assert.match(new TextDecoder().decode((await reader.read()).value), /^written/)
    const early = fileStorage(path)
    await assert.rejects(early.load(), { code: 'storage_failed' })
    await early.close()
  } finally {
    child.kill('SIGKILL')
    await child.status
    await reader.cancel()
  }
  const late = fileStorage(path)
  assert.deepEqual((await late.load()).jobs, [job(1)])
  await late.close()
})

test('a folder that cannot be made is an error', async path => {
  await Deno.writeTextFile(path.replace('/deep/jobs.log', '/deep'), 'a file in its place')
  const storage = fileStorage(path)
  await assert.rejects(storage.load())
  await storage.close()
})

test('Node reads a file that Deno wrote, and the other way round', async path => {
  for (const [n, make] of [fileStorage, nodeFileStorage, fileStorage].entries()) {
    const storage = make(path)
    const before = Array.from({ length: n }, (_, earlier) => job(earlier))
    assert.deepEqual((await storage.load()).jobs, before)
    await storage.write({ put: [job(n)], remove: [] })
    await storage.close()
  }
})
