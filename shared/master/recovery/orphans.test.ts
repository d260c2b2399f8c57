/** Jobs that a broker had handed out as it ended, and did not keep: one that runs goes on, and one that nobody has goes out again. */
import { expect, test } from 'vitest'
import { classic, type Dialect, rabbitmq } from '../../stomp/mod.ts'
import { createMaster, type JobHandle, type MasterOptions, memoryStorage } from '../mod.ts'
import { scripted, session, steppedClock } from '../testing.ts'

const w1 = { worker_id: 'w1', name: 'one', features: ['state'] }
const w2 = { worker_id: 'w2', name: 'two', features: ['state'] }
/** As a bridge tells of the first worker, whose beats are 10 s apart. */
const counts = { concurrency: 1, active: 1, processed: 0, failed: 0, at: 0, interval_ms: 10_000 }
const said = { v: 1, type: 'announce', task: 't', state: 'busy', started_at: 0, ...counts, ...w1 }
const told = { snapshot: true, workers: [{ task: 't', said }] }
const failed = { name: 'Error', code: 'task_failed', message: 'no', retryable: true }

interface Options extends Pick<MasterOptions, 'storage'> {
  /** Of a broker that keeps its messages. */
  readonly keeper?: Dialect
}

/** A master of a broker in memory, unless it is another, with scripted workers. */
function ground({ keeper, ...options }: Options = {}, onPublish?: () => Promise<void>) {
  const { clock, goOn, sleep } = steppedClock()
  const { stomp, become, jobs, reply, announce, beat, tell, published } = scripted(onPublish, () => clock.now())
  /** Connects, to that run of the broker, and reads the replies that wait. */
  const connect = async (run?: string) => {
    become({ at: 'connecting' })
    become({ at: 'open', session: run === undefined ? { ...session, ...kept } : { ...session, run } })
    await goOn(600)
  }
  const kept = keeper === undefined ? {} : { dialect: keeper }
  become({ at: 'open', session: { ...session, ...(keeper === undefined ? { run: 'first' } : kept) } })
  const master = createMaster({ stomp, masterId: 'm', clock, ...options })
  const sent = () =>
    jobs().map(({ body }) => JSON.parse(body) as { request_id: string; attempt: number; losses: number })
  const says = (
    { request_id }: Pick<JobHandle, 'request_id'>,
    { worker_id }: { worker_id: string },
    seq: number,
    fields: object,
  ) => reply({ request_id, worker_id, seq, attempt: 1, ...fields })
  const asked = () => published.filter(({ body }) => body.includes('"state"')).length
  /** A job that the first worker has accepted. */
  const running = async () => {
    const job = master.dispatch('t', 1)
    await goOn(600)
    announce('t', w1)
    says(job, w1, 0, { type: 'accepted', losses: 0 })
    expect(job.snapshot.phase.at).toBe('running')
    return job
  }
  /** The first worker says that it has the job whenever it is asked. @returns how often it was */
  const answering = async (job: JobHandle, seconds: number) => {
    let answers = 0
    let heard = asked()
    for (let second = 0; second < seconds; second++) {
      announce('t', w1)
      if (asked() > heard) says(job, w1, ++answers, { type: 'accepted', losses: 0 })
      heard = asked()
      await goOn(1000)
    }
    return answers
  }
  return {
    master,
    goOn,
    sleep,
    connect,
    sent,
    says,
    announce,
    beat,
    tell,
    asked,
    running,
    answering,
    [Symbol.asyncDispose]: () => master[Symbol.asyncDispose](),
  }
}

test('the job of a worker that is gone goes out again as it was, and is one loss', async () => {
  await using it = ground()
  const job = await it.running()
  await it.connect('second')
  await it.goOn(12_000)
  expect(it.sent()).toMatchObject([{ attempt: 1 }, { request_id: job.request_id, attempt: 1, losses: 0 }])
  expect(job.snapshot).toMatchObject({ phase: { at: 'sent' }, losses: 1, broker_run: 'second' })
  it.announce('t', w2)
  it.says(job, w2, 0, { type: 'accepted', losses: 0 })
  it.says(job, w2, 1, { type: 'result', output: 2 })
  expect(await job.outcome).toMatchObject({ type: 'result', output: 2 })
  expect(job.snapshot).toMatchObject({ losses: 1, attempt: 1, late: [], workers: [{ at: 'gone' }, { at: 'ended' }] })
})

