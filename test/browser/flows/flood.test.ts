/** 500 replies a second: updates are merged by frame, and the page goes on answering a person who goes through its tabs. */
import { setTimeout as delay } from 'node:timers/promises'
import { defineTask } from 'drover/contract'
import { implement } from 'drover/worker'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { setUps } from '../../support/system/set-ups.ts'
import { until } from '../../support/until.ts'
import { setUpTestBed } from './test-bed.ts'
import { dispatch, openJob, tabOf, untilState } from './user.ts'

const testBed = setUpTestBed(setUps.bridgeEmbedded)

const perSecond = 500
const flood = defineTask('test.flood', { input: z.object({}) })

test('a job that sends 500 replies a second leaves the page responsive, with each of its lines shown', async () => {
  let told = 0
  let isEnough = false
  await using _worker = await testBed().worker(
    'flood',
    implement(flood, async (_input, job) => {
      const startedAt = performance.now()
      while (!isEnough) {
        for (const due = ((performance.now() - startedAt) / 1000) * perSecond; told < due; told++) {
          job.log('info', `line ${told}`, { told })
        }
        await delay(10, undefined, { signal: job.signal })
      }
      job.log('info', 'the last line')
    }),
  )
  await using tab = await testBed().open()
  const { page } = tab
  const id = await dispatch(page, { task: 'test.flood' })
  await until('the flood has filled the space of a job', () => told > 2 * perSecond)
  await page.evaluate(() => {
    const watched = { frames: 0, longestMs: 0 }
    Object.assign(globalThis, { watched })
    let last = performance.now()
    const look = (now: number): void => {
      watched.frames++
      watched.longestMs = Math.max(watched.longestMs, now - last)
      last = now
      requestAnimationFrame(look)
    }
    requestAnimationFrame(look)
  })
  // Each waits until the page has answered to a click.
  for (const name of ['Replies', 'Input', 'Log']) await (await tabOf(page, name)).waitFor()
  const before = told
  await until('another second of it is shown as lines', () => told > before + perSecond)
  isEnough = true
  await untilState(page, id, 'Done')
  await openJob(page).getByText('the last line').waitFor()
  const watched = await page.evaluate(
    () => (globalThis as unknown as { watched: { frames: number; longestMs: number } }).watched,
  )
  // Generous, for two busy cores: without merging there would be a handful of frames, and one as long as the flood.
  expect(watched.frames).toBeGreaterThan(10)
  expect(watched.longestMs).toBeLessThan(2000)
})
