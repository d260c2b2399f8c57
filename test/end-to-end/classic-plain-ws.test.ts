/**
 * Classic whose WebSocket connector is as it is shipped: it closes with 1009 above 64 KiB. A message that is too large ends
 * its own job, with the name of the setting, and jobs beside it run once.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { startBridge } from '../support/bridges/bridges.ts'
import { startBroker } from '../support/brokers/start.ts'
import { until, within } from '../support/until.ts'

const setting = expect.stringContaining('websocket.maxTextMessageSize')
const large = 'x'.repeat(100_000)
/**
 * A broker that is short of time may close without its code each time. A message that was sent some times is then sent no
 * more, after much back-off.
 */
const timeoutMs = 60_000

describe.skipIf(readPrepared().classic !== undefined)(
  'Classic by ws as it is shipped',
  { timeout: 5 * timeoutMs },
  () => {
    const stack = new AsyncDisposableStack()
    const urls: Record<string, string> = {}
    let tcpUrl = ''

    beforeAll(async () => {
      const broker = stack.use(await startBroker('classic', { env: { WSQUERY: '' } }))
      tcpUrl = broker.stompUrl
      urls.directly = broker.wsUrl!
      const bridge = stack.use(await startBridge({ broker: broker.wsUrl! }))
      urls['by a bridge'] = `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp`
    })
    afterAll(() => stack.disposeAsync())

    test.for(['directly', 'by a bridge'])('%s: an outcome, a partial, a job again that are too large', async by => {
      const name = by === 'directly' ? 'ws' : 'bridged'
      const starts: string[] = []
      const events: WorkerEvent[] = []
      const open = Promise.withResolvers<void>()
      const any = { input: z.unknown() }
      const tasks = [
        implement(defineTask(`${name}.waits`, any), async input => {
          starts.push(`waits ${input}`)
          await open.promise
          return input
        }),
        implement(defineTask(`${name}.large`, any), () => large),
        implement(defineTask(`${name}.pieces`, any), async function* () {
          yield large
          await delay(0)
        }),
        implement(defineTask(`${name}.fails`, { ...any, attempts: 3, retryDelayMs: 10 }), () => {
          throw new Error('always')
        }),
      ]
      await using _worker = await startWorker({
        url: urls[by]!,
        tasks,
        concurrency: 5,
        signals: false,
        onEvent: event => void events.push(event),
      })
      await using master = await startMaster({ url: tcpUrl })
      const evidence = () =>
        events
          .map(event =>
            event.type === 'connection'
              ? `${event.state.at} ${'reason' in event.state ? event.state.reason?.message : ''}`
              : JSON.stringify(event),
          )
          .join('\n')
      const dispatch = (task: string, input: unknown) =>
        master.dispatch(`${name}.${task}`, input, { timeoutMs: 120_000 })
      const neighbours = [1, 2, 3].map(number => dispatch('waits', number))
      await until('the neighbours run', () => starts.length === 3, { evidence })
      for (const [task, input, code] of [
        ['large', 0, 'output_too_large'],
        ['pieces', 0, 'output_too_large'],
        ['fails', large, 'frame_too_large'],
      ] as const) {
        const ended = await within(`${task} ends`, dispatch(task, input).outcome, { evidence, timeoutMs })
        expect(ended).toMatchObject({ type: 'error', error: { code, message: setting, retryable: false } })
      }
      open.resolve()
      const outcomes = await Promise.all(neighbours.map(job => within('a neighbour ends', job.outcome, { evidence })))
      expect(outcomes.map(({ type }) => type)).toEqual(['result', 'result', 'result'])
      expect(starts.toSorted()).toEqual(['waits 1', 'waits 2', 'waits 3'])
    })

    test.for(['directly', 'by a bridge'])(
      '%s: a job of the master that is too large ends as it is dispatched',
      async by => {
        await using _worker = await startWorker({
          url: tcpUrl,
          tasks: [implement(defineTask('sent.echo', { input: z.unknown() }), () => 'done')],
          signals: false,
        })
        await using master = await startMaster({ url: urls[by]! })
        await master.ready
        for (const attempt of ['the first', 'the second']) {
          const refused = master.dispatch('sent.echo', large, { timeoutMs: 120_000 })
          const neighbour = master.dispatch('sent.echo', 'small', { timeoutMs: 120_000 })
          expect(await within(`${attempt} ends`, refused.outcome, { timeoutMs })).toMatchObject({
            type: 'error',
            error: { code: 'frame_too_large', message: setting },
          })
          expect(await within('its neighbour ends', neighbour.outcome, { timeoutMs })).toMatchObject({ type: 'result' })
        }
      },
    )
  },
)
