/** A worker that is paused: it hands back the jobs that have not begun, takes no more of that task, and ends those that run. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { defineTask, implement, startWorker, type Worker } from '../../../worker/node.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { startFaultProxy } from '../../support/fault-proxy.ts'
import { until, within } from '../../support/until.ts'

const missing = readPrepared()
const brokers = (['embedded', 'classic', 'artemis', 'rabbitmq'] as const).filter(
  name => missing[name as 'classic'] === undefined,
)
const slow = defineTask('paused.slow', { input: z.string(), output: z.string() })
const quick = defineTask('paused.quick', { input: z.string(), output: z.string() })

test.each(brokers)(
  '%s: a paused worker leaves the jobs of that task to others, through a cut as well, until it is resumed',
  async name => {
    await using stack = new AsyncDisposableStack()
    const { stompUrl } = await sharedBroker(name)
    const namespace = unique('paused')
    const proxy = stack.use(await startFaultProxy(stompUrl))
    const runs: string[] = []
    const told: string[] = []
    const gates = new Map<string, () => void>()
    const evidence = (): string => `${runs.join(', ')}\n${told.join('\n')}`
    const start = async (worker: string, url: string): Promise<Worker> => {
      const started = await startWorker({
        url,
        namespace,
        name: worker,
        concurrency: 2,
        signals: false,
        tasks: [
          implement(slow, async input => {
            runs.push(`${worker} ${input}`)
            await new Promise<void>(resolve => gates.set(input, resolve))
            return worker
          }),
          implement(quick, input => {
            runs.push(`${worker} ${input}`)
            return worker
          }),
        ],
        onEvent: event => {
          if (event.type === 'job') told.push(`${worker} ${event.task} ${event.what} ${event.request_id}`)
          else told.push(`${worker} ${event.type}`)
        },
      })
      return stack.use(started)
    }
    const master = stack.use(await startMaster({ url: stompUrl, namespace }))
    master.watch(slow.name)
    await start('first', proxy.through(stompUrl))
    const pausedOf = (worker: string) => [...master.workers.values()].find(one => one.name === worker)?.paused
    const running = master.dispatch(slow, 'begun')
    await until('it runs', () => runs.length === 1, { evidence })

    await master.pause(slow.name, { names: ['nobody', 'first'] })
    await until('presence says that it is paused', () => pausedOf('first')?.join() === slow.name, { evidence })
    const taskOf = () => master.tasks.find(({ task }) => task === slow.name)
    expect(taskOf()?.workers).toBe(0)
    const waiting = Array.from({ length: 3 }, (_, n) => master.dispatch(slow, `later ${n}`))
    const broadcast = master.broadcast(slow, 'to all', { timeoutMs: 20_000 })
    expect(await within('a broadcast is answered', broadcast.done, { evidence })).toMatchObject({
      outcomes: [{ type: 'cancelled', reason: 'the worker is paused' }],
      missing: [],
    })
    expect(await within('its other task goes on', master.run(quick, 'other'), { evidence })).toBe('first')
    gates.get('begun')!()
    expect(await within('what had begun ends', running.outcome, { evidence })).toMatchObject({ output: 'first' })
    await until('the jobs wait', () => waiting.every(({ snapshot }) => snapshot.unclaimed === true), { evidence })

    const second = await start('second', stompUrl)
    await until('another takes them', () => runs.filter(run => run.startsWith('second later')).length === 2, {
      evidence,
    })
    await master.pause(slow.name, { names: ['second'] })
    await until('it is paused too', () => pausedOf('second') !== undefined, { evidence })
    proxy.cut()
    const isBack = () => [...master.workers.values()].some(({ connection }) => connection === 2)
    await until('it is connected again', isBack, { evidence })
    expect(await within('its other task goes on', master.run(quick, 'again'), { evidence })).toMatch(/first|second/)
    expect([pausedOf('first'), runs.filter(run => run.startsWith('first later'))]).toEqual([[slow.name], []])
    await master.resume(slow.name, { names: ['first'] })
    await until('the first takes the one that is left', () => runs.some(run => run.startsWith('first later')), {
      evidence,
    })
    expect(pausedOf('second')).toEqual([slow.name])
    for (const open of gates.values()) open()
    const outcomes = await within('all end', Promise.all(waiting.map(({ outcome }) => outcome)), { evidence })
    expect(outcomes.map(({ type }) => type)).toEqual(['result', 'result', 'result'])
    expect(
      runs
        .filter(run => run.includes('later'))
        .map(run => run.split(' ').slice(1).join(' '))
        .toSorted(),
    ).toEqual(['later 0', 'later 1', 'later 2'])
    expect(
      told.filter(line => / (lost|dead) /.test(line)),
      evidence(),
    ).toEqual([])
    expect(second.stats.waiting).toBe(0)
  },
)
