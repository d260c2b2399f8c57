/** A reader of dead letters is killed, in the middle of reading and of sending them again: none is lost, and none runs twice. */
import { expect } from 'vitest'
import * as z from 'zod'
import { startMaster } from '../../../../shared/master/node.ts'
import { destinationsOf, prefetchHeaders } from '../../../../shared/stomp/mod.ts'
import { defineTask, implement, startWorker } from '../../../../worker/node.ts'
import { testOnEach } from '../../../support/brokers/each.ts'
import { startDrover } from '../../../support/cli/program.ts'
import { type FaultProxy, startFaultProxy } from '../../../support/fault-proxy.ts'
import { openSession } from '../../../support/plain-session.ts'
import { until } from '../../../support/until.ts'

const task = defineTask('mend.it', { input: z.int() })
const count = 150

testOnEach(
  'a killed reader, and a killed retry, lose no letter and run none twice',
  'killed',
  async ({ stompUrl, namespace, stack }) => {
    const runs: number[] = []
    const run = implement(task, input => void runs.push(input))
    stack.use(await startWorker({ url: stompUrl, namespace, tasks: [run], signals: false, concurrency: 4 }))
    const { stomp, session } = await openSession(stompUrl, namespace)
    stack.use(stomp)
    const to = destinationsOf(namespace)
    const error = { name: 'Error', code: 'x', message: 'no', retryable: false }
    for (let input = 0; input < count; input++) {
      const body = JSON.stringify({ request_id: crypto.randomUUID(), task: task.name, input, error, at: Date.now() })
      const sent = stomp.publish({ destination: to.dead, headers: { persistent: 'true' }, body })
      if (input === count - 1) await sent
    }
    const master = stack.use(await startMaster({ url: stompUrl, namespace }))

    const dying = await openSession(stompUrl, namespace)
    let held = 0
    const headers = () => prefetchHeaders(session.dialect, 1_000)
    dying.stomp.subscribe({ destination: to.dead, headers }, () => void held++)
    await until('a reader holds them all', () => held === count, { evidence: () => `${held}` })
    dying.kill()
    await until('they are back', async () => (await master.dead.list()).matched === count)

    const args = ['dead', 'retry', '--all', '--yes', '--limit', '1000', '--namespace', namespace, '--url', stompUrl]
    const operator = stack.use(startDrover(args))
    await until('some have been sent again', () => runs.length >= 5, { evidence: () => operator.stdout })
    process.kill(operator.pid, 'SIGKILL')
    await operator.ended
    await until('the others are sent again', async () => {
      await master.dead.retry({}, { limit: 1_000 })
      return runs.length >= count
    })
    await until('none is left', async () => (await master.dead.list()).total === 0)
    expect(
      runs.toSorted((a, b) => a - b),
      'each ran once',
    ).toEqual(Array.from({ length: count }, (_, i) => i))
  },
)

testOnEach(
  'a letter whose retry was cut off is sent once, however often it is asked for',
  'cut',
  async ({ stompUrl, namespace, stack }) => {
    const runs: number[] = []
    const { stomp, session } = await openSession(stompUrl, namespace)
    stack.use(stomp)
    // No worker, which would answer the second from its memory
    stomp.subscribe({ destination: destinationsOf(namespace).queue(task.name) }, message => {
      runs.push(JSON.parse(message.body).input)
      message.ack()
    })
    const master = stack.use(await startMaster({ url: stompUrl, namespace }))
    const proxy = stack.use(await startFaultProxy(stompUrl))
    const proxied = stack.use(await startMaster({ url: proxy.through(stompUrl), namespace }))
    // Where an ACK takes no part in transactions, the job is sent by then, and its letter stands
    const cuts = session.dialect.acksInTransaction
      ? [(at: FaultProxy) => at.cutOn('up', 'COMMIT\n'), (at: FaultProxy) => at.cutAnswer('up', 'COMMIT\n')]
      : [(at: FaultProxy) => at.cutOn('up', 'ACK\n'), (at: FaultProxy) => at.cutAnswer('up', 'ACK\n')]
    for (const [input, cut] of cuts.entries()) {
      const id = crypto.randomUUID()
      const body = JSON.stringify({ request_id: id, task: task.name, input, at: 5 })
      await stomp.publish({ destination: destinationsOf(namespace).dead, headers: { persistent: 'true' }, body })
      await proxied.ready
      const sprung = cut(proxy)
      await expect(proxied.dead.retry({ id })).rejects.toThrow()
      await sprung
      await until('it is not dead any more', async () => {
        await master.dead.retry({ id })
        return (await master.dead.list()).total === 0 && runs.includes(input)
      })
      expect(runs.filter(one => one === input)).toHaveLength(1)
    }
    // A copy that came late would be behind this one
    master.dispatch(task, 99)
    await until('the last one is here', () => runs.includes(99))
    expect(runs).toEqual([0, 1, 99])
  },
)
