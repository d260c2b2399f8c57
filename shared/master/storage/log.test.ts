/** A job file with odd entries, and on a full disk, with the file in memory. */
import { expect, test } from 'vitest'
import { newJobState } from '../jobs/state/job.ts'
import { encodeLine } from './lines.ts'
import { type LogFile, logStorage } from './log.ts'

const job = (n: number, input: unknown = n) =>
  newJobState({ request_id: `id-${n}`, task: 't', mode: 'queue', input, timeout_ms: 1, created_at: n })

/** A line as somebody else may have written it. */
const line = (entry: unknown): string => encodeLine(entry as { remove: string })
const head = line({ file: 'drover jobs', v: 1, master_id: 'm' })

/** A file that takes at most `room` characters. */
function memoryFile(text?: string) {
  const file = {
    text,
    room: Number.POSITIVE_INFINITY,
    path: '/jobs.log',
    read: async () => file.text,
    async append(more: string) {
      await file.replace((file.text ?? '') + more)
    },
    async replace(all: string) {
      if (all.length > file.room) throw Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })
      file.text = all
    },
    close: async () => {},
  }
  return file satisfies LogFile
}

const inputs = async (text: string | undefined) =>
  (await logStorage(memoryFile(text)).load()).jobs.map(one => one.input)

test.each([
  ['a job without a phase', { put: { ...job(2), phase: undefined } }, 'id-2', 'its "phase" is missing'],
  [
    'a phase nobody knows',
    { put: { ...job(2), phase: { at: 'paused', since: 1 } } },
    'id-2',
    'its "phase" is an object',
  ],
  ['an end without outcome', { put: { ...job(2), phase: { at: 'ended', since: 1 } } }, 'id-2', 'its "phase"'],
  [
    'an error that is none',
    { put: { ...job(2), phase: { at: 'retrying', since: 1, error: 'x' } } },
    'id-2',
    'its "phase"',
  ],
  [
    'workers that are text',
    { put: { ...job(2), workers: 'none' } },
    'id-2',
    'its "workers" is "none"; expected a list',
  ],
  ['replies that are null', { put: { ...job(2), replies: [null] } }, 'id-2', 'its "replies" is a list'],
  ['a timeout in words', { put: { ...job(2), timeout_ms: '30 s' } }, 'id-2', 'its "timeout_ms" is "30 s"'],
  [
    'an id that is a number',
    { put: { ...job(2), request_id: 7 } },
    undefined,
    'its "request_id" is 7; expected a text',
  ],
  ['no job at all', { put: null }, undefined, 'it is null; expected a job'],
  ['an unknown entry', { note: 'mine' }, undefined, 'it is no entry that this version knows'],
  ['a removal of nothing', { remove: 7 }, undefined, 'it is no entry that this version knows'],
  ['a text', 'hello', undefined, 'it is no entry that this version knows'],
])('%s is named by its line, stops no other, and stays', async (_name, odd, id, reason) => {
  const file = memoryFile(head + line({ put: job(1) }) + line(odd) + line({ put: job(3) }))
  const storage = logStorage(file)
  const { jobs, unread, master_id } = await storage.load()
  expect([jobs, master_id]).toEqual([[job(1), job(3)], 'm'])
  expect(unread).toEqual([
    { where: 'line 3 of /jobs.log', reason: expect.stringContaining(reason), ...(id && { request_id: id }) },
  ])
  const large = 'x'.repeat(600_000)
  for (let n = 0; n < 3; n++) await storage.write({ put: [job(4, large + n)], remove: ['id-1'] })
  expect(file.text!.length, 'it was rewritten').toBeLessThan(1_300_000)
  expect(file.text).toContain(line(odd))
  if (id === undefined) return
  await storage.write({ put: [], remove: [id] })
  expect((await logStorage(memoryFile(file.text)).load()).unread).toBeUndefined()
})

