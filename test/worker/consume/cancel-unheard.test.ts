/**
 * A cancel that a worker did not hear, since it was cut off then, and whose job another worker took and ended. Its run ends once it
 * is back, and not with the job's time. Promise 5.
 */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask } from '../../../shared/contract/mod.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { implement, startWorker } from '../../../worker/node.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { until } from '../../support/until.ts'

const endless = defineTask('endless', { input: z.object({}) })

test('a run whose cancel was not heard ends once its worker is back, though another worker said that it was cancelled', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const namespace = unique('unheard')
  await using stack = new AsyncDisposableStack()
  const proxy = stack.use(await startFaultProxy(stompUrl))
  const log: string[] = []
  const work = async (name: string, url: string) =>
    stack.use(
      await startWorker({
        url,
        namespace,
        name,
        signals: false,
        drainTimeoutMs: 100,
        tasks: [
          implement(endless, async (_, { signal }) => {
            log.push(`${name} began`)
            await new Promise(resolve => signal.addEventListener('abort', resolve))
            log.push(`${name} stopped`)
            signal.throwIfAborted()
          }),
        ],
      }),
    )
  const far = await work('far', proxy.through(stompUrl))
  const master = stack.use(await startMaster({ url: stompUrl, namespace }))
  const job = master.dispatch(endless, {}, { timeoutMs: 600_000 })
  await until('it runs on the one', () => log.includes('far began'))
  proxy.refuse()
  proxy.cut()
  await work('near', stompUrl)
  await until('it runs on the other', () =>
    job.snapshot.workers.some(({ name, at }) => name === 'near' && at === 'running'),
  )
  job.cancel('no longer needed')
  expect(await job.outcome).toMatchObject({ type: 'cancelled' })
  expect(log).not.toContain('far stopped')
  proxy.admit()
  await until('the run that was cut off has ended', () => log.includes('far stopped'), {
    timeoutMs: 20_000,
    evidence: () => JSON.stringify({ log, far: far.stats, job: job.snapshot.workers }),
  })
  await until('its slot is free', () => far.stats.active === 0)
})
