/**
 * Records all that a version says and hears, so that later versions can be tried with it:
 *
 *     node test/versions/record.ts --of FOLDER --into test/versions/NAME [--on embedded,classic,artemis,rabbitmq,bridge]
 *
 * FOLDER is a checkout of that version with its dependencies. For each set-up a file of frames (`frames.ts`), and in
 * `shown.json` the jobs that its master showed in the end. With `embedded` also `node.jobs`, `deno.jobs` and
 * `indexeddb.json`, its
 * jobs as its storages keep them, and `schemas.json`, its messages as JSON Schemas.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { type BrokerName, startBroker } from '../support/brokers/start.ts'
import { freePorts } from '../support/free-ports.ts'
import { type Recording, writeFrames } from './frames.ts'
import { keepStored } from './parts/keep-stored.ts'
import { startPart } from './parts/parts.ts'
import { writeSchemas } from './parts/schemas.ts'
import { scenarios } from './scenarios.ts'
import type { Told } from './tap.ts'
import { startTestBed, type TestBed } from './test-bed.ts'

const { values } = parseArgs({
  options: {
    of: { type: 'string' },
    into: { type: 'string' },
    on: { type: 'string', default: 'embedded,classic,artemis,rabbitmq,bridge' },
  },
})
if (values.of === undefined || values.into === undefined) throw new Error('expected --of FOLDER and --into FOLDER')
const [folder, into] = [resolve(values.of), resolve(values.into)]
mkdirSync(into, { recursive: true })

/** Long enough for the frames behind an outcome: ACKs, RECEIPTs, news of presence. */
const quietMs = 700

/** All frames of these are kept; of the others, so that files stay small, only those that the parts send. */
const whole: readonly string[] = ['start', 'queued']

function isKept(scenario: string, { way, bytes }: Told): boolean {
  const text = Buffer.from(bytes).toString()
  if (whole.includes(scenario)) return !text.startsWith('MESSAGE\n') || !text.includes('.workers.')
  const isNews = /^destination:\/topic\/[^\n]*\.workers\./m.test(text)
  return way === 'says' && text.startsWith('SEND\n') && (!isNews || text.includes('"state":"gone"'))
}

async function record(name: string, testBed: TestBed): Promise<Record<string, unknown>> {
  const recording = new Map<string, readonly Told[]>()
  const shown: Record<string, unknown> = {}
  for (const [scenario, play] of Object.entries(scenarios)) {
    shown[scenario] = await play(testBed)
    await delay(quietMs)
    recording.set(
      scenario,
      testBed.told.splice(0).filter(one => isKept(scenario, one)),
    )
    console.log(`${name}: ${scenario}, ${recording.get(scenario)?.length} frames`)
  }
  writeFileSync(join(into, `${name}.frames`), writeFrames(recording satisfies Recording))
  return shown
}

/** That of the version itself. */
async function startEmbedded(): Promise<AsyncDisposable & { stompUrl: string }> {
  const [port = 0, stompPort = 0] = await freePorts(2)
  const bridge = await startPart('bridge', folder, { port, stompPort, broker: 'embedded', secret: 'x'.repeat(32) })
  return { stompUrl: `stomp://foo:bar@127.0.0.1:${stompPort}`, [Symbol.asyncDispose]: () => bridge.end() }
}

const shownFile = join(into, 'shown.json')
for (const name of values.on.split(',')) {
  const isBridged = name === 'bridge'
  await using broker = isBridged || name === 'embedded' ? await startEmbedded() : await startBroker(name as BrokerName)
  await using testBed = await startTestBed(folder, broker.stompUrl, isBridged)
  const before = readJson(shownFile)
  const shown = await record(name, testBed)
  writeFileSync(shownFile, `${JSON.stringify({ ...before, [name]: shown }, null, 2)}\n`)
  if (name === 'embedded') await keepStored(testBed, into)
}
await writeSchemas(folder, join(into, 'schemas.json'))

function readJson(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>
  } catch {
    return {} // the first recording
  }
}
