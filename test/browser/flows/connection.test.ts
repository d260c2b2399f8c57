/** Signing in, and the fate of jobs when the network or the sign-in goes. */
import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { setUps } from '../../support/system/set-ups.ts'
import { setUpTestBed } from './test-bed.ts'
import { away, countOf, dispatch, rowOf, untilState } from './user.ts'

const testBed = setUpTestBed(setUps.bridgeEmbedded)

test('signed in by the link, a person dispatches a job and sees its result', async () => {
  const { browser, bridge, environment, url } = testBed()
  await using _worker = await environment.worker('node', 'node')
  await using tab = await browser.open(`${url}/${new URL(bridge.signInUrl()!).hash}`)
  const { page } = tab
  await page.getByText('Connected', { exact: true }).waitFor()
  const id = await dispatch(page, { task: 'test.echo', fields: { Text: 'by the link' } })
  await untilState(page, id, 'Done')
})

test('offline and back in mid-job: a running job shows its outcome, one dispatched meanwhile runs once', async () => {
  const { environment, network } = testBed()
  await using worker = await environment.worker('deno', 'deno')
  await using tab = await testBed().open({ allow: away })
  const { page, context } = tab
  await using gate = await makeGate()
  const before = await dispatch(page, { task: 'test.gated', fields: { Gate: gate.path } })
  await rowOf(page, before).getByText('waiting at the gate').waitFor()
  // Chromium's own switch leaves open sockets alone.
  await context.setOffline(true)
  network.refuse()
  network.cut()
  await page.getByText('Away', { exact: true }).waitFor()
  const meanwhile = await dispatch(page, { task: 'test.echo', fields: { Text: 'meanwhile' } })
  await untilState(page, meanwhile, 'Waiting to be sent')
  await gate.open()
  network.admit()
  await context.setOffline(false)
  await untilState(page, before, 'Done')
  await untilState(page, meanwhile, 'Done')
  expect([before, meanwhile].map(id => worker.runs(id))).toEqual([1, 1])
  expect(await countOf(page)).toBe(2)
})
