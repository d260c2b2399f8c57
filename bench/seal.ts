/**
 * Sealed jobs beside the same jobs in the open, in turns, on the embedded broker. It prints the time and the bytes that a seal
 * adds to a job. One common key, and one pair of X25519; signed too.
 */
import * as z from 'zod'
import { defineTask } from '../shared/contract/mod.ts'
import { startMaster } from '../shared/master/node.ts'
import { newKey, publicKeys, type SealOptions } from '../shared/seal/mod.ts'
import { connectStomp } from '../shared/stomp/mod.ts'
import { startBroker } from '../test/support/brokers/start.ts'
import { implement, nodeRuntime } from '../worker/node.ts'
import { createWorker } from '../worker/worker.ts'
import { fair } from './brokers.ts'
import { countFrames } from './counted.ts'
import { measure } from './measure.ts'
import { median, ms, percentile, ratio, table, whole } from './report.ts'

const jobs = Number(process.env.JOBS ?? 400)
const rounds = Number(process.env.ROUNDS ?? 5)
const echo = defineTask('bench.echo', { input: z.object({ n: z.int() }), output: z.object({ n: z.int() }) })

interface Kind {
  readonly name: string
  readonly master?: SealOptions
  readonly worker?: SealOptions
}

async function kindsOf(): Promise<readonly Kind[]> {
  const [shared, box, pen] = [await newKey('shared'), await newKey('x25519'), await newKey('ed25519')]
  const common = { keys: { keys: [shared] } }
  const pair = { keys: { keys: [box] } }
  const both = { keys: { keys: [box, pen] }, sign: String(pen.kid) }
  return [
    { name: 'in the open' },
    { name: 'in the open, as control' },
    { name: 'sealed by a common key', master: common, worker: common },
    { name: 'sealed by a public key', master: { keys: publicKeys(pair.keys) }, worker: pair },
    { name: 'sealed and signed, both ways', master: both, worker: both },
  ]
}

export async function benchSeal(): Promise<void> {
  await using broker = await startBroker('embedded', fair)
  await using stack = new AsyncDisposableStack()
  const lanes = []
  for (const [at, kind] of (await kindsOf()).entries()) {
    const namespace = `myapp.bench${at}`
    const wire = countFrames()
    const { stompUrl: url } = broker
    const seal = (options: SealOptions | undefined) => (options === undefined ? {} : { seal: options })
    stack.use(
      await createWorker(
        { url, namespace, concurrency: 32, tasks: [implement(echo, async ({ n }) => ({ n }))], ...seal(kind.worker) },
        { ...nodeRuntime, connect: options => connectStomp({ ...options, createSocket: wire.createSocket }) },
      ),
    )
    const stomp = stack.use(connectStomp({ url, namespace, createSocket: wire.createSocket }))
    const master = stack.use(await startMaster({ stomp, ...seal(kind.master) }))
    const run = (n: number): Promise<unknown> => master.run(echo, { n })
    await measure(run, 8, 500) // V8 compiles the code that it runs often
    lanes.push({ kind, wire, run, alone: [] as number[], rates: [] as number[], bytes: 0 })
  }
  for (let round = 0; round < rounds; round++) {
    for (const lane of lanes) {
      lane.wire.bytes = 0
      const [times] = await measure(lane.run, 1, jobs)
      lane.bytes = lane.wire.bytes / jobs
      lane.alone.push(percentile(times, 0.5))
      lane.rates.push((await measure(lane.run, 32, jobs * 4))[1])
    }
  }
  const [open] = lanes
  const rows = [['', 'p50, 1 in flight', 'added', 'jobs/s, 32 in flight', 'to open', 'bytes a job', 'added']]
  for (const { kind, alone, rates, bytes } of lanes) {
    const against = (own: readonly number[], base: readonly number[]) => own.map((one, at) => one / base[at]!)
    rows.push([
      kind.name,
      ms(median(alone)),
      ms(median(alone.map((one, at) => one - open!.alone[at]!))),
      whole(median(rates)),
      ratio(median(against(rates, open!.rates))),
      whole(bytes),
      whole(bytes - open!.bytes),
    ])
  }
  table(`Sealed jobs beside open ones, the median of ${rounds} rounds in turns`, rows)
}
