import { expect, test } from 'vitest'
import { scripted, session, steppedClock } from '../testing.ts'
import { Timeouts } from '../timeouts.ts'
import { StateQueries } from './state-queries.ts'

function ground() {
  const { clock, goOn } = steppedClock()
  const { stomp, published } = scripted()
  const queries = new StateQueries({ stomp, timeouts: new Timeouts(clock) })
  queries.open(session)
  const jobs = (length: number) => Array.from({ length }, (_, n) => ({ request_id: String(n), task: 't' }))
  return { queries, published, goOn, jobs }
}

test('a job that is added while others still wait is asked after as well, and after them', async () => {
  const { queries, published, goOn, ...it } = ground()
  const jobs = it.jobs(502)
  expect(queries.ask(jobs.slice(0, 500))).toBe(200)
  expect(queries.ask(jobs.slice(500))).toBe(200)
  expect(published).toHaveLength(200)
  queries.away()
  queries.open(session)
  expect(queries.ask(jobs.slice(200)), 'who is away asks nobody any more').toBe(100)
  await goOn(200)
  expect(published.map(({ body }) => JSON.parse(body).request_id)).toEqual(jobs.map(({ request_id }) => request_id))
})

test('as many as a master may have are asked after', () => {
  const { queries, published, jobs } = ground()
  expect(queries.ask(jobs(300_000))).toBe(149_900)
  expect(published).toHaveLength(200)
})
