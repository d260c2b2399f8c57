import { expect, test } from 'vitest'
import { JobIndex } from '../jobs/job-index.ts'
import { defaultLimits } from '../jobs/state/retention.ts'
import { scripted, session, steppedClock } from '../testing.ts'
import { Timeouts } from '../timeouts.ts'
import { Controls } from './cancels.ts'

function ground() {
  const { clock, goOn } = steppedClock()
  const { stomp, published } = scripted()
  const timeouts = new Timeouts(clock)
  const book = new JobIndex(10, defaultLimits)
  const ports = { stomp, timeouts, book, isWhole: () => true, message: () => published[0]!, onCancelSent: () => {} }
  const controls = new Controls(ports)
  controls.open(session)
  const jobs = (length: number) => Array.from({ length }, (_, n) => ({ request_id: String(n), task: 't' }))
  return { controls, published, goOn, jobs }
}

test('whoever is asked after while others still wait to be is asked as well, and after them', async () => {
  const { controls, published, goOn, ...it } = ground()
  const jobs = it.jobs(502)
  expect(controls.askState(jobs.slice(0, 500))).toBe(200)
  expect(controls.askState(jobs.slice(500))).toBe(200)
  expect(published).toHaveLength(200)
  controls.away()
  controls.open(session)
  expect(controls.askState(jobs.slice(200)), 'who is away asks nobody any more').toBe(100)
  await goOn(200)
  expect(published.map(({ body }) => JSON.parse(body).request_id)).toEqual(jobs.map(({ request_id }) => request_id))
})

test('as many as a master may have are asked after', () => {
  const { controls, published, jobs } = ground()
  expect(controls.askState(jobs(300_000))).toBe(149_900)
  expect(published).toHaveLength(200)
})
