/** A sign-in that ends while the page is open. */
import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { setUps } from '../../support/system/set-ups.ts'
import { until } from '../../support/until.ts'
import { giveLogin, setUpTestBed } from './test-bed.ts'
import { away, countOf, dispatch, rowOf, untilState } from './user.ts'

const tokenMs = 12_000
const testBed = setUpTestBed(setUps.bridgeEmbedded, { limits: { maxTokenMs: tokenMs } })

test('a token that expires in mid-job: the page asks for another sign-in and then has the job and its outcome', async () => {
  const { browser, environment, url, network } = testBed()
  await using worker = await environment.worker('node', 'node')
  await using tab = await browser.open(url, { allow: new RegExp(`status of 401|${away.source}`) })
  const { page } = tab
  await giveLogin(page)
  await page.getByText('Connected', { exact: true }).waitFor()
  await using gate = await makeGate()
  const id = await dispatch(page, { task: 'test.gated', fields: { Gate: gate.path } })
  await rowOf(page, id).getByText('waiting at the gate').waitFor()
  // The cookie lasts as long as the token; both are looked at when the page connects again.
  await until('the token has expired', async () => (await tab.context.cookies(`${url}/token`)).length === 0)
  network.cut()
  await page.getByText('Your sign-in has ended').waitFor()
  await tab.expectAccessible()
  await gate.open()
  await giveLogin(page)
  await untilState(page, id, 'Done')
  expect(await countOf(page)).toBe(1)
  expect(worker.runs(id)).toBe(1)
})
