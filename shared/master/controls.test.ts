import { expect, test } from 'vitest'
import { Controls } from './controls.ts'
import { scripted, session, steppedClock } from './testing.ts'
import { Timeouts } from './timeouts.ts'

test('whoever is asked after while others still wait to be is asked as well, and after them', async () => {
  const { clock, goOn } = steppedClock()
  const { stomp, published } = scripted()
  const controls = new Controls({ stomp, timeouts: new Timeouts(clock), onCancelSent: () => {} })
  controls.open(session)
  const jobs = Array.from({ length: 502 }, (_, n) => ({ request_id: String(n), task: 't' }))
  expect(controls.askState(jobs.slice(0, 500))).toBe(200)
  expect(controls.askState(jobs.slice(500))).toBe(200)
  expect(published).toHaveLength(200)
  await goOn(200)
  expect(published.map(({ body }) => JSON.parse(body).request_id)).toEqual(jobs.map(({ request_id }) => request_id))
})
