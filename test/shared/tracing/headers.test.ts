/** The headers of W3C Trace Context on their way through each broker, by bridges and without, where nobody traces. */
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { brokerNames } from '../../support/brokers/start.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { within } from '../../support/until.ts'
import { recorder, traceparent } from './recorder.ts'

const tracestate = 'shop=a:b\\c,ot=th:8'

const failsOnce = (told: (string | undefined)[]) =>
  implement(defineTask('shop.open', { input: z.unknown(), attempts: 2, retryDelayMs: 10 }), (_, job) => {
    told.push(job.traceparent)
    if (job.attempt === 1) throw new Error('once more')
  })

describe.each(brokerNames)('%s', broker => {
  const isMissing = broker !== 'embedded' && readPrepared()[broker] !== undefined
  test.skipIf(isMissing).each(['direct', 'bridged'] as const)(
    '%s: each attempt is told the trace, and the outcome brings it back',
    async by => {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('trace')
      await using bridge = await startBridge({ broker: stompUrl })
      const grants = { ns: namespace, dispatch: ['*'], work: ['*'], workers: true }
      const token = () => tokenFor('ada', grants)
      const to =
        by === 'direct' ? { url: stompUrl, namespace } : { url: `${bridge.url.replace('http', 'ws')}/stomp`, token }
      const told: (string | undefined)[] = []
      await using _worker = await startWorker({ ...to, tasks: [failsOnce(told)], signals: false })
      const tracing = recorder()
      await using master = await startMaster({ ...to, tracing })
      const job = master.dispatch('shop.open', null, { traceparent, tracestate })
      expect(await within('it ends', job.outcome)).toMatchObject({ type: 'result' })
      expect(told).toEqual([traceparent, traceparent])
      const spans = ['dispatch', 'outcome'].map(name => ({ name, parent: { traceparent, tracestate }, hasEnded: true }))
      await expect.poll(() => tracing.spans).toMatchObject(spans)
    },
  )
})

test('a job with a trace that is none runs, and nobody is told of it', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('trace')
  const told: (string | undefined)[] = []
  await using plain = await scriptMaster(url, namespace, [])
  await using _worker = await startWorker({ url, namespace, tasks: [failsOnce(told)], signals: false })
  for (const bad of [`${traceparent}-more`, 'secret: opal']) {
    const id = await plain.send('shop.open', null, { headers: { traceparent: bad, tracestate } })
    const { type, headers } = await within('it ends', plain.outcome(id))
    expect([type, headers['traceparent'], headers['tracestate']]).toEqual(['result', undefined, undefined])
  }
  expect(told).toEqual([undefined, undefined, undefined, undefined])
})

test('a dispatch goes on in the trace that it is given, and without one that is none, which may be the header of a stranger', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('trace')
  const told: (string | undefined)[] = []
  const once = implement(defineTask('shop.open', { input: z.unknown() }), (_, job) => void told.push(job.traceparent))
  await using _worker = await startWorker({ url, namespace, tasks: [once], signals: false })
  await using master = await startMaster({ url, namespace })
  const later = `${traceparent.replace(/^00/, '01')}-more`
  const given = [traceparent, later, `${traceparent}-more`, traceparent.replace(/^00/, 'ff'), 'a\nb', '']
  for (const one of given) await master.run('shop.open', null, { traceparent: one, tracestate: 'a\nb' })
  expect(told).toEqual([traceparent, later, undefined, undefined, undefined, undefined])
})
