/** A master keeps so many jobs, lets go of the others, and says so. */
import { expect, test } from 'vitest'
import { createMaster, type Master, memoryStorage } from '../mod.ts'
import { scripted } from '../testing.ts'

/** A master whose jobs end as soon as they are dispatched: in an error where the input says so. */
function make(more = {}) {
  const { stomp, reply } = scripted()
  const master = createMaster({ stomp, masterId: 'm', ...more })
  const run = async (input: string): Promise<void> => {
    const job = master.dispatch('t', input)
    await job.sent
    const error = { name: 'Error', code: 'task_failed', message: 'no', retryable: false }
    reply({ request_id: job.request_id, ...(input.startsWith('bad') ? { type: 'error', error } : { type: 'result' }) })
    await job.outcome
  }
  return { master, run, reply }
}

const inputs = ({ jobs }: Master) => [...jobs.values()].map(({ input }) => input)

test('jobs that failed are kept longest, the others are counted as they go', async () => {
  const { master, run } = make({ keepEnded: 10 })
  await using _ = master
  const gone: string[] = []
  master.onChange(
    change => change.type === 'job' && !master.jobs.has(change.request_id) && gone.push(change.request_id),
  )
  for (let n = 0; n < 4; n++) await run(`bad ${n}`)
  for (let n = 0; n < 20; n++) await run(`good ${n}`)
  const good = (from: number) => Array.from({ length: 20 - from }, (_, n) => `good ${from + n}`)
  expect(inputs(master)).toEqual(['bad 0', 'bad 1', 'bad 2', 'bad 3', ...good(14)])
  expect([master.letGo, gone.length]).toEqual([{ jobs: 14, failed: 0 }, 14])
})

test('failures never take all the room, the oldest of them go then, and are counted too', async () => {
  const { master, run } = make({ keepEnded: 10 })
  await using _ = master
  for (let n = 0; n < 15; n++) await run(`bad ${n}`)
  await run('good 0')
  await run('good 1')
  expect(inputs(master)).toEqual([...Array.from({ length: 9 }, (_, n) => `bad ${n + 6}`), 'good 1'])
  expect(master.letGo).toEqual({ jobs: 7, failed: 6 })
})

test('a host that keeps less than is stored lets go of the rest at the start, forgetting by hand is not counted', async () => {
  const kept = memoryStorage()
  {
    const { master, run } = make({ storage: kept })
    for (let n = 0; n < 5; n++) await run(`good ${n}`)
    await master[Symbol.asyncDispose]()
  }
  const { master } = make({ storage: kept, keepEnded: 2 })
  await master.ready
  expect([inputs(master), master.letGo]).toEqual([['good 3', 'good 4'], { jobs: 3, failed: 0 }])
  master.forget([...master.jobs.keys()][0]!)
  expect([inputs(master), master.letGo.jobs]).toEqual([['good 4'], 3])
  await master[Symbol.asyncDispose]()
  expect((await kept.load()).jobs.map(({ input }) => input)).toEqual(['good 4'])
})

test('of each job so many replies and partials are kept, the rest is counted', async () => {
  const { master, reply } = make({ keepReplies: 3, keepPartials: 2 })
  await using _ = master
  const job = master.dispatch('t', 1)
  await job.sent
  const { request_id } = job
  for (let n = 0; n < 6; n++) {
    reply({ request_id, type: 'log', level: 'info', message: `line ${n}` })
    reply({ request_id, type: 'partial', data: n })
  }
  const { replies, dropped, dropped_partials } = job.snapshot
  const told = replies.map(one => (one.type === 'log' ? one.message : one.type === 'partial' ? one.data : one.type))
  expect(told).toEqual(['line 3', 'line 4', 4, 'line 5', 5])
  expect([dropped, dropped_partials]).toEqual([3, 4])
})

test.each([{ keepEnded: -1 }, { keepReplies: 0 }, { keepPartials: 1.5 }])('%j is refused', options => {
  expect(() => make(options)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
})
