/**
 * A worker with `state` is killed with -9, and started again: outcomes whose arrival is in doubt are sent again, and jobs that come
 * again are answered as before, and do not run again. Promises 1 and 6.
 */
import { mkdtemp, mkdtempDisposable, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import { type Runtime, startWorkerProcess } from '../process.ts'

const missing: Readonly<Record<string, unknown>> = readPrepared()
const isThere = (need: string) => missing[need] === undefined
const setUps = (
  [
    ['node', 'embedded'],
    ['deno', 'embedded'],
    ['node', 'artemis'], // whose ACKs take no part in transactions; Classic and RabbitMQ are as the embedded one here
  ] as const
).filter(([runtime, broker]) => isThere(runtime) && isThere(broker))

const add = implement(defineTask('w.add', { input: z.number() }), value => value + 1)
const isRepeat = (line: string): boolean => line.includes('"repeated"')

async function setUp(runtime: Runtime, broker: (typeof setUps)[number][1]) {
  const stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'drover-state-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const { stompUrl } = await sharedBroker(broker)
  const namespace = unique('state')
  const master = stack.use(await scriptMaster(stompUrl, namespace, []))
  const proxy = stack.use(await startFaultProxy(stompUrl))
  const start = async (url: string) =>
    stack.use(await startWorkerProcess(runtime, { url, namespace, name: 'kept', state: join(folder, 'worker.db') }))
  return { stack, folder, master, proxy, start, url: stompUrl, throughProxy: proxy.through(stompUrl) }
}

test.for(setUps)(
  '%s, %s: an outcome whose RECEIPT never came is sent again by the next start',
  async ([runtime, broker]) => {
    const { stack, master, proxy, start, url, throughProxy } = await setUp(runtime, broker)
    await using _stack = stack
    const first = await start(throughProxy)
    const isStalled = proxy.stallAfter('up', broker === 'artemis' ? '"type":"result"' : 'COMMIT') // which has none for one message
    const id = await master.send('w.add', { a: 1, b: 2 })
    await isStalled
    const outcome = await master.outcome(id)
    first.child.signal('SIGKILL')
    await first.child.ended
    proxy.cut()
    const second = await start(url)
    const outcomes = () => master.replies.filter(({ type, request_id }) => type === 'result' && request_id === id)
    const evidence = () => second.child.log()
    // Artemis knows the mark of the first one, and hands the job out once more, whose ACK it did not get
    if (broker === 'artemis') await until('it is settled', () => second.lines('event ').find(isRepeat), { evidence })
    else await until('it comes once more', () => outcomes().length > 1, { evidence })
    const { worker_id, seq, attempt } = outcome
    for (const one of outcomes())
      expect(one, 'a reply that its master knows').toMatchObject({ worker_id, seq, attempt })
    expect(second.lines('run ')).toEqual([])
  },
)

test.for(setUps)(
  '%s, %s: a job whose COMMIT never came is answered by the next start, and runs once; one that was cancelled never does',
  async ([runtime, broker]) => {
    const { stack, folder, master, proxy, start, url, throughProxy } = await setUp(runtime, broker)
    await using _stack = stack
    const first = await start(throughProxy)
    const cancelled = crypto.randomUUID()
    await master.control('w.add', { type: 'cancel', request_id: cancelled, reason: 'enough' })
    await master.outcome(await master.send('w.add', { a: 1, b: 2 })) // it has heard of the cancel by then
    const gate = join(folder, 'gate')
    const id = await master.send('w.gated', { gate })
    await first.line(`run w.gated ${id}`)
    proxy.stall('up')
    await writeFile(gate, '')
    const evidence = () => first.child.log()
    await until('it has sent its outcome', () => proxy.waiting('up', '"type":"result"') > 0, { evidence })
    first.child.signal('SIGKILL')
    await first.child.ended
    expect(master.of(id).map(({ type }) => type)).toEqual(['accepted'])
    const second = await start(url)
    expect(await master.outcome(id)).toMatchObject({ type: 'result', output: 0, attempt: 1 })
    await until('its delivery is settled', () => second.lines('event ').find(isRepeat), {
      evidence: () => second.child.log(),
    })
    await master.send('w.add', { a: 1, b: 2 }, { body: { request_id: cancelled } })
    expect(await master.outcome(cancelled)).toMatchObject({ type: 'cancelled', reason: 'enough' })
    expect(second.lines('run '), second.child.log()).toEqual([])
  },
)

test('a worker does not start with the state of another namespace, and sends nothing of it', async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), 'drover-state-'))
  const { stompUrl: url } = await sharedBroker('embedded')
  const [here, there] = [unique('here'), unique('there')]
  await using master = await scriptMaster(url, here, [])
  const options = { url, state: join(folder.path, 'worker.db'), name: 'kept', signals: false, tasks: [add] }
  {
    await using _worker = await startWorker({ ...options, namespace: here })
    await master.outcome(await master.send('w.add', 1))
  }
  const message = expect.stringContaining(
    `is the state of a worker in namespace "${here}", and this one is in "${there}"`,
  )
  const starting = startWorker({ ...options, namespace: there })
  await expect(starting).rejects.toMatchObject({ code: 'config_invalid', message })
  await using again = await startWorker({ ...options, namespace: here })
  expect(again.stats).toMatchObject({ active: 0 })
})
