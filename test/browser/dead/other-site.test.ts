/** `<drover-dead>` on a page of another site, by `/drover.js` of a real bridge: an operator sends a job again, and its code comes then. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import type {} from '../../../browser/widgets.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { until } from '../../support/until.ts'
import { mintedToken, pageOf, socketOf, startOtherSite } from '../other-site.ts'

const task = defineTask('mend.it', { input: z.string(), output: z.string(), attempts: 2, retryDelayMs: 0 })

test('a page lists a dead job and sends it again', { timeout: 90_000 }, async () => {
  await using stack = new AsyncDisposableStack()
  const { harness, bridge, url } = await startOtherSite(stack, (_, { url }) => ({
    body: pageOf(
      `${url}/drover.js`,
      `<drover-master url="${socketOf(bridge)}"><drover-dead></drover-dead></drover-master>`,
    ),
  }))
  let isMended = false
  const run = implement(task, input => {
    if (!isMended) throw new Error('no part')
    return input
  })
  const broker = bridge.stompUrl!.replace('://', '://foo:bar@')
  stack.use(await startWorker({ url: broker, name: 'box', tasks: [run], signals: false }))
  const master = stack.use(await startMaster({ url: broker }))
  const job = master.dispatch(task, 'a')
  await job.outcome
  await using tab = await harness.open(url)
  const { page } = tab
  const modules: string[] = []
  page.on('response', response => void modules.push(new URL(response.url()).pathname))
  const token = await mintedToken()
  await page.evaluate(given => {
    document.querySelector('drover-master')!.token = () => given
  }, token)
  await page.getByText('1 dead job', { exact: true }).waitFor()
  await page.getByText('no part').first().waitFor()
  expect(modules.join()).toMatch(/\/drover\/letters-/)
  isMended = true
  await page.getByRole('button', { name: /^Send again mend\.it/ }).click()
  await page.getByText('No dead jobs').waitFor()
  const late = await until('its master has heard', () => job.snapshot.late.at(0))
  expect(late).toMatchObject({ type: 'result', output: 'a', retried: { by: 'foo' } })
})
