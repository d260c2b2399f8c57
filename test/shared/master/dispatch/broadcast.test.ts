/** Jobs to every worker, and the roster. Promise 2. */
import { startMaster, statusOf } from 'drover/master'
import { expect, test } from 'vitest'
import { setUpEmbedded } from '../../../support/brokers/embedded.ts'
import { startFaultProxy } from '../../../support/fault-proxy.ts'
import { newTask, type ScriptOptions, scriptWorker } from '../../../support/scripted-worker.ts'
import { until } from '../../../support/until.ts'

const broker = setUpEmbedded()

const error = { name: 'Error', code: 'task_failed', message: 'no luck', retryable: false }
const worker = (task: string, workerId: string, more: Partial<ScriptOptions> = {}) =>
  scriptWorker({ url: broker.url, task, workerId, ...more })
const echo: Partial<ScriptOptions> = { onJob: job => void job.reply({ type: 'result', output: job.job.input }) }

test('everyone answers, failures included', async () => {
  const task = newTask()
  await using _one = await worker(task, 'w1', { ...echo, name: 'anvil' })
  await using _two = await worker(task, 'w2', { onJob: job => void job.reply({ type: 'error', error }) })
  await using master = await startMaster({ url: broker.url })
  const broadcast = master.broadcast(task, 7)
  await broadcast.sent
  const { type, outcomes, missing } = await broadcast.done
  expect([type, missing]).toEqual(['answered', []])
  expect(outcomes.toSorted((a, b) => (a.worker_id ?? '').localeCompare(b.worker_id ?? ''))).toMatchObject([
    { type: 'result', output: 7, worker_id: 'w1' },
    { type: 'error', error, worker_id: 'w2' },
  ])
})

test('a worker that did not answer within the timeout is named, and told to stop', async () => {
  const task = newTask()
  await using _one = await worker(task, 'w1', echo)
  await using silent = await worker(task, 'w2', { name: 'bellows' })
  await using master = await startMaster({ url: broker.url })
  const { type, outcomes, missing } = await master.broadcast(task, 7, { timeoutMs: 2_500 }).done
  expect([type, outcomes.length, missing]).toEqual(['timed_out', 1, ['bellows']])
  await silent.control('cancel')
})

test('until a count is done with that many; until timeout waits and is answered', async () => {
  const task = newTask()
  await using _one = await worker(task, 'w1', echo)
  await using _two = await worker(task, 'w2', { name: 'bellows' })
  await using master = await startMaster({ url: broker.url })
  expect(await master.broadcast(task, 1, { until: { count: 1 } }).done).toMatchObject({
    type: 'answered',
    outcomes: [{}],
  })
  const patient = await master.broadcast(task, 1, { until: 'timeout', timeoutMs: 2_000 }).done
  expect(patient).toMatchObject({ type: 'answered', outcomes: [{}], missing: ['bellows'] })
})

test('a broadcast that nobody is there for ends as no worker, once that is known', async () => {
  await using master = await startMaster({ url: broker.url })
  const task = newTask()
  const broadcast = master.broadcast(task, 1)
  expect(await broadcast.done).toEqual({ type: 'no_worker', outcomes: [], missing: [] })
  expect(await master.broadcast(task, 1).done).toMatchObject({ type: 'no_worker' })
})

test('a worker without presence joins by accepting', async () => {
  const task = newTask()
  await using silent = await worker(task, 'w1', { isPresent: false })
  await using _there = await worker(task, 'w2', echo)
  await using master = await startMaster({ url: broker.url })
  const broadcast = master.broadcast(task, 1)
  const delivery = await silent.next()
  await delivery.reply({ type: 'accepted', name: 'stranger' })
  await until('the stranger on the roster', () => master.workers.get('w1')?.name === 'stranger')
  await until('the roster', () => master.tasks.find(one => one.task === task)?.known)
  expect(statusOf(broadcast.snapshot)).toBe('running')
  await delivery.reply({ type: 'result', output: 2 })
  expect((await broadcast.done).outcomes.length).toBe(2)
})

test('a draining worker is not waited for, one that is gone is missing', async () => {
  const task = newTask()
  await using _one = await worker(task, 'w1', echo)
  await using draining = await worker(task, 'w2')
  await using going = await worker(task, 'w3', { name: 'going' })
  await using master = await startMaster({ url: broker.url })
  const broadcast = master.broadcast(task, 1)
  await until('a roster of three', () => broadcast.snapshot.expected?.length === 3)
  await draining.announce('draining')
  await going.announce('gone')
  expect(await broadcast.done).toMatchObject({ type: 'answered', outcomes: [{}], missing: ['going'] })
})

test('a worker that misses three beats is gone', async () => {
  const task = newTask()
  await using mute = await worker(task, 'w1', { intervalMs: 100 })
  await using master = await startMaster({ url: broker.url })
  const states = new Set<unknown>()
  master.onChange(() => states.add(master.workers.get('w1')?.state))
  master.watch(task)
  await until('the worker', () => states.has('idle'))
  await mute.stomp.close()
  await until('its going', () => master.workers.get('w1')?.state === 'gone')
  expect(master.tasks).toMatchObject([{ task, workers: 0 }])
})

