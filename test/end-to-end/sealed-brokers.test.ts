/** Sealed jobs on the brokers that have ways of their own: a master on Deno, a worker on Node. */
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { newKey, publicKeys } from '../../shared/seal/mod.ts'
import { implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { startGuarded } from '../support/processes/guarded.ts'
import { telling } from '../support/system/sealed-task.ts'
import { untilLine } from '../support/system/worker-process.ts'
import { within } from '../support/until.ts'
import { startWiretap } from '../support/wiretap.ts'

const plain = 'Zm9vYmFy-plain-text'
const program = fileURLToPath(new URL('fixtures/sealed-master.ts', import.meta.url))

for (const broker of ['artemis', 'rabbitmq'] as const) {
  test.skipIf(readPrepared()[broker] !== undefined)(`${broker}: a sealed job and a sealed broadcast`, async () => {
    await using stack = new AsyncDisposableStack()
    const { stompUrl } = await sharedBroker(broker)
    const tap = stack.use(await startWiretap(stompUrl))
    const url = tap.through(stompUrl)
    const namespace = unique('sealed')
    const keys = { keys: [await newKey('x25519'), await newKey('p-256')] }
    const log: WorkerEvent[] = []
    stack.use(
      await startWorker({
        url,
        namespace,
        signals: false,
        seal: { keys },
        presenceIntervalMs: 500,
        onEvent: event => void log.push(event),
        tasks: [
          implement(telling, async ({ text }, job) => {
            await job.partial(text)
            if (job.attempt === 1) throw new Error(text)
            return { text, why: '' }
          }),
        ],
      }),
    )
    const settings = { url, namespace, seal: { keys: publicKeys(keys) }, text: plain }
    const master = startGuarded(['deno', 'run', '-A', '--no-lock', program, JSON.stringify(settings)])
    stack.defer(() => master.end())
    const of = async (what: string) => JSON.parse((await untilLine(master, what, 'the master')).slice(what.length))
    expect(await of('queue')).toMatchObject({ type: 'result', attempt: 2, output: { text: plain } })
    expect(await of('broadcast')).toMatchObject([{ type: 'result', attempt: 2, output: { text: plain } }])
    await within('it ends', master.ended)
    expect(tap.text()).toContain('"recipients":')
    expect(tap.text() + JSON.stringify(log)).not.toContain(plain)
  })
}
