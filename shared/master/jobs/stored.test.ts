/** An end shows once it is stored, and a fault of storage is said. */
import { expect, test, vi } from 'vitest'
import { type Changes, createMaster, type JobStorage, memoryStorage } from '../mod.ts'
import { scripted } from '../testing.ts'

/** A storage that waits before each write until it is told to go on. */
function heldStorage(kept = memoryStorage()) {
  let gate = Promise.resolve()
  let open = (): void => {}
  let failure: Error | undefined
  const storage: JobStorage = {
    ...kept,
    async write(changes: Changes) {
      await gate
      if (failure !== undefined) throw failure
      await kept.write(changes)
      return []
    },
  }
  return {
    storage,
    kept,
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>()
      gate = promise
      open = resolve
    },
    go(how?: Error) {
      failure = how
      open()
    },
  }
}

const settled = () => new Promise(resolve => setImmediate(resolve))

test.each([
  ['a result', { type: 'result', output: 7 }, 'result'],
  ['an error', { type: 'error', error: { name: 'E', code: 'x', message: 'm', retryable: false } }, 'error'],
])('%s shows once it is stored, and is acknowledged then', async (_name, reply, type) => {
  const { storage, kept, hold, go } = heldStorage()
  const { stomp, reply: say, acked } = scripted()
  await using master = createMaster({ stomp, masterId: 'm', storage })
  const job = master.dispatch('t', 1)
  await job.sent
  await settled()
  const heard: string[] = []
  void job.outcome.then(outcome => heard.push(outcome.type))
  hold()
  say({ request_id: job.request_id, ...reply })
  say({ request_id: job.request_id, type: 'log', level: 'info', message: 'late' })
  await settled()
  expect([heard, acked, job.snapshot.phase.at, master.counts[type as 'result']]).toEqual([[], [], 'sent', 0])
  expect(master.jobs.get(job.request_id)?.phase.at).toBe('sent')
  go()
  await vi.waitUntil(() => heard.length > 0 && acked.length > 1)
  expect([heard, acked, master.counts[type as 'result']]).toEqual([[type], [reply.type, 'log'], 1])
  const [stored] = (await kept.load()).jobs
  expect(stored).toEqual(master.jobs.get(job.request_id))
  expect(stored?.replies.map(one => one.type)).toEqual([reply.type, 'log'])
})

test('an outcome that cannot be stored shows with the reason, and is not acknowledged', async () => {
  const { storage, hold, go } = heldStorage()
  const { stomp, reply, acked } = scripted()
  await using master = createMaster({ stomp, masterId: 'm', storage })
  const job = master.dispatch('t', 1)
  await job.sent
  await settled()
  hold()
  reply({ request_id: job.request_id, type: 'result', output: 7 })
  go(new Error('disk full'))
  expect(await job.outcome).toMatchObject({ type: 'result', output: 7 })
  expect([acked, master.storageProblem?.message]).toEqual([[], expect.stringContaining('disk full')])
  go()
})

test('the master’s own outcomes show once they are stored, too', async () => {
  const { storage, hold, go } = heldStorage()
  const { stomp } = scripted()
  await using master = createMaster({ stomp, masterId: 'm', storage })
  const late = master.dispatch('t', 1, { timeoutMs: 20 })
  await late.sent
  await settled()
  hold()
  await new Promise(resolve => setTimeout(resolve, 40))
  expect(late.snapshot.phase.at).toBe('sent')
  go()
  expect(await late.outcome).toMatchObject({ type: 'timed_out' })
})

test('a job that cannot be stored by itself is refused by its name, and the others leave', async () => {
  const kept = memoryStorage()
  const storage: JobStorage = {
    ...kept,
    async write({ put, ...changes }: Changes) {
      const isOdd = ({ input }: { input: unknown }) => input === 'odd'
      await kept.write({ ...changes, put: put.filter(one => !isOdd(one)) })
      return put.filter(isOdd).map(({ request_id }) => ({ request_id, cause: new Error('not cloneable') }))
    },
  }
  const { stomp, jobs } = scripted()
  await using master = createMaster({ stomp, masterId: 'm', storage })
  const odd = master.dispatch('t', 'odd')
  const even = master.dispatch('t', 'even')
  await even.sent
  const outcome = await odd.outcome
  expect(outcome).toMatchObject({ type: 'error', error: { code: 'storage_failed' } })
  expect(JSON.stringify(outcome)).toContain(`Cannot store job ${odd.request_id}`)
  expect(jobs()).toHaveLength(1)
  await vi.waitUntil(() => master.storageProblem === undefined)
  expect(master.jobs.size).toBe(2)
})

test('an entry that could not be read is said, and is gone once it is forgotten by its id', async () => {
  const kept = memoryStorage()
  const unread = [{ where: 'line 3 of f', request_id: 'x', reason: 'its "phase" is missing' }]
  const storage: JobStorage = { ...kept, load: async () => ({ ...(await kept.load()), unread }) }
  const { stomp } = scripted()
  await using master = createMaster({ stomp, masterId: 'm', storage })
  await master.dispatch('t', 1).sent
  expect(master.storageProblem?.message).toBe(
    'Cannot read job x at line 3 of f: its "phase" is missing; it stays there as it is, and other jobs go on',
  )
  master.forget('x')
  await vi.waitUntil(() => master.storageProblem === undefined)
})

test('everything is forgotten when asked, and nothing is written after', async () => {
  const kept = memoryStorage()
  const late: unknown[] = []
  let isErased = false
  const storage: JobStorage = {
    ...kept,
    async write(changes: Changes) {
      if (isErased) late.push(changes)
      await kept.write(changes)
      return []
    },
    async erase() {
      isErased = true
      await kept.erase?.()
    },
  }
  const { stomp, reply } = scripted()
  const master = createMaster({ stomp, masterId: 'm', storage })
  const job = master.dispatch('t', 1)
  await job.sent
  const forgotten = master.forgetAll()
  reply({ request_id: job.request_id, type: 'result' })
  await forgotten
  job.cancel('too late')
  await settled()
  expect([await kept.load(), late, master.jobs.size]).toEqual([{ jobs: [] }, [], 0])
  expect(await job.outcome).toMatchObject({ type: 'detached' })
  await expect(master.forgetAll()).rejects.toThrow(expect.objectContaining({ code: 'closed' }))
})

test('a storage without `erase` is emptied of the jobs that the master knows', async () => {
  const { erase: _, ...kept } = memoryStorage()
  const { stomp } = scripted()
  const master = createMaster({ stomp, masterId: 'm', storage: kept })
  await master.dispatch('t', 1).sent
  await master.forgetAll()
  expect((await kept.load()).jobs).toEqual([])
})
