/** Dead letters on each broker: listed, shown, sent again and dropped, and never lost by being looked at. */
import { expect } from 'vitest'
import * as z from 'zod'
import { startMaster } from '../../../../shared/master/node.ts'
import { connectStomp, destinationsOf } from '../../../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../../../shared/stomp/sockets/node.ts'
import { defineTask, implement, startWorker } from '../../../../worker/node.ts'
import { testOnEach } from '../../../support/brokers/each.ts'
import { until } from '../../../support/until.ts'

const task = defineTask('mend.it', {
  input: z.string(),
  output: z.string(),
  attempts: 2,
  retryDelayMs: 0,
  timeoutMs: 60_000,
})
const ids = (letters: readonly { readonly request_id?: string | undefined }[]) =>
  letters.map(one => one.request_id).sort()

testOnEach('dead letters are listed, sent again once and dropped', 'dead', async ({ stompUrl, namespace, stack }) => {
  const to = destinationsOf(namespace)
  let isMended = false
  const runs: string[] = []
  const run = implement(task, input => {
    if (!isMended) throw Object.assign(new Error('the part is missing'), { code: 'no_part' })
    runs.push(input)
    return `mended ${input}`
  })
  stack.use(await startWorker({ url: stompUrl, namespace, name: 'box', tasks: [run], signals: false }))
  const master = stack.use(await startMaster({ url: stompUrl, namespace }))
  const jobs = ['a', 'b', 'c'].map(input => master.dispatch(task, input))
  for (const job of jobs) expect(await job.outcome).toMatchObject({ type: 'error' })
  const [a, b, c] = jobs.map(job => job.request_id) as [string, string, string]

  // As other programs and older versions leave letters there
  const plain = stack.use(connectStomp({ url: stompUrl, namespace, createSocket: createNodeSocket }))
  await plain.opened()
  const send = (body: string, id = '') =>
    plain.publish({ destination: to.dead, headers: { persistent: 'true', 'correlation-id': id }, body })
  const old = crypto.randomUUID()
  const error = { name: 'Error', code: 'job_dead', message: 'lost', retryable: false }
  const twice = JSON.stringify({
    request_id: old,
    task: task.name,
    input: 'old',
    attempt: 2,
    error,
    worker_id: 'w',
    at: 5,
  })
  await send(twice, old)
  await send(twice, old)
  await send('no JSON at all')
  await send(JSON.stringify({ request_id: crypto.randomUUID(), task: task.name, input_omitted: true, error }))

  const all = await until('all letters stand there', async () => {
    const list = await master.dead.list()
    return list.matched === 6 ? list : undefined
  })
  for (let again = 0; again < 3; again++) expect(await master.dead.list()).toEqual(all)
  expect(ids((await master.dead.list({ error: 'no_part' })).letters)).toEqual([a, b, c].sort())
  expect(ids((await master.dead.list({ error: 'PART is' })).letters)).toEqual([a, b, c].sort())
  expect(ids((await master.dead.list({ task: 'mend.*', olderThanMs: 86_400_000, id: [old, a] })).letters)).toEqual([
    old,
  ])
  expect(await master.dead.list({ newerThanMs: 60_000 }, { limit: 2 })).toMatchObject({
    matched: 3,
    letters: { length: 2 },
  })
  expect(await master.dead.show(a)).toMatchObject({
    request_id: a,
    task: task.name,
    error: { code: 'no_part' },
    input: 'a',
    history: [
      { kind: 'failed', attempt: 1, name: 'box', error: { code: 'no_part', message: 'the part is missing' } },
      { kind: 'failed', attempt: 2, name: 'box', error: { code: 'no_part' } },
    ],
  })
  expect(await master.dead.show(old)).toMatchObject({ copies: 2, history: [], problem: undefined })
  const text = all.letters.find(({ request_id }) => request_id === undefined)!
  expect(text).toMatchObject({ body: 'no JSON at all', problem: expect.stringMatching(/no job/) })

  // Once more in vain, then for good
  const once = await master.dead.retry({ id: a }, { by: 'ada' })
  expect(ids(once.done)).toEqual([a])
  const died = await until('it is dead again', async () => {
    const letter = await master.dead.show(a)
    return letter?.retried === undefined ? undefined : letter
  })
  expect(died.history.map(({ kind }) => kind)).toEqual(['failed', 'failed', 'retried', 'failed', 'failed'])
  expect(died).toMatchObject({ retried: { by: 'ada' }, attempt: 2 })
  isMended = true
  const both = await Promise.all([
    master.dead.retry({ task: task.name }, { by: 'ada' }),
    master.dead.retry({ task: task.name }, { by: 'bob' }),
  ])
  const sent = both.flatMap(({ done }) => ids(done))
  // One that stands twice may go to both. The second is dropped by the broker, or answered by the worker
  expect([...new Set(sent)].toSorted()).toEqual([a, b, c, old].toSorted())
  expect(both.flatMap(({ left }) => left.map(({ why }) => why)).join()).toMatch(/too large to be kept|^$/)
  await until('all have run', () => runs.length >= 4, { evidence: () => runs.join() })
  const late = await until(
    'its first master has heard',
    () => master.job(a)!.snapshot.late.at(-1)?.type === 'result' && master.job(a)!.snapshot.late,
  )
  expect(late).toMatchObject([
    { type: 'error', retried: { by: 'ada' } },
    { type: 'result', output: 'mended a', retried: { by: expect.stringMatching(/ada|bob/) } },
  ])
  expect(master.job(a)!.snapshot.phase).toMatchObject({ outcome: { type: 'error' } })

  expect(await master.dead.retry({ id: [text.id, a] })).toMatchObject({
    done: [],
    left: [{ letter: { id: text.id } }],
  })
  const dropped = await master.dead.drop({ id: text.id })
  expect(dropped.done).toHaveLength(1)
  expect(await master.dead.list()).toMatchObject({
    total: 1,
    letters: [{ problem: expect.stringMatching(/too large/) }],
  })
  expect((await master.dead.drop({ task: '*' })).done).toHaveLength(1)
  expect(await master.dead.list()).toMatchObject({ total: 0 })
  expect(runs.toSorted(), 'each job ran once').toEqual(['a', 'b', 'c', 'old'])
})
