/** Sealed jobs end as open ones do, and nobody on the way can read them: not at the broker's port, in logs, stores or the dead queue. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { memoryStorage, startMaster } from '../../shared/master/node.ts'
import { type JsonWebKeySet, newKey, publicKeys } from '../../shared/seal/mod.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { startWiretap, type Wiretap } from '../support/wiretap.ts'

const plain = 'Zm9vYmFy-plain-text'

describe.each(['embedded', 'classic'] as const)('%s', name => {
  let stack: AsyncDisposableStack
  let tap: Wiretap
  let url: string
  let keys: JsonWebKeySet
  const log: WorkerEvent[] = []
  const namespace = unique('sealed')
  const echo = defineTask('seal.echo', { input: z.object({ text: z.string() }), sealed: 'required' })
  const fails = defineTask('seal.fails', { input: z.object({ text: z.string() }), attempts: 2, retryDelayMs: 10 })
  const tasks = [
    implement(echo, async ({ text }, job) => {
      job.progress(50, text, { text })
      job.log('info', text)
      await job.partial({ text })
      return { text }
    }),
    implement(fails, ({ text }) => {
      throw Object.assign(new Error(text), { code: text })
    }),
  ]
  const input = { text: plain }

  beforeEach(async () => {
    stack = new AsyncDisposableStack()
    const { stompUrl } = await sharedBroker(name)
    tap = stack.use(await startWiretap(stompUrl))
    url = tap.through(stompUrl)
    keys = { keys: [await newKey('x25519')] }
    log.length = 0
  })
  afterEach(() => stack.disposeAsync())

  const startOne = async (set = keys) =>
    stack.use(
      await startWorker({
        url,
        namespace,
        tasks,
        signals: false,
        seal: { keys: set },
        onEvent: one => void log.push(one),
      }),
    )
  const start = async (options = {}) =>
    stack.use(await startMaster({ url, namespace, seal: { keys: publicKeys(keys) }, ...options }))
  const seen = () => tap.text() + JSON.stringify(log, (_, value) => (value instanceof Error ? value.stack : value))

  test('a queued job is answered, with progress, log and partials', async () => {
    await startOne()
    const master = await start()
    const job = master.dispatch(echo, input, { timeoutMs: 20_000 })
    const said: string[] = []
    for await (const reply of job.replies()) said.push(reply.type)
    expect(await job.outcome).toMatchObject({ type: 'result', output: { text: plain } })
    expect(said).toEqual(['accepted', 'progress', 'log', 'partial', 'result'])
    const state = master.jobs.get(job.request_id)!
    expect(state.progress).toMatchObject({ percent: 50, message: plain, data: { text: plain } })
    expect(state).toMatchObject({ input, sealed: true })
    expect(seen()).toContain('"sealed":')
    expect(seen()).not.toContain(plain)
  })

  test('a broadcast is answered by each worker', async () => {
    await startOne()
    await startOne()
    const master = await start()
    const { outcomes } = await master.broadcast(echo, input, { timeoutMs: 20_000 }).done
    expect(outcomes.map(one => (one.type === 'result' ? one.output : one))).toEqual([{ text: plain }, { text: plain }])
    expect(seen()).not.toContain(plain)
  })

  test('a job that fails is tried again, and its error and dead letter are sealed', async () => {
    await startOne()
    const master = await start()
    const outcome = await master.dispatch(fails, input, { timeoutMs: 20_000 }).outcome
    expect(outcome).toMatchObject({ type: 'error', attempt: 2, error: { message: plain, code: plain } })
    expect(seen()).toContain('.dead')
    expect(seen()).not.toContain(plain)
  })

  test('a job that a worker without the key is handed goes to one that has it', async () => {
    await startOne({ keys: [await newKey('x25519')] })
    const master = await start()
    const job = master.dispatch(echo, input, { timeoutMs: 20_000 })
    for await (const reply of job.replies()) if (reply.type === 'cannot_open') break
    await startOne()
    expect(await job.outcome).toMatchObject({ type: 'result', attempt: 1, output: { text: plain } })
    expect(master.jobs.get(job.request_id)).toMatchObject({ losses: 0 })
  })

  test('an open job of a task that takes sealed ones only is rejected', async () => {
    await startOne()
    const master = await start({ seal: undefined })
    const outcome = await master.dispatch(echo, input, { timeoutMs: 20_000 }).outcome
    expect(outcome).toMatchObject({
      type: 'rejected',
      issues: [{ message: expect.stringContaining('sealed jobs only') }],
    })
  })

  test('what is stored is sealed, and opens for a master with the same key', async () => {
    await startOne()
    const storage = memoryStorage()
    const written: string[] = []
    const kept = {
      ...storage,
      write: (changes: Parameters<typeof storage.write>[0]) => {
        written.push(JSON.stringify(changes))
        return storage.write(changes)
      },
    }
    const first = await startMaster({ url, namespace, seal: { keys }, storage: kept })
    const job = first.dispatch(echo, input, { timeoutMs: 20_000 })
    await job.outcome
    await first[Symbol.asyncDispose]()
    expect(written.join('')).not.toContain(plain)
    const again = await start({ seal: { keys }, storage: kept })
    expect(again.jobs.get(job.request_id)).toMatchObject({ input, phase: { outcome: { output: { text: plain } } } })
    const blind = await start({ storage: kept })
    expect(blind.jobs.get(job.request_id)).toMatchObject({
      input: null,
      phase: { outcome: { type: 'result', sealed: true } },
    })
  })
})
