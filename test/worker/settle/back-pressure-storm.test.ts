/** Several who do not read, workers that are cut off, jobs that fail and jobs that are refused: every job ends, and nothing is kept. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { listenTcp } from '../../../bridge/node/tcp.ts'
import { createEmbeddedBroker } from '../../../broker/mod.ts'
import { openPeer, type Peer, textOf } from '../../../broker/testing.ts'
import type { ByteLink } from '../../../shared/frames/byte-link.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../../worker/node.ts'
import { seeded } from '../../support/random.ts'
import { until, within } from '../../support/until.ts'

const KiB = 1024
const sized = defineTask('storm.sized', { input: z.object({ size: z.int() }), output: z.string() })
const flaky = defineTask('storm.flaky', {
  input: z.object({ text: z.string() }),
  output: z.string(),
  attempts: 3,
  retryDelayMs: 1,
})
const small = defineTask('storm.small', { input: z.object({}), output: z.string() })
const users = ['eve', 'bob', 'ada', 'rex'].map(login => ({ login, passcode: login, allow: ['myapp.>'] }))

test('a storm of owners who do not read, with workers that lose their connection', async () => {
  const random = seeded(7)
  await using stack = new AsyncDisposableStack()
  const limits = { maxQueueBytes: 1_600 * KiB, maxOwnerQueueBytes: 1_200 * KiB, maxOwnerBytes: 4_000 * KiB }
  const broker = createEmbeddedBroker({ users, limits })
  stack.defer(() => broker.close())
  const links = new Set<ByteLink>()
  const accept: typeof broker.accept = link => {
    links.add(link)
    return broker.accept(link)
  }
  const listener = await listenTcp({ port: 0, accept })
  stack.defer(() => listener.close())
  const url = (login: string) => `stomp://${login}:${login}@127.0.0.1:${listener.port}`
  const events: WorkerEvent[] = []
  const evidence = () => events.map(event => ('message' in event ? event.message : '')).join('\n')
  const start = () =>
    startWorker({
      url: url('rex'),
      concurrency: 2,
      signals: false,
      onEvent: event => void events.push(event),
      tasks: [
        implement(sized, async ({ size }) => 'x'.repeat(size)),
        implement(flaky, async () => {
          throw new Error('as always')
        }),
        implement(small, async () => 'small'),
      ],
    })
  const workers = [stack.use(await start()), stack.use(await start())]

  const wanted = new Map<string, string[]>()
  const dispatch = async (peer: Peer, login: string, task: string, input: unknown, at: number) => {
    const request_id = crypto.randomUUID()
    const body = JSON.stringify({ request_id, task, input })
    const headers = { destination: `/queue/myapp.tasks.${task}`, 'reply-to': `/queue/myapp.reply.${login}.m${at % 2}` }
    await peer.confirmed('SEND', headers, body)
    wanted.set(login, [...(wanted.get(login) ?? []), request_id])
  }
  const flood = async (login: string) => {
    const peer = await openPeer(broker, { headers: { login, passcode: login } })
    for (let at = 0; at < 60; at++) {
      if (random.whole(1, 10) <= 7) await dispatch(peer, login, sized.name, { size: random.whole(0, 200) * KiB }, at)
      else await dispatch(peer, login, flaky.name, { text: 'y'.repeat(random.whole(0, 40) * KiB) }, at)
      if (at % 8 === 0) await new Promise(resolve => setTimeout(resolve, 5))
    }
  }
  await using ada = await startMaster({ url: url('ada') })
  const floods = [flood('eve'), flood('bob')]
  for (let at = 0; at < 30; at++) {
    // Some worker's connection goes, or ada's own
    if (at % 10 === 5) random.pick([...links]).close()
    const job = ada.dispatch(small, {})
    expect(await within('a job of ada ends', job.outcome, { evidence })).toMatchObject({ output: 'small' })
  }
  await Promise.all(floods)
  const jobs = () => broker.stats().queues.filter(({ destination }) => destination.includes('.tasks.'))
  await until('no job is left', () => jobs().every(({ waiting, pending }) => waiting + pending === 0), { evidence })
  for (const [login, ids] of wanted) {
    const reader = await openPeer(broker, { headers: { login, passcode: login } })
    for (const at of [0, 1])
      reader.send('SUBSCRIBE', { id: `${at}`, destination: `/queue/myapp.reply.${login}.m${at}` })
    const ended = new Map<string, Set<string>>()
    const isOutcome = ({ type }: { type: string }) => ['result', 'error', 'rejected', 'cancelled'].includes(type)
    const read = () => {
      for (const frame of reader.frames.splice(0)) {
        const reply = JSON.parse(textOf(frame))
        if (!isOutcome(reply)) continue
        const { request_id, worker_id, attempt, seq } = reply
        ended.set(request_id, (ended.get(request_id) ?? new Set()).add(`${worker_id} ${attempt} ${seq} ${reply.type}`))
      }
      return ids.every(id => ended.has(id))
    }
    await until(`every job of ${login} has an outcome`, read, {
      evidence: () => `${ended.size} of ${ids.length}, ${broker.stats().dropped} dropped; ${evidence()}`,
    })
  }
  // Only dead letters are left, within their share
  const left = () => broker.stats().queues.filter(({ waiting, pending }) => waiting + pending > 0)
  await until('the replies are read', () => left().every(({ destination }) => destination === '/queue/myapp.dead'))
  expect(left().every(({ bytes }) => bytes <= 1_700 * KiB)).toBe(true)
  for (const { stats } of workers) expect(stats).toMatchObject({ active: 0, waiting: 0 })
})
