/** Refusals of a broker or a storage, against a connection that a test scripts. */
import { expect, test, vi } from 'vitest'
import { systemClock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import type { Stomp } from '../stomp/mod.ts'
import { createMaster, memoryStorage } from './mod.ts'
import { scripted, session } from './testing.ts'

const make = (stomp: Stomp, more = {}) => createMaster({ stomp, masterId: 'm', ...more })

test('a job that is forbidden ends at once with that code', async () => {
  const { stomp, jobs } = scripted(async () => {
    throw new DroverError('forbidden', 'no grant')
  })
  await using master = make(stomp)
  await expect(master.run('t', 1)).rejects.toThrow(expect.objectContaining({ code: 'forbidden' }))
  expect(jobs().length).toBe(1)
})

test.each([
  { error: { name: 'DroverError', code: 'output_too_large' }, code: 'output_too_large' },
  { error: { code: 'timed_out' }, code: 'task_failed' },
  { error: { code: 'disk_full' }, code: 'task_failed' },
  { error: 'disk full', code: 'message_invalid' },
  { error: { code: 'toString' }, code: 'task_failed' },
])('run() throws $code for the error $error', async ({ error, code }) => {
  const { stomp, jobs, reply } = scripted()
  await using master = make(stomp)
  const ran = master.run('t', 1)
  await vi.waitFor(() => expect(jobs()).toHaveLength(1))
  reply({ request_id: jobs()[0]!.headers!['correlation-id'], type: 'error', error })
  await expect(ran).rejects.toThrow(expect.objectContaining({ name: 'JobError', code }))
})

test('a job that cannot be sent says by both promises why the broker refused it', async () => {
  const { stomp } = scripted(async () => {
    throw new DroverError('config_invalid', 'no such queue here')
  })
  await using master = make(stomp)
  const handle = master.dispatch('t', 1)
  await expect(handle.sent).rejects.toThrow(expect.objectContaining({ code: 'config_invalid' }))
  await expect(master.run('t', 1)).rejects.toThrow(expect.objectContaining({ code: 'config_invalid' }))
})

test('a job that the broker refuses for another reason is tried again, three times in all', async () => {
  vi.useFakeTimers()
  try {
    const { stomp, jobs } = scripted(async () => {
      throw new DroverError('broker_error', 'queue full')
    })
    await using master = make(stomp)
    const handle = master.dispatch('t', 1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(await handle.outcome).toMatchObject({
      type: 'error',
      error: { code: 'broker_error', message: 'queue full' },
    })
    expect(jobs().length).toBe(3)
  } finally {
    vi.useRealTimers()
  }
})

test('a job whose RECEIPT does not come goes out again on the same connection', async () => {
  vi.useFakeTimers()
  try {
    let tries = 0
    const { stomp, jobs } = scripted(async () => {
      if (++tries < 5) throw new DroverError('timed_out', 'no RECEIPT')
    })
    await using master = make(stomp)
    const handle = master.dispatch('t', 1)
    await vi.advanceTimersByTimeAsync(10_000)
    await handle.sent
    expect(new Set(jobs().map(({ body }) => body)).size).toBe(1)
    expect(tries).toBe(5)
  } finally {
    vi.useRealTimers()
  }
})

test('expires is in the broker’s time, however wrong the page’s clock is, and is set', async () => {
  const { stomp, jobs } = scripted(
    async () => {},
    () => 1_700_000_005_000,
  )
  let wall = 0
  await using master = make(stomp, { clock: { ...systemClock, now: () => wall, steady: () => 5_000 } })
  const expires = []
  for (wall of [1_700_000_000_000, 1_700_003_600_000, 0]) {
    await master.dispatch('t', 1, { timeoutMs: 1000 }).sent
    expires.push(Number(jobs().at(-1)?.headers?.expires))
  }
  expect(expires).toEqual([1_700_000_006_000, 1_700_000_006_000, 1_700_000_006_000])
})

test('a job that cannot be stored does not leave, and a reply that cannot be is not acknowledged', async () => {
  let isFull = false
  const kept = memoryStorage()
  const storage = {
    ...kept,
    write: async (changes: Parameters<typeof kept.write>[0]) => {
      if (isFull) throw new Error('disk full')
      await kept.write(changes)
    },
  }
  vi.useFakeTimers()
  try {
    const { stomp, jobs, reply, acked } = scripted(async () => {})
    await using master = make(stomp, { storage })
    const stored = master.dispatch('t', 1)
    await stored.sent
    isFull = true
    const unstored = master.dispatch('t', 2)
    expect(await unstored.outcome).toMatchObject({ type: 'error', error: { code: 'storage_failed' } })
    await expect(unstored.sent).rejects.toMatchObject({ code: 'storage_failed' })
    expect(jobs().length).toBe(1)
    expect(master.storageProblem?.message).toContain('disk full')
    reply({ request_id: stored.request_id, type: 'result', output: 1 })
    await vi.advanceTimersByTimeAsync(3000)
    expect([(await stored.outcome).type, acked]).toEqual(['result', []])
    isFull = false
    await vi.advanceTimersByTimeAsync(3000)
    expect([acked, master.storageProblem]).toEqual([['result'], undefined])
  } finally {
    vi.useRealTimers()
  }
})

test('storage that cannot be read is said, and nothing is sent', async () => {
  const { stomp, published } = scripted(async () => {})
  const storage = { ...memoryStorage(), load: () => Promise.reject(new Error('EACCES')) }
  await using master = make(stomp, { storage })
  const handle = master.dispatch('t', 1)
  await expect(master.ready).rejects.toThrow(expect.objectContaining({ code: 'storage_failed' }))
  expect(await handle.outcome).toMatchObject({ type: 'detached' })
  expect([master.connection.at, published]).toEqual(['closed', []])
})

test('when the connection is closed for good, handles let go and the jobs stay', async () => {
  const { stomp, become } = scripted(async () => {})
  await using master = make(stomp)
  const running = master.run('t', 1).catch((error: unknown) => error)
  await master.ready
  become({ at: 'closed', reason: new DroverError('session_replaced', 'another tab has this master id') })
  expect(await running).toMatchObject({ code: 'closed', message: expect.stringContaining('another tab') })
  expect(master.counts.sent + master.counts.unsent).toBe(1)
  expect(() => master.dispatch('t', 1)).toThrow(expect.objectContaining({ code: 'closed' }))
})

test('an error that a listener throws is uncaught, and changes nothing for the job', async () => {
  const uncaught: unknown[] = []
  const before = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.on('uncaughtException', error => uncaught.push(error))
  try {
    const { stomp, reply } = scripted()
    await using master = make(stomp)
    const heard: string[] = []
    master.onChange(() => {
      throw new Error('my own mistake')
    })
    master.onChange(({ type }) => heard.push(type))
    const handle = master.dispatch('t', 1)
    await handle.sent
    reply({ request_id: handle.request_id, type: 'result', output: 1 })
    expect(await handle.outcome).toMatchObject({ type: 'result' })
    expect(await master.dispatch('t', 2, { timeoutMs: 20 }).outcome).toMatchObject({ type: 'timed_out' })
    expect(heard).toContain('job')
    expect(uncaught).toContainEqual(expect.objectContaining({ message: 'my own mistake' }))
  } finally {
    process.removeAllListeners('uncaughtException')
    for (const listener of before) process.on('uncaughtException', listener)
  }
})

test('a disposed master writes nothing more, though a RECEIPT and a cancel still come', async () => {
  const kept = memoryStorage()
  let isClosed = false
  const late: unknown[] = []
  const storage = {
    ...kept,
    write: async (changes: Parameters<typeof kept.write>[0]) => {
      if (isClosed) late.push(changes)
      await kept.write(changes)
    },
    close: async () => {
      isClosed = true
    },
  }
  const receipt = Promise.withResolvers<void>()
  const { stomp, jobs } = scripted(() => receipt.promise)
  const master = make(stomp, { storage })
  const handle = master.dispatch('t', 1)
  await vi.waitUntil(() => jobs().length === 1)
  await master[Symbol.asyncDispose]()
  receipt.resolve()
  handle.cancel('too late')
  await new Promise(resolve => setImmediate(resolve))
  expect([isClosed, late]).toEqual([true, []])
})

test('nothing rejects unheard', async () => {
  const unhandled: unknown[] = []
  const onUnhandled = (reason: unknown) => unhandled.push(reason)
  process.on('unhandledRejection', onUnhandled)
  const { stomp, become } = scripted(async () => {
    throw new DroverError('forbidden', 'no grant')
  })
  const master = make(stomp)
  master.dispatch('t', 1)
  master.broadcast('t', 1)
  await new Promise(resolve => setImmediate(resolve))
  become({ at: 'closed', reason: new Error('over') })
  await master[Symbol.asyncDispose]()
  await new Promise(resolve => setImmediate(resolve))
  process.off('unhandledRejection', onUnhandled)
  expect(unhandled).toEqual([])
})

test('options out of range are refused', () => {
  const { stomp } = scripted(async () => {})
  expect(() => createMaster({})).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  const master = make(stomp)
  for (const options of [{ timeoutMs: 1.5 }, { priority: 10 }, { until: { count: 0 } }]) {
    expect(() => master.broadcast('t', 1, options)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  }
  expect(() => master.again('nope')).toThrow(expect.objectContaining({ code: 'config_invalid' }))
  return master[Symbol.asyncDispose]()
})

test('a cancel is told again while the worker of the job may not have heard it, and no more once it has', async () => {
  vi.useFakeTimers()
  try {
    const { stomp, published, reply } = scripted()
    await using master = make(stomp)
    const handle = master.dispatch('t', 1)
    await handle.sent
    const said = (seq: number, more: object) =>
      reply({ v: 1, request_id: handle.request_id, worker_id: 'w', seq, at: 0, attempt: 1, ...more })
    said(0, { type: 'accepted', name: 'one' })
    const cancels = () => published.filter(({ body }) => String(body).includes('"cancel"')).length
    handle.cancel('no need')
    await vi.advanceTimersByTimeAsync(1000)
    expect(cancels()).toBe(1)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(cancels()).toBe(2)
    said(1, { type: 'cancelled', reason: 'no need' })
    expect(await handle.outcome).toMatchObject({ type: 'cancelled' })
    await vi.advanceTimersByTimeAsync(60_000)
    expect(cancels()).toBe(2)
  } finally {
    vi.useRealTimers()
  }
})

test('a large job that the connection goes with each time, without a word, is given up and said to be', async () => {
  const large = 'x'.repeat(70_000)
  const bounded = { ...session, dialect: { ...session.dialect, frameSetting: 'its.setting' } }
  const { stomp, jobs, become } = scripted(async message => {
    if (!message.body.includes(large)) return
    queueMicrotask(() => {
      become({ at: 'connecting' })
      become({ at: 'open', session: bounded })
    })
    throw new DroverError('connection_lost', 'The connection went before the RECEIPT')
  })
  const frameLimit = { maxFrameBytes: undefined, why: '', outgrownBy: () => {} }
  await using master = make(Object.assign(stomp, { frameLimit }))
  const [job, other] = [master.dispatch('t', large), master.dispatch('t', 'small')]
  expect(await job.outcome).toMatchObject({
    type: 'error',
    error: { code: 'frame_too_large', message: expect.stringContaining('can raise its.setting') },
  })
  await other.sent
  expect(jobs().filter(({ body }) => body.includes(large))).toHaveLength(4)
})
