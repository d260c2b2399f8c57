/** A master and a worker with a TCP connection each to the broker at URL. */
import { setTimeout as delay } from 'node:timers/promises'
import * as z from 'zod'
import { defineTask } from '../../shared/contract/mod.ts'
import { startMaster } from '../../shared/master/node.ts'
import { connectStomp } from '../../shared/stomp/mod.ts'
import { implement, nodeRuntime } from '../../worker/node.ts'
import { createWorker } from '../../worker/worker.ts'
import { countFrames } from '../counted.ts'
import { concurrency, measureJobs } from './measure-jobs.ts'

const url = process.env.URL!
const echo = defineTask('bench.echo', { input: z.object({ n: z.int() }), output: z.object({ n: z.int() }) })
const wire = countFrames()
wire.isOn = false
const worker = await createWorker(
  { url, concurrency, tasks: [implement(echo, async ({ n }) => ({ n }))] },
  { ...nodeRuntime, connect: options => connectStomp({ ...options, createSocket: wire.createSocket }) },
)
const stomp = connectStomp({ url, createSocket: wire.createSocket })
const master = await startMaster({ stomp })
await measureJobs(
  n => master.run(echo, { n }),
  async of => {
    wire.frames = 0
    wire.isOn = true
    await of()
    await delay(50) // the last ACKs
    wire.isOn = false
    return wire.frames
  },
)
await master[Symbol.asyncDispose]()
await stomp.close()
await worker[Symbol.asyncDispose]()
process.exit()
