/** The spans of each part, as the port is told them. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { createMaster, startMaster } from '../../../shared/master/node.ts'
import { newKey, publicKeys } from '../../../shared/seal/mod.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { startBridge } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'
import { within } from '../../support/until.ts'
import { recorder, traceparent } from './recorder.ts'

const foo = { login: 'foo', passcode: 'bar' }
const queue = '/queue/myapp.tasks.shop.open'
const made = { traceparent: traceparent.replace(/01$/, '00'), tracestate: 'shop=a:b' }

test.each(['1.0', '1.1', '1.2'])(
  'a bridge that traces gives a job of STOMP %s one trace, and leaves one that it has',
  async version => {
    const tracing = recorder(made)
    await using bridge = await startBridge({ broker: 'embedded', tracing })
    await using master = await connectRaw(bridge.url, { ...foo, version })
    await using worker = await connectRaw(bridge.url, foo)
    worker.send(raw('SUBSCRIBE', ['id:s', `destination:${queue}`, 'ack:client-individual']))
    const job = [`destination:${queue}`, 'reply-to:/queue/myapp.reply.foo.m1', 'correlation-id:r-1']
    for (const [given, expected] of [
      [[], made],
      [['traceparent:none', 'tracestate:x=1'], made],
      [[`traceparent:${traceparent}`, 'tracestate:x=1'], { traceparent, tracestate: 'x=1' }],
    ] as const) {
      master.send(raw('SEND', [...job, ...given], '{}'))
      const message = await worker.next('MESSAGE')
      worker.send(raw('ACK', [`id:${message.header('ack')}`]))
      const values = ['traceparent', 'tracestate'].map(name => message.headerValues(name))
      expect(values).toEqual([[expected.traceparent], [expected.tracestate.replaceAll(':', '\\c')]])
    }
    // An answer and a refused job have none
    master.send(raw('SEND', [`destination:${queue}`, 'reply-to:/queue/elsewhere', 'correlation-id:r-2'], '{}'))
    await master.next('ERROR')
    expect(tracing.spans).toMatchObject(
      [undefined, undefined, { traceparent, tracestate: 'x=1' }].map(parent => ({
        name: 'relay',
        parent,
        hasEnded: true,
        facts: {
          task: 'shop.open',
          request_id: 'r-1',
          destination: queue,
          session: master.connected.header('session'),
        },
      })),
    )
  },
)

test('a bridge where nobody traces hands on any trace as it came', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  await using master = await connectRaw(bridge.url, foo)
  await using worker = await connectRaw(bridge.url, foo)
  worker.send(raw('SUBSCRIBE', ['id:s', `destination:${queue}`, 'ack:client-individual']))
  const job = [`destination:${queue}`, 'reply-to:/queue/myapp.reply.foo.m1', 'correlation-id:r-1']
  master.send(raw('SEND', [...job, 'traceparent:none'], '{}'))
  expect((await worker.next('MESSAGE')).headerValues('traceparent')).toEqual(['none'])
})

test('the spans of a sealed job have nothing of its error', async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  const namespace = unique('trace')
  const keys = { keys: [await newKey('p-256')] }
  const [ofWorker, ofMaster] = [recorder(), recorder()]
  const fails = implement(defineTask('shop.open', { input: z.unknown() }), () => {
    throw Object.assign(new Error('no'), { code: 'opal' })
  })
  const both = { url, namespace }
  await using _worker = await startWorker({
    ...both,
    tasks: [fails],
    seal: { keys },
    tracing: ofWorker,
    signals: false,
  })
  await using master = await startMaster({ ...both, seal: { keys: publicKeys(keys) }, tracing: ofMaster })
  const outcome = await within('it ends', master.dispatch('shop.open', { text: 'opal' }).outcome)
  expect(outcome).toMatchObject({ type: 'error', error: { code: 'opal' } })
  expect(ofWorker.spans.map(({ name, error }) => [name, error])).toEqual([
    ['wait', undefined],
    ['run', 'sealed'],
  ])
  expect(ofMaster.spans.map(({ name, error }) => [name, error])).toEqual([
    ['dispatch', undefined],
    ['outcome', 'error'],
  ])
  expect(JSON.stringify([...ofWorker.spans, ...ofMaster.spans])).not.toContain('opal')
})

test('the span of a job that never left says why', async () => {
  const tracing = recorder()
  await using master = await startMaster({
    url: (await sharedBroker('embedded')).stompUrl,
    namespace: unique('trace'),
    tracing,
  })
  const job = master.dispatch('shop.open', null, { timeoutMs: 20_000, delayMs: 0 })
  await job.sent
  expect(tracing.spans).toMatchObject([{ name: 'dispatch', hasEnded: true, error: undefined }])
  await using lonely = createMaster({ url: 'stomp://127.0.0.1:9', tracing })
  expect(await lonely.dispatch('shop.open', null, { timeoutMs: 20 }).outcome).toMatchObject({ type: 'timed_out' })
  expect(tracing.spans.at(-1)).toMatchObject({ name: 'dispatch', hasEnded: true, error: 'timed_out' })
})
