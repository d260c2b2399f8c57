/** A sealed job leaves no plaintext anywhere but in master and worker: every byte at the broker's port, every file, every log. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { fileStorage, startMaster } from '../../shared/master/node.ts'
import { newKey } from '../../shared/seal/mod.ts'
import { startBridge } from '../support/bridges/bridges.ts'
import { unique } from '../support/brokers/shared.ts'
import { startBroker } from '../support/brokers/start.ts'
import { formsOf } from '../support/forms-of.ts'
import { startGuarded } from '../support/processes/guarded.ts'
import { connectRaw } from '../support/raw-stomp.ts'
import { type SealedWorkerSettings, telling } from '../support/system/sealed-task.ts'
import { untilLine } from '../support/system/worker-process.ts'
import { until, within } from '../support/until.ts'
import { startWiretap } from '../support/wiretap.ts'

const plain = 'Wörterbuch "4711"/+ 0815?'
const forms = formsOf(plain)
const program = fileURLToPath(new URL('../support/system/sealed-worker.ts', import.meta.url))
const commands = { node: [process.execPath, program], deno: ['deno', 'run', '-A', '--no-lock', program] }
const hows = ['returns', 'throws', 'discards', 'loops', 'returns no text'] as const

async function bytesIn(folder: string): Promise<string> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true })
  const texts = files.filter(file => file.isFile()).map(file => readFile(join(file.parentPath, file.name), 'latin1'))
  return (await Promise.all(texts)).join('\n')
}

test.each([
  { name: 'classic', by: 'TCP' },
  { name: 'embedded', by: 'a bridge' },
] as const)('$name by $by: whatever becomes of a job, nothing of it can be read on the way', async ({ name, by }) => {
  if (name === 'classic' && readPrepared().classic !== undefined) return
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'drover-sealed-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const broker = stack.use(await startBroker(name))
  const tap = stack.use(await startWiretap(broker.stompUrl))
  const url = tap.through(broker.stompUrl)
  const namespace = unique('unread')
  const keyFile = join(folder, 'keys.json')
  const keys = { keys: [await newKey('x25519')] }
  await writeFile(keyFile, JSON.stringify(keys))
  const logs: string[] = []
  const start = async (runtime: keyof typeof commands) => {
    const settings: SealedWorkerSettings = { url, namespace, name: runtime, keys: keyFile }
    const onOutput = (text: string) => void logs.push(text)
    const worker = startGuarded([...commands[runtime], JSON.stringify(settings)], { onOutput })
    stack.defer(() => worker.end())
    await untilLine(worker, 'ready', `the worker on ${runtime}`)
    return worker
  }
  const users = [{ login: 'foo', password: 'bar', grants: { ...allGrants, ns: namespace } }]
  const bridge = by === 'TCP' ? undefined : stack.use(await startBridge({ broker: url, users }))
  const entrance = bridge === undefined ? url : `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp`
  const storage = join(folder, 'stored', 'jobs')
  const options = { url: entrance, namespace, masterId: 'one', seal: { keys } }

  // A plain program reads the dead queue and the events
  const plainly = stack.use(await connectRaw(url))
  await plainly.subscribe(`/queue/${namespace}.dead`)
  await plainly.subscribe(`/topic/${namespace}.events.${telling.name}`)

  const first = await start('node')
  const master = await startMaster({ ...options, storage: fileStorage(storage) })
  master.watch(telling.name)
  await until('the worker is known', () => master.tasks.some(({ known, workers }) => known && workers === 1))
  const broadcast = master.broadcast(telling, { text: plain, how: 'returns' }, { timeoutMs: 30_000 })
  expect((await broadcast.done).outcomes).toMatchObject([{ type: 'result', output: { text: plain } }])
  const dying = master.dispatch(telling, { text: plain, how: 'dies' }, { timeoutMs: 60_000 })
  await within('it ends its worker', first.ended)
  await start('deno')
  expect(await within('another ends it', dying.outcome)).toMatchObject({ type: 'result', output: { text: plain } })
  expect(dying.snapshot.losses).toBe(1)
  const jobs = hows.map(how => master.dispatch(telling, { text: plain, how }, { timeoutMs: 30_000 }))
  const refused = master.dispatch(telling, { text: `refused ${plain}`, how: '' }, { timeoutMs: 30_000 })
  const outcomes = await within('they end', Promise.all(jobs.map(job => job.outcome)))
  expect(outcomes.map(one => [one.type, 'error' in one && one.error.message.includes(plain)])).toEqual([
    ['result', false],
    ['error', true],
    ['result', false],
    ['error', false],
    ['error', true],
  ])
  expect(outcomes[1]).toMatchObject({ attempt: 2, error: { code: plain } })
  expect((await refused.outcome).type).toMatch(/rejected|error/)
  await plainly.next(({ headers }) => headers.destination?.endsWith('.dead') === true)
  const log = () => logs.join('')
  await until('uncaught errors were told', () => log().split('Nobody waits for').length > 2, { evidence: log })
  await master[Symbol.asyncDispose]()

  const again = await startMaster({ ...options, storage: fileStorage(storage) })
  expect(again.jobs.get(jobs[0]!.request_id)).toMatchObject({
    input: { text: plain },
    phase: { outcome: { output: { text: plain } } },
  })
  await again[Symbol.asyncDispose]()

  const places = {
    'at the port of the broker': tap.text(),
    'in the logs of the workers': Buffer.from(log()).toString('latin1'),
    'in the log of the broker': broker.log(),
    "in the broker's files": await bytesIn(broker.data),
    "in the master's file": await bytesIn(join(folder, 'stored')),
    'in the events of the bridge': JSON.stringify(bridge?.events ?? []),
  }
  expect(places['at the port of the broker']).toContain('"sealed":')
  expect(places["in the master's file"]).toContain('"unopened":')
  if (name === 'classic') expect(places["in the broker's files"]).toContain('"sealed":')
  for (const [place, text] of Object.entries(places)) {
    for (const [form, found] of Object.entries(forms)) {
      const at = text.indexOf(found)
      expect(at < 0 ? '' : text.slice(Math.max(0, at - 300), at + 100), `${place}, ${form}`).toBe('')
    }
    expect(text, place).not.toContain(String(keys.keys[0]!.d))
  }
})
