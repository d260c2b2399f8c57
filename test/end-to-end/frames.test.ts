/**
 * The cost of a queued job on the wire, from its dispatch to its settled outcome, where nothing goes wrong: no more than
 * this.
 */
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { countFrames } from '../../bench/counted.ts'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { createMaster } from '../../shared/master/mod.ts'
import { connectStomp } from '../../shared/stomp/mod.ts'
import { defineTask, implement, nodeRuntime } from '../../worker/node.ts'
import { createWorker } from '../../worker/worker.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { brokerNames } from '../support/brokers/start.ts'

/**
 * Of master and worker, both ways, one job at a time. Of 16: SEND and RECEIPT, MESSAGE; accepted as SEND, MESSAGE and ACK; BEGIN,
 * the outcome's SEND, ACK, COMMIT, two RECEIPTs, and its MESSAGE and ACK; two events. Artemis has a mark in place of the
 * transaction. On the embedded broker one RECEIPT covers that transaction, and mostly one ACK both replies.
 */
const most = { embedded: 15, classic: 16, artemis: 14, rabbitmq: 16 }
/**
 * 32 at a time on the embedded broker. Of 9: SEND, MESSAGE; accepted as SEND and MESSAGE; the outcome's SEND, ACK and MESSAGE; two
 * events. The rest is shared: BEGIN, COMMIT, its RECEIPT, the RECEIPTs of SENDs, and the ACKs of replies.
 */
const mostOfMany = 10.5
const jobs = 25
/** The frames besides, now and then: presence. */
const besides = 0.9

describe.for(brokerNames.filter(name => !Object.hasOwn(readPrepared(), name)))('on %s', name => {
  test(`a job takes at most ${most[name]} frames`, async () => {
    const { stompUrl: url } = await sharedBroker(name)
    await using bed = await counted(url)
    for (let n = 0; n < jobs; n++) await bed.run(n)
    expect(bed.frames() / jobs).toBeLessThan(most[name] + besides)
    // Fewer are a gain to be held, or were not counted
    expect(bed.frames() / jobs).toBeGreaterThan(most[name] - besides - (name === 'embedded' ? 1 : 0))
  })
})

test(`with 32 in flight on the embedded broker a job takes at most ${mostOfMany} frames`, async () => {
  const { stompUrl: url } = await sharedBroker('embedded')
  await using bed = await counted(url)
  const many = jobs * 32
  let next = 0
  const keepRunning = async (): Promise<void> => {
    while (next < many) await bed.run(next++)
  }
  await Promise.all(Array.from({ length: 32 }, keepRunning))
  expect(bed.frames() / many).toBeLessThan(mostOfMany)
  expect(bed.frames() / many).toBeGreaterThan(9)
})

/** A master and a worker whose frames are counted from now on. */
async function counted(url: string) {
  const namespace = unique('frames')
  const wire = countFrames()
  const task = defineTask('frames.echo', { input: z.int(), output: z.int() })
  await using stack = new AsyncDisposableStack()
  stack.use(
    await createWorker(
      { url, namespace, concurrency: 32, tasks: [implement(task, n => n)] },
      { ...nodeRuntime, connect: options => connectStomp({ ...options, createSocket: wire.createSocket }) },
    ),
  )
  const master = stack.use(
    createMaster({ stomp: stack.use(connectStomp({ url, namespace, createSocket: wire.createSocket })) }),
  )
  for (let n = 0; n < 3; n++) await master.run(task, n)
  wire.frames = 0
  const moved = stack.move()
  return {
    run: (n: number) => master.run(task, n),
    frames: () => wire.frames,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  }
}
