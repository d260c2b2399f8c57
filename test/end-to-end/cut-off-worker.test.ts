/** A worker that is cut off while a job is broadcast, and comes back: it gets the job, and nobody gets it twice. Promise 2. */
import { expect, test } from 'vitest'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { startMaster } from '../../shared/master/node.ts'
import { connectStomp } from '../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../shared/stomp/sockets/node.ts'
import { startBridge } from '../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { startFaultProxy } from '../support/fault-proxy.ts'
import { makeGate } from '../support/gate.ts'
import { gated } from '../support/system/tasks.ts'
import { startWorkerProcess } from '../support/system/worker-process.ts'
import { until, within } from '../support/until.ts'

const missing = readPrepared()
const combinations = [
  { broker: 'embedded', by: 'TCP' },
  { broker: 'classic', by: 'two bridges' },
] as const

test.each(combinations.filter(({ broker }) => broker === 'embedded' || missing[broker] === undefined))(
  '$broker by $by: a worker that was cut off while a job was broadcast gets it once it is back',
  async ({ broker, by }) => {
    await using stack = new AsyncDisposableStack()
    const { stompUrl } = await sharedBroker(broker)
    const namespace = unique('cut')
    const users = [{ login: 'foo', password: 'bar', grants: { ...allGrants, ns: namespace } }]
    const proxy = stack.use(await startFaultProxy(stompUrl))
    const entrance = async (broker: string): Promise<string> => {
      if (by === 'TCP') return broker
      const bridge = stack.use(await startBridge({ broker, users }))
      return `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp`
    }
    const [url, cutUrl] = await Promise.all([entrance(stompUrl), entrance(proxy.through(stompUrl))])
    const gate = stack.use(await makeGate())
    const master = stack.use(await startMaster({ url, namespace }))
    const worker = { namespace, tasks: [gated.name], concurrency: 1 }
    const stays = stack.use(await startWorkerProcess('node', { ...worker, url, name: 'stays' }))
    const cut = stack.use(await startWorkerProcess('node', { ...worker, url: cutUrl, name: 'cut' }))
    // As a program without Drover would run it: it has no memory
    const plain = stack.use(connectStomp({ url, namespace, createSocket: createNodeSocket }))
    await plain.opened()
    const copies: string[] = []
    const destination = `/topic/${namespace}.tasks.${gated.name}`
    await plain.subscribe({ destination, ack: 'auto' }, ({ body }) => void copies.push(body)).ready
    master.watch(gated.name)
    await until('both workers are known', () => master.tasks.some(({ known, workers }) => known && workers === 2))

    proxy.refuse()
    proxy.cut()
    const broadcast = master.broadcast(gated, { gate: gate.path }, { timeoutMs: 40_000 })
    const evidence = (): string => `${JSON.stringify(broadcast.snapshot)}\n${cut.log()}`
    await until('the other runs it', () => stays.runs(broadcast.request_id) === 1, { evidence })
    proxy.admit()
    await until('the one that is back runs it', () => cut.runs(broadcast.request_id) > 0, { evidence })
    proxy.cut() // it has the job this time
    const connection = () => [...master.workers.values()].find(({ name }) => name === 'cut')?.connection
    await until('it is back once more', () => connection() === 3, { evidence })
    await gate.open()
    const { type, outcomes, missing: nobody } = await within('all have answered', broadcast.done, { evidence })
    expect([type, nobody]).toEqual(['answered', []])
    expect(outcomes.map(({ name }) => name).toSorted()).toEqual(['cut', 'stays'])
    expect([stays.runs(broadcast.request_id), cut.runs(broadcast.request_id), copies.length], evidence()).toEqual([
      1, 1, 1,
    ])
  },
)
