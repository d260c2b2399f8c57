/** A broker in memory that ends and comes back: it names its run, and jobs that an earlier run took are gone. Promise 1. */
import { expect, test } from 'vitest'
import { createMaster, memoryStorage } from '../mod.ts'
import { scripted, session } from '../testing.ts'

const of = (run: string) => ({ at: 'open' as const, session: { ...session, run } })

/** @param run of the broker; absent: an embedded one of before, which did not say it */
function ground(run?: string) {
  const { stomp, become, jobs, reply } = scripted()
  become(run === undefined ? { at: 'open', session } : of(run))
  const idsSent = () => jobs().map(({ body }) => (JSON.parse(body) as { request_id: string }).request_id)
  return { stomp, become, jobs, idsSent, reply }
}

test('a job that no worker has taken goes out again to another run of the broker, once, and the rest does not', async () => {
  const { stomp, become, idsSent, reply } = ground('first')
  await using master = createMaster({ stomp, masterId: 'm' })
  const [taken, waiting, ended] = [master.dispatch('t', 1), master.dispatch('t', 2), master.dispatch('t', 3)]
  await Promise.all([taken.sent, waiting.sent, ended.sent])
  reply({ request_id: taken.request_id, type: 'accepted', worker_id: 'w', seq: 0 })
  reply({ request_id: ended.request_id, type: 'result', output: 1, worker_id: 'w', seq: 0 })
  for (const run of ['first', 'second', 'second']) {
    become({ at: 'connecting' })
    become(of(run))
    await expect.poll(() => waiting.snapshot.phase.at).toBe('sent')
  }
  expect(idsSent().slice(3)).toEqual([waiting.request_id])
})

test('a job that waits for its next attempt goes out again as that one, since its worker could not publish it', async () => {
  const { stomp, become, jobs, reply } = ground('first')
  await using master = createMaster({ stomp, masterId: 'm' })
  const [waiting, running] = [master.dispatch('t', 1), master.dispatch('t', 2)]
  await Promise.all([waiting.sent, running.sent])
  const error = { name: 'Error', code: 'task_failed', message: 'no', retryable: true }
  const says = ({ request_id }: { request_id: string }, seq: number, fields: object) =>
    reply({ request_id, worker_id: 'w', attempt: 1, seq, ...fields })
  for (const job of [waiting, running]) says(job, 0, { type: 'accepted' })
  says(waiting, 1, { type: 'retrying', error })
  for (const run of ['second', 'second']) {
    become({ at: 'connecting' })
    become(of(run))
    await expect.poll(() => waiting.snapshot).toMatchObject({ phase: { at: 'sent' }, attempt: 2 })
    // Handed out by the first broker, and fails now
    says(running, 1, { type: 'retrying', error })
    await expect.poll(() => running.snapshot).toMatchObject({ phase: { at: 'sent' }, attempt: 2 })
  }
  // Handed out by the second, which has it then
  says(running, 0, { type: 'accepted', attempt: 2 })
  says(running, 1, { type: 'retrying', error, attempt: 2 })
  says(waiting, 0, { type: 'result', output: 1, attempt: 2 })
  expect(await waiting.outcome).toMatchObject({ type: 'result', attempt: 2 })
  expect(running.snapshot.phase.at).toBe('retrying')
  expect(jobs().map(({ body }) => JSON.parse(body))).toMatchObject([
    { attempt: 1 },
    { attempt: 1 },
    { request_id: waiting.request_id, attempt: 2 },
    { request_id: running.request_id, attempt: 2 },
  ])
})

test.for([
  ['said which run it was', 'first'],
  ['did not say it yet, as in an earlier version', undefined],
] as const)('a master that comes back knows by its stored jobs, of a broker that %s', async ([, run]) => {
  const storage = memoryStorage()
  const first = ground(run)
  const before = createMaster({ stomp: first.stomp, masterId: 'm', storage })
  const { request_id } = before.dispatch('t', 1)
  await before.job(request_id)!.sent
  await before[Symbol.asyncDispose]()
  const second = ground()
  second.become(of('second'))
  await using master = createMaster({ stomp: second.stomp, masterId: 'm', storage })
  await expect.poll(() => second.idsSent()).toEqual([request_id])
  expect(master.jobs.get(request_id)?.broker_run).toBe('second')
})

test('a job whose secret is gone with its RECEIPT ends and says so', async () => {
  const { stomp, become, idsSent } = ground('first')
  await using master = createMaster({ stomp, masterId: 'm' })
  const inputSchema = { type: 'object', properties: { key: { type: 'string', format: 'password' } } }
  const job = master.dispatch('t', { key: 'hush' }, { inputSchema })
  await job.sent
  become({ at: 'connecting' })
  become(of('second'))
  expect(await job.outcome).toMatchObject({ type: 'error' })
  expect(idsSent()).toHaveLength(1)
})