test('a later entry of a job takes the place of an odd one, and the other way round it does not', async () => {
  const odd = line({ put: { ...job(1), phase: 7 } })
  const mended = await logStorage(memoryFile(head + odd + line({ put: job(1) }))).load()
  expect([mended.jobs, mended.unread]).toEqual([[job(1)], undefined])
  const spoiled = await logStorage(memoryFile(head + line({ put: job(1) }) + odd)).load()
  expect([spoiled.jobs, spoiled.unread?.length]).toEqual([[job(1)], 1])
})

test.each([2, 0, 1.5, '1', null])('a file of version %j is refused with the way back, and stays as it is', async v => {
  const text = line({ file: 'drover jobs', v }) + line({ put: job(1) })
  const file = memoryFile(text)
  await expect(logStorage(file).load()).rejects.toThrow(
    `The job file /jobs.log is of version ${JSON.stringify(v)} (line 1), and this Drover reads version 1: go back to the Drover that wrote it`,
  )
  expect(file.text).toBe(text)
})

test('a file without a version is of the first, and the number it has let go of is remembered', async () => {
  const file = memoryFile(line({ file: 'drover jobs' }) + line({ put: job(1) }))
  const storage = logStorage(file)
  expect((await storage.load()).jobs).toEqual([job(1)])
  await storage.write({ let_go: { jobs: 9, failed: 2 }, put: [], remove: [] })
  expect((await logStorage(memoryFile(file.text)).load()).let_go).toEqual({ jobs: 9, failed: 2 })
})

test('jobs that no file can hold, and one that there is no room for, are told, and the others are stored', async () => {
  const file = memoryFile()
  const storage = logStorage(file)
  await storage.load()
  let deep: unknown = 0
  for (let n = 0; n < 5000; n++) deep = [deep]
  const circle: { itself?: unknown } = {}
  circle.itself = circle
  file.room = 2000
  const put = [job(1), job(2, deep), job(3, 10n), job(4, circle), job(5, 'x'.repeat(3000)), job(6)]
  const unstored = (await storage.write({ master_id: 'm', put, remove: ['id-0'] })) ?? []
  expect(unstored.map(({ request_id }) => request_id)).toEqual(['id-2', 'id-3', 'id-4', 'id-5'])
  expect(await inputs(file.text)).toEqual([1, 6])
  expect((await logStorage(memoryFile(file.text)).load()).master_id).toBe('m')
  file.room = Number.POSITIVE_INFINITY
  expect(await storage.write({ put: [put[4]!], remove: [] })).toEqual([])
  expect(await inputs(file.text)).toHaveLength(3)
})

test('a full disk at the start is told by the first write, and is gone when there is room', async () => {
  for (const text of [undefined, `${head}${line({ put: job(1) })}12345678 {"put":{"to`]) {
    const file = memoryFile(text)
    file.room = 0
    const storage = logStorage(file)
    const { jobs } = await storage.load()
    expect(jobs).toEqual(text === undefined ? [] : [job(1)])
    await expect(storage.write({ master_id: 'm', put: [job(2)], remove: [] })).rejects.toThrow('ENOSPC')
    file.room = Number.POSITIVE_INFINITY
    expect(await storage.write({ master_id: 'm', put: [job(2)], remove: [] })).toEqual([])
    expect(await inputs(file.text)).toEqual(text === undefined ? [2] : [1, 2])
  }
})

test('a longer file goes on where there is no room for a shorter one', async () => {
  const file = memoryFile()
  const storage = logStorage(file)
  await storage.load()
  await storage.write({ put: [job(1, 'x'.repeat(900_000))], remove: [] })
  const { replace } = file
  file.replace = async () => {
    throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' })
  }
  file.append = async more => void replace(file.text + more)
  await storage.write({ put: [job(2, 'y'.repeat(200_000))], remove: [] })
  expect((await inputs(file.text)).length).toBe(2)
})

test('erased jobs are gone', async () => {
  const file = memoryFile(head + line({ put: job(1, 'secret') }) + line({ put: { ...job(2), phase: 'secret' } }))
  const storage = logStorage(file)
  await storage.load()
  await storage.erase?.()
  expect(file.text).not.toContain('secret')
  expect(await logStorage(memoryFile(file.text)).load()).toEqual({ jobs: [] })
})
