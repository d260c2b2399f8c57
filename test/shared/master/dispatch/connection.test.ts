/** Jobs whose connection is not there yet, goes, or is refused, over a real socket. Promises 1, 4 and 5. */
import { createMaster, memoryStorage, startMaster } from 'drover/master'
import { expect, test } from 'vitest'
import { setUpEmbedded } from '../../../support/brokers/embedded.ts'
import { startFaultProxy } from '../../../support/fault-proxy.ts'
import { answerEach, newTask, scriptWorker } from '../../../support/scripted-worker.ts'
import { collect, until } from '../../../support/until.ts'

const broker = setUpEmbedded()

test('jobs dispatched before there is a connection leave when there is one', async () => {
  await using proxy = await startFaultProxy(broker.url)
  proxy.refuse()
  const task = newTask()
  await using _worker = await answerEach(broker.url, task)
  await using master = createMaster({ url: proxy.through(broker.url), random: () => 0 })
  const handle = master.dispatch(task, null)
  expect(master.outboxSize).toBe(1)
  proxy.admit()
  expect((await handle.outcome).type).toBe('result')
  expect(master.outboxSize).toBe(0)
})

/** A job that its worker has, and whose RECEIPT does not arrive. */
async function withoutReceipt(stack: AsyncDisposableStack) {
  const proxy = stack.use(await startFaultProxy(broker.url))
  const task = newTask()
  const worker = stack.use(await scriptWorker({ url: broker.url, task, workerId: 'w1' }))
  const master = stack.use(await startMaster({ url: proxy.through(broker.url), random: () => 0 }))
  proxy.stall('down')
  const handle = master.dispatch(task, null)
  return { proxy, worker, handle, delivery: await worker.next() }
}

test('a job whose RECEIPT was lost goes out again under the same id, once the replies are read', async () => {
  await using stack = new AsyncDisposableStack()
  const { proxy, worker, handle } = await withoutReceipt(stack)
  proxy.cut()
  proxy.flow()
  const again = await worker.next()
  expect(again.job.request_id).toBe(handle.request_id)
  await again.reply({ type: 'result', output: 2 })
  expect(await handle.outcome).toMatchObject({ type: 'result', output: 2 })
})

test('a job that was accepted while the RECEIPT was lost does not go out again', async () => {
  await using stack = new AsyncDisposableStack()
  const { proxy, worker, handle, delivery } = await withoutReceipt(stack)
  await delivery.reply({ type: 'accepted' })
  proxy.cut()
  proxy.flow()
  expect(await worker.control('state')).toMatchObject({ request_id: handle.request_id })
  await delivery.reply({ type: 'result', output: 3 })
  expect(await handle.outcome).toMatchObject({ output: 3 })
  expect(worker.deliveries).toEqual([])
})

test('a master that comes back reads its replies before it decides that a job timed out', async () => {
  const task = newTask()
  const storage = memoryStorage()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  const first = await startMaster({ url: broker.url, storage })
  const left = first.dispatch(task, null, { timeoutMs: 2_000 })
  const lost = first.dispatch(task, null, { timeoutMs: 2_000 })
  await Promise.all([left.sent, lost.sent])
  const { masterId } = first
  await first[Symbol.asyncDispose]()
  expect((await left.outcome).type).toBe('detached')
  const deliveries = [await worker.next(), await worker.next()]
  await deliveries.find(one => one.job.request_id === left.request_id)?.reply({ type: 'result', output: 4 })
  await until('the timeout is over', () => Date.now() > left.snapshot.created_at + 2_050)
  await using second = await startMaster({ url: broker.url, storage })
  expect(second.masterId).toBe(masterId)
  const [back, gone] = [second.job(left.request_id)!, second.job(lost.request_id)!]
  if (back.mode !== 'queue' || gone.mode !== 'queue') throw new Error('not a queued job')
  expect(await back.outcome).toMatchObject({ type: 'result', output: 4 })
  expect(await gone.outcome).toEqual({ type: 'timed_out', timeout_ms: 2_000 })
})

test('while there is no connection, a job that may have left is waited for a while past its timeout, then ends', async () => {
  await using proxy = await startFaultProxy(broker.url)
  const task = newTask()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  await using master = await startMaster({ url: proxy.through(broker.url), random: () => 0, awayGraceMs: 100 })
  const handle = master.dispatch(task, null, { timeoutMs: 1_500 })
  await handle.sent
  await worker.next()
  proxy.refuse()
  proxy.cut()
  const unsent = master.dispatch(task, null, { timeoutMs: 20 })
  expect((await unsent.outcome).type).toBe('timed_out')
  expect((await handle.outcome).type).toBe('timed_out')
  proxy.admit()
  await worker.control('cancel') // as soon as it can be said
})

test('disposing detaches: run() rejects with closed, readers end, nothing is cancelled', async () => {
  const task = newTask()
  await using worker = await scriptWorker({ url: broker.url, task, workerId: 'w1' })
  const master = await startMaster({ url: broker.url })
  const running = master.run(task, null).catch((cause: unknown) => cause)
  const handle = master.dispatch(task, null)
  const reading = collect(handle.replies())
  await worker.next()
  await master[Symbol.asyncDispose]()
  await master[Symbol.asyncDispose]()
  expect(await running).toMatchObject({ code: 'closed', outcome: { type: 'detached' } })
  expect(await reading).toEqual([])
  expect(() => master.dispatch(task, null)).toThrow(expect.objectContaining({ code: 'closed' }))
  expect(worker.controls.some(control => control.type === 'cancel')).toBe(false)
})

test('startMaster() names the fault: a passcode, a broker that is not there', async () => {
  const bad = broker.url.replace('foo:bar', 'foo:wrong')
  await expect(startMaster({ url: bad })).rejects.toThrow(expect.objectContaining({ code: 'not_authenticated' }))
  await using proxy = await startFaultProxy(broker.url)
  proxy.refuse()
  await expect(startMaster({ url: proxy.through(broker.url), startTimeoutMs: 50 })).rejects.toThrow(
    expect.objectContaining({ code: 'broker_unreachable' }),
  )
  await expect(startMaster({ url: broker.url, signal: AbortSignal.abort(new Error('no')) })).rejects.toThrow('no')
})

test('a job that the broker ends the session for is found out, and the others go on', async () => {
  const task = newTask()
  await using _worker = await answerEach(broker.url, task)
  await using master = await startMaster({ url: broker.url, random: () => 0 })
  const big = master.dispatch(task, 'x'.repeat(20_000_000))
  const small = master.dispatch(task, 'x')
  expect(await big.outcome).toMatchObject({ type: 'error', error: { code: 'frame_too_large' } })
  await expect(big.sent).rejects.toThrow('was not sent')
  expect((await small.outcome).type).toBe('result')
})

// At a bridge foo has every namespace
if (!broker.isBridged) {
  test('a namespace that this login may not use is said at the start', async () => {
    await expect(startMaster({ url: broker.url, namespace: 'other', random: () => 0 })).rejects.toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    )
  })
}
