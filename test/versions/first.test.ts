/**
 * The first version that is recorded, in `first/`: the frames of its parts, sent again to those of today, on each broker. They
 * are understood as they were then. They ignore the parts of today's frames that they do not know.
 */
import { describe, expect, test } from 'vitest'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker, type Worker } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { brokerNames } from '../support/brokers/start.ts'
import { connectRaw, type RawStomp } from '../support/raw-stomp.ts'
import shownThen from './first/shown.json' with { type: 'json' }
import { readFrames } from './frames.ts'
import { tasksOf } from './parts/tasks.ts'
import { connectAs, sent, today, withoutTimes } from './replay.ts'

const replies = /\.reply(\.|$)/
const tasks = /\.tasks\./
const { steps, flaky, fragile } = tasksOf(defineTask)

const implementations = [
  implement(steps, async function* ({ ms }, job) {
    job.progress(50, 'half')
    job.log('info', 'a line')
    yield { part: 1 }
    if (ms > 1_000) await new Promise((_, reject) => job.signal.addEventListener('abort', reject))
    return { by: 'one' }
  }),
  implement(flaky, ({ failures }, { attempt }) => {
    if (attempt <= failures) throw new Error(`attempt ${attempt} fails`)
    return { attempt }
  }),
  implement(fragile, (_, { losses }) => ({ losses })),
]

const startOne = (url: string, namespace: string): Promise<Worker> =>
  startWorker({ url, namespace, name: 'one', tasks: implementations, signals: false })

/** As many replies to a job as were recorded. @param onReply may say more meanwhile */
async function heard(reader: RawStomp, id: unknown, count: number, onReply: (type: unknown) => void = () => {}) {
  const bodies: Record<string, unknown>[] = []
  while (bodies.length < count) {
    const message = await reader.next(({ command, body }) => command === 'MESSAGE' && body.includes(String(id)))
    reader.ack(message)
    bodies.push(JSON.parse(message.body) as Record<string, unknown>)
    onReply(bodies.at(-1)?.type)
  }
  return withoutTimes(bodies)
}

const embedded = readFrames(new URL('first/embedded.frames', import.meta.url))

/** That comes by presence, too, which a test of its own plays. */
function withoutName(shown: unknown): unknown {
  const { outcome, ...rest } = shown as { outcome: { name?: string } }
  const { name: _, ...unnamed } = outcome
  return { ...rest, outcome: unnamed }
}

for (const broker of brokerNames) {
  const recording = readFrames(new URL(`first/${broker}.frames`, import.meta.url))

  describe.skipIf(Object.hasOwn(readPrepared(), broker))(`on ${broker}`, () => {
    test('a worker answers its masters as its workers did', async () => {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('first')
      await using _worker = await startOne(stompUrl, namespace)
      await using master = await connectAs('master', recording, stompUrl, namespace)
      for (const scenario of ['queued', 'broadcast', 'retried', 'failed', 'rejected', 'cancelled']) {
        const [job] = sent(recording, scenario, 'master', tasks)
        const cancel = sent(recording, scenario, 'master', /\.control\./).filter(({ body }) => body.type === 'cancel')
        const wanted = sent(recording, scenario, 'worker', replies).map(({ body }) => body)
        master.sendBytes(today(job!.text, namespace))
        const got = await heard(master, job!.body.request_id, wanted.length, type => {
          if (type === 'partial') for (const { text } of cancel) master.sendBytes(today(text, namespace))
        })
        expect(got, scenario).toEqual(withoutTimes(wanted))
      }
    })

    test('a worker goes on with jobs that its workers published again, and with plain jobs', async () => {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('first')
      await using _worker = await startOne(stompUrl, namespace)
      await using master = await connectAs('master', recording, stompUrl, namespace)
      for (const scenario of ['retried', 'lost']) {
        const again = sent(recording, scenario, 'worker', tasks).at(-1)!
        const all = sent(recording, scenario, 'worker', replies).map(({ body }) => body)
        const { worker_id, attempt } = all.at(-1)!
        const wanted = all.filter(body => body.worker_id === worker_id && body.attempt === attempt)
        master.sendBytes(today(again.text, namespace))
        const got = await heard(master, again.body.request_id, wanted.length)
        expect(got, scenario).toEqual(withoutTimes(wanted))
      }
      await using reader = await connectRaw(stompUrl)
      await reader.subscribe(`/queue/${namespace}.reply`, { ack: 'client-individual' })
      const [plain] = sent(recording, 'plain', 'plain', tasks)
      reader.sendBytes(today(plain!.text, namespace))
      // On RabbitMQ its worker could not say its news there, and lost its connection over it
      const wanted = sent(embedded, 'plain', 'worker', replies).map(({ body }) => body)
      expect(await heard(reader, plain!.body.request_id, wanted.length)).toEqual(withoutTimes(wanted))
    })

    test('a master sees its workers, with their announcements', async () => {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('first')
      await using worker = await connectAs('worker', recording, stompUrl, namespace)
      await using master = await startMaster({ url: stompUrl, namespace, masterId: 'm' })
      master.watch('old.steps')
      // It asks who is there once it would hear
      await worker.next(({ body }) => body.includes('"ping"'))
      const presence = sent(recording, 'start', 'worker', /\.workers\.old\.steps$/)
      for (const { text } of presence) worker.sendBytes(today(text, namespace))
      const { worker_id, name, state, concurrency, features } = presence.find(
        ({ body }) => body.type === 'announce',
      )!.body
      await expect
        .poll(() => master.workers.get(String(worker_id)))
        .toMatchObject({ name, state, concurrency, features, tasks: ['old.steps'] })
    })

    test('a master shows of its workers the same as its masters showed', async () => {
      const { stompUrl } = await sharedBroker(broker)
      const namespace = unique('first')
      await using worker = await connectAs('worker', recording, stompUrl, namespace)
      await using master = await startMaster({ url: stompUrl, namespace, masterId: 'm' })
      const shown = shownThen[broker] as Readonly<Record<string, unknown>>
      for (const scenario of ['queued', 'retried', 'failed', 'rejected', 'cancelled', 'large', 'lost', 'buried']) {
        const { request_id, task, input, timeout_ms } = sent(recording, scenario, 'master', tasks)[0]!.body
        const job = master.dispatch(String(task), input, {
          requestId: String(request_id),
          timeoutMs: Number(timeout_ms),
        })
        worker.ack(await worker.next(({ body: text }) => text.includes(`"request_id":"${request_id}"`)))
        for (const { text } of sent(recording, scenario, 'worker', replies)) worker.sendBytes(today(text, namespace))
        const { name: _, ...outcome } = { name: undefined, ...(await job.outcome) }
        const seen = () => {
          const { attempt, losses, progress } = job.snapshot
          const news = progress && { percent: progress.percent, message: progress.message }
          return { outcome, attempt, losses, ...(news && { progress: news }) }
        }
        // Outcomes are persistent, and overtake progress at some brokers
        await expect.poll(seen, { message: scenario }).toEqual(withoutName(shown[scenario]))
      }
      expect(
        Object.values(master.discards).every(count => count === 0),
        JSON.stringify(master.discards),
      ).toBe(true)
    })
  })
}