test('a job shows that the worker which has it is gone, and is not over', async () => {
  const task = newTask()
  const mute = await worker(task, 'w1', { intervalMs: 100 })
  await using master = await startMaster({ url: broker.url })
  const job = master.dispatch(task, 1)
  await (await mute.next()).reply({ type: 'accepted' })
  await until('it runs', () => statusOf(job.snapshot) === 'running')
  await mute.stomp.close()
  await until('its worker’s going', () => job.snapshot.workers[0]?.at === 'gone')
  expect([statusOf(job.snapshot), job.snapshot.losses]).toEqual(['running', 1])
  await using _other = await worker(task, 'w2', {
    onJob: delivery => void delivery.reply({ type: 'result', output: 2 }),
  })
  expect(await job.outcome).toMatchObject({ type: 'result', output: 2, worker_id: 'w2' })
})

test('watching shows workers, tasks and schemas; with * those of every task', async () => {
  const [task, other] = [newTask(), newTask()]
  await using _one = await worker(task, 'w1', { name: 'anvil' })
  await using two = await worker(other, 'w2')
  await using master = await startMaster({ url: broker.url })
  master.watch(task)
  await until('the roster', () => master.tasks.some(one => one.task === task && one.known))
  expect(master.tasks).toMatchObject([{ task, workers: 1, input_schema: { type: 'object' } }])
  expect(master.workers.get('w1')).toMatchObject({ name: 'anvil', runtime: 'script', host: 'here', tasks: [task] })
  master.watch('*')
  const seen = until('the other’s worker', () => master.workers.has('w2'))
  const stop = setInterval(() => void two.announce(), 20)
  await seen
  clearInterval(stop)
  expect(master.tasks.map(one => one.task)).toContain(other)
})

test('malformed presence is counted', async () => {
  const task = newTask()
  await using one = await worker(task, 'w1')
  await using master = await startMaster({ url: broker.url })
  master.watch(task)
  await until('the worker', () => master.workers.has('w1'))
  for (const body of ['{', '{"type":"beat"}', '{"type":"nap"}']) {
    await one.stomp.publish({ destination: `/topic/myapp.workers.${task}`, body })
  }
  await until('the last', () => master.discards.unknown_type === 1)
  expect(master.discards.invalid).toBe(2)
})

// A bridge refuses such presence
if (!broker.isBridged) {
  test('presence of a name that is no task is counted, and names none', async () => {
    const task = newTask()
    await using one = await worker(task, 'w1')
    await using master = await startMaster({ url: broker.url })
    master.watch('*')
    const counts = { concurrency: 1, active: 0, processed: 0, failed: 0, at: 0, interval_ms: 1000 }
    const body = JSON.stringify({ v: 1, type: 'beat', worker_id: 'w2', name: 'w2', state: 'idle', ...counts })
    const publishing = setInterval(() => {
      void one.stomp.publish({ destination: '/topic/myapp.workers.Not_A_Task', body })
    }, 20)
    await until('the stray', () => master.discards.invalid > 0)
    clearInterval(publishing)
    expect([...master.workers.keys()]).not.toContain('w2')
    expect(master.tasks.filter(known => known.task.includes('Not'))).toEqual([])
  })
}

test('a cancelled broadcast ends when those who took it have said so', async () => {
  const task = newTask()
  await using one = await worker(task, 'w1')
  await using _two = await worker(task, 'w2')
  await using master = await startMaster({ url: broker.url })
  const broadcast = master.broadcast(task, 1)
  const delivery = await one.next()
  await delivery.reply({ type: 'accepted' })
  await until('it runs', () => statusOf(broadcast.snapshot) === 'running')
  broadcast.cancel('stop')
  await one.control('cancel')
  await delivery.reply({ type: 'cancelled', reason: 'stop' })
  expect(await broadcast.done).toMatchObject({ type: 'cancelled', outcomes: [{ type: 'cancelled', worker_id: 'w1' }] })
})

test('after a reconnect the roster is asked anew, and a broadcast goes on', async () => {
  await using proxy = await startFaultProxy(broker.url)
  const task = newTask()
  await using one = await worker(task, 'w1')
  await using master = await startMaster({ url: proxy.through(broker.url), random: () => 0 })
  const broadcast = master.broadcast(task, 1)
  await until('the roster', () => broadcast.snapshot.expected?.length === 1)
  const delivery = await one.next()
  one.controls.length = 0
  proxy.cut()
  await one.control('ping')
  expect(await one.control('state')).toMatchObject({ request_id: broadcast.request_id })
  await delivery.reply({ type: 'result', output: 1 })
  expect((await broadcast.done).type).toBe('answered')
})