test('a job that its worker does not have any more, but stays, goes out for the next attempt: it can only have failed', async () => {
  await using it = ground()
  const job = await it.running()
  await it.connect('second')
  it.announce('t', w1)
  for (let second = 0; second < 10; second++) {
    it.beat('t', w1)
    await it.goOn(1000)
  }
  expect(it.sent()).toMatchObject([{ attempt: 1 }, { request_id: job.request_id, attempt: 2 }])
  it.says(job, w1, 0, { type: 'accepted', losses: 0, attempt: 2 })
  it.says(job, w1, 1, { type: 'result', output: 1, attempt: 2 })
  expect(await job.outcome).toMatchObject({ type: 'result', attempt: 2 })
  expect(job.snapshot).toMatchObject({ losses: 0, workers: [{ worker_id: 'w1' }] })
})

test('a job that a worker gave back as it shut down goes out again as it was, and is no loss', async () => {
  await using it = ground()
  const job = await it.running()
  await it.connect('second')
  for (let second = 0; second < 10; second++) {
    it.announce('t', { ...w1, state: 'draining' })
    await it.goOn(1000)
  }
  expect(it.sent()).toMatchObject([{ attempt: 1 }, { attempt: 1 }])
  expect(job.snapshot).toMatchObject({ losses: 0, workers: [{ at: 'requeued' }] })
})

test('a worker that says that it has a job keeps it, until it is gone', async () => {
  await using it = ground()
  const job = await it.running()
  await it.connect('second')
  const answers = await it.answering(job, 130)
  expect(it.sent()).toHaveLength(1)
  expect(answers, 'it is asked seldom').toBeLessThan(6)
  await it.goOn(10_000)
  expect(it.sent()).toHaveLength(2)
  expect(job.snapshot.losses).toBe(1)
})

test('a worker that said that it has a job, and fails it where nobody reads that, is found out in time', async () => {
  await using it = ground()
  const job = await it.running()
  await it.connect('second')
  it.announce('t', w1)
  await it.goOn(1000)
  it.says(job, w1, 1, { type: 'accepted', losses: 0 })
  for (let second = 0; second < 30; second++) {
    it.announce('t', w1)
    await it.goOn(1000)
  }
  expect(it.sent()).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
})

test('a master that comes back gives a worker that it never heard of the time to connect', async () => {
  const storage = memoryStorage()
  const before = ground({ storage })
  const { request_id } = await before.running()
  await before[Symbol.asyncDispose]()
  await using it = ground({ storage })
  await it.connect('second')
  await it.goOn(30_000)
  expect(it.sent()).toEqual([])
  await it.goOn(15_000)
  expect(it.sent()).toMatchObject([{ request_id, attempt: 1 }])
  expect(it.master.jobs.get(request_id)).toMatchObject({ losses: 1, workers: [{ at: 'lost' }] })
})

test('a worker that says nothing at all, busy as it is, is given the time', async () => {
  await using it = ground()
  await it.running()
  await it.connect('second')
  it.announce('t', { ...w1, interval_ms: 60_000 })
  await it.goOn(30_000)
  expect(it.sent()).toHaveLength(1)
  it.announce('t', { ...w1, interval_ms: 60_000 })
  await it.goOn(1000)
  expect(it.sent()).toHaveLength(2)
})

test('a cancel of a job that its worker does not have any more ends, and nothing is sent', async () => {
  await using it = ground()
  const job = await it.running()
  await it.connect('second')
  job.cancel('enough')
  for (let second = 0; second < 15; second++) {
    it.announce('t', w1)
    await it.goOn(1000)
  }
  expect(await job.outcome).toMatchObject({ type: 'cancelled', reason: 'enough' })
  expect(it.sent()).toHaveLength(1)
  expect(job.snapshot.losses).toBe(0)
})

