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
 * Of master and worker, both ways. Of 16: SEND and RECEIPT, MESSAGE; accepted as SEND, MESSAGE and ACK; BEGIN, the outcome's
 * SEND, ACK, COMMIT, two RECEIPTs, and its MESSAGE and ACK; two events. Artemis has a mark in place of the transaction.
 */
const most = { embedded: 16, classic: 16, artemis: 14, rabbitmq: 16 }
const jobs = 25
/** The frames besides, now and then: presence. */
const besides = 0.9

describe.for(brokerNames.filter(name => !Object.hasOwn(readPrepared(), name)))('on %s', name => {
  test(`a job takes at most ${most[name]} frames`, async () => {
    const { stompUrl: url } = await sharedBroker(name)
    const namespace = unique('frames')
    const wire = countFrames()
    const task = defineTask('frames.echo', { input: z.int(), output: z.int() })
    await using _worker = await createWorker(
      { url, namespace, tasks: [implement(task, n => n)] },
      { ...nodeRuntime, connect: options => connectStomp({ ...options, createSocket: wire.createSocket }) },
    )
    await using stomp = connectStomp({ url, namespace, createSocket: wire.createSocket })
    await using master = createMaster({ stomp })
    for (let n = 0; n < 3; n++) await master.run(task, n)
    wire.frames = 0
    for (let n = 0; n < jobs; n++) await master.run(task, n)
    expect(wire.frames / jobs).toBeLessThan(most[name] + besides)
    // Fewer are a gain to be held, or were not counted
    expect(wire.frames / jobs).toBeGreaterThan(most[name] - besides)
  })
})
