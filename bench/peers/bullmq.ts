/** A queue and a worker of BullMQ, from the folder FOLDER, on the Redis at PORT. */
import { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { concurrency, measureJobs } from './measure-jobs.ts'

/** Of BullMQ, as much as is used here. */
interface Bull {
  readonly Queue: new (
    name: string,
    options: object,
  ) => { add(name: string, data: object, options: object): Promise<BullJob>; close(): Promise<void> }
  readonly QueueEvents: new (
    name: string,
    options: object,
  ) => { waitUntilReady(): Promise<unknown>; close(): Promise<void> }
  readonly Worker: new (
    name: string,
    run: (job: { data: { n: number } }) => Promise<unknown>,
    options: object,
  ) => { waitUntilReady(): Promise<unknown>; close(): Promise<void> }
}
interface BullJob {
  waitUntilFinished(events: object): Promise<unknown>
}

// Each job that is waited for is a listener
EventEmitter.defaultMaxListeners = 0

const { FOLDER: folder = '', PORT: port } = process.env
const { Queue, QueueEvents, Worker } = createRequire(join(folder, 'package.json'))('bullmq') as Bull
const connection = { host: '127.0.0.1', port: Number(port), maxRetriesPerRequest: null }
const queue = new Queue('bench', { connection })
const events = new QueueEvents('bench', { connection })
const worker = new Worker('bench', async ({ data: { n } }) => ({ n }), { connection, concurrency })
await Promise.all([events.waitUntilReady(), worker.waitUntilReady()])
// As many ended jobs are kept as a master keeps
const kept = { removeOnComplete: 1_000, removeOnFail: 1_000 }
await measureJobs(async n => await (await queue.add('echo', { n }, kept)).waitUntilFinished(events))
await Promise.all([queue.close(), events.close(), worker.close()])
process.exit()