test.for([
  ['the broker is the one that handed it out', 'first', w1],
  ['the broker keeps its messages', undefined, w1],
  ['its worker would not answer', 'second', { ...w1, features: [] }],
] as const)('nothing is concluded from silence where %s', async ([, run, worker]) => {
  await using it = ground()
  await it.running()
  await it.connect(run)
  for (let second = 0; second < 60; second++) {
    it.announce('t', worker)
    await it.goOn(1000)
  }
  expect(it.sent()).toHaveLength(1)
})

test('a job that was accepted before its RECEIPT was lost is of the run that it was sent to', async () => {
  await using it = ground({}, () => new Promise(() => {}))
  const job = await it.running()
  await it.connect('first')
  it.says(job, w1, 1, { type: 'retrying', error: failed })
  await it.goOn(60_000)
  expect(it.sent()).toHaveLength(1)
})

test('messages that came while this side stood still are read before anybody counts as silent', async () => {
  await using it = ground()
  const job = await it.running()
  await it.connect('second')
  const before = it.asked()
  it.announce('t', w1)
  await it.goOn(1000)
  expect(it.asked(), 'its worker was heard of').toBe(before + 1)
  await it.goOn(500)
  it.announce('t', w1)
  await it.goOn(3400) // the next look would conclude
  it.sleep(60_000)
  await it.goOn(1)
  it.says(job, w1, 1, { type: 'accepted', losses: 0 })
  it.announce('t', w1)
  await it.goOn(3000)
  expect(it.sent()).toHaveLength(1)
})

test.for([
  ['may not have stored it: the RECEIPT did not come', classic, false, 2],
  ['has stored it, as the RECEIPT says', classic, true, 1],
  ['stores a job before it hands it out', rabbitmq, false, 1],
] as const)(
  'a job that its worker took goes out again where a broker that was killed %s',
  async ([, keeper, isConfirmed, times]) => {
    let isBack = isConfirmed
    await using it = ground({ keeper }, () => (isBack ? Promise.resolve() : new Promise(() => {})))
    const job = await it.running()
    isBack = true
    await it.connect()
    await it.goOn(60_000)
    expect(it.sent()).toHaveLength(times)
    it.announce('t', w2)
    it.says(job, w2, 0, { type: 'accepted', losses: 0 })
    it.says(job, w2, 1, { type: 'result', output: 2 })
    expect(await job.outcome).toMatchObject({ type: 'result', output: 2 })
  },
)

test('a job without a RECEIPT stays with the worker that has it', async () => {
  let isBack = false
  await using it = ground({ keeper: classic }, () => (isBack ? Promise.resolve() : new Promise(() => {})))
  const job = await it.running()
  isBack = true
  await it.connect()
  expect(await it.answering(job, 60), 'it was asked').toBeGreaterThan(0)
  expect(it.sent()).toHaveLength(1)
})

test('a worker that a bridge tells of is heard once none of its beats is late, and not by what is told again', async () => {
  await using it = ground()
  await it.running()
  await it.connect('second')
  it.tell('t', told)
  const before = it.asked()
  await it.goOn(16_000)
  expect(it.asked()).toBe(before)
  await it.goOn(1000)
  expect(it.asked()).toBe(before + 1)
  await it.goOn(8000)
  it.tell('t', told)
  await it.goOn(8000)
  expect(it.sent()).toHaveLength(1)
  await it.goOn(1000)
  expect(it.sent()).toMatchObject([{ attempt: 1 }, { attempt: 2 }])
})

test('a worker of which a bridge tells that it is late is not heard by that', async () => {
  await using it = ground()
  await it.running()
  await it.connect('second')
  it.tell('t', told)
  await it.goOn(19_000)
  it.tell('t', { workers: [{ worker_id: 'w1', silent_ms: 18_000, now: {} }] })
  await it.goOn(10_000)
  expect(it.sent()).toHaveLength(1)
  it.tell('t', { workers: [{ worker_id: 'w1', now: { state: 'gone' } }] })
  await it.goOn(1000)
  expect(it.sent()).toMatchObject([{ attempt: 1 }, { attempt: 1 }])
})
