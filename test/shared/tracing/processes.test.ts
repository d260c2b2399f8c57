/** One trace from the command line through bridge, broker and worker, and back: real processes with a real SDK. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ended, Program } from '../../support/cli/program.ts'
import { traceOf, treeOf } from './spans.ts'

const traceId = (name: string): string => Buffer.from(name.padEnd(16, '.')).toString('hex')
const caller = 'b7ad6b7169203331'
const sdk = ['--import', './test/shared/tracing/fixtures/sdk.ts']
let folder: string
let file: string
let bridge: Program
let worker: Program
let env: Record<string, string>

const program = (args: readonly string[], more: Record<string, string> = {}, options = sdk): Program =>
  new Program([process.execPath, ...options, 'cli/drover.ts', ...args], { env: { ...env, ...more } })

async function dispatch(task: string, input: unknown, trace: string): Promise<Ended> {
  const TRACEPARENT = `00-${traceId(trace)}-${caller}-01`
  // Its spans leave as it ends, or never
  const more = { TRACEPARENT, TEST_SPANS_DELAY: '60000' }
  return await program(['dispatch', task, '--input', JSON.stringify(input)], more).ended
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-spans-'))
  file = join(folder, 'spans')
  env = { TEST_SPANS: file, STOMP_PORT: '0' }
  bridge = program(['serve', '--broker', 'embedded', '--port', '0'])
  const [, url = ''] = await bridge.says(/^ready (\S+)$/m)
  env = { ...env, DROVER_URL: url.replace(/^http:\/\//, 'ws://foo:bar@').concat('/stomp') }
  worker = program(['worker', 'test/shared/tracing/fixtures/tasks.ts', '--concurrency', '3'])
  await worker.says(/takes .* from/)
})
afterAll(async () => {
  await worker?.[Symbol.asyncDispose]()
  await bridge?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

test('a job is dispatched, relayed, waits and runs in the trace of its caller, and so does its outcome', async () => {
  const { code, stdout } = await dispatch('shop.here', { text: 'hello' }, 'a')
  expect(code).toBe(0)
  const spans = await traceOf(file, traceId('a'), 6)
  expect(treeOf(spans)).toEqual([
    `dispatch shop.here < ${caller}`,
    'outcome shop.here < run shop.here',
    'own < run shop.here',
    'relay shop.here < dispatch shop.here',
    'run shop.here < dispatch shop.here',
    'wait shop.here < dispatch shop.here',
  ])
  const span = (name: string) => spans.find(one => one.name.startsWith(name))!
  const requestId = span('dispatch').attributes['messaging.message.conversation_id']
  expect(stdout).toContain(requestId)
  expect(stdout).toContain(`00-${traceId('a')}-${span('run').spanId}-01`)
  const queue = '/queue/myapp.tasks.shop.here'
  const always = {
    'messaging.system': 'stomp',
    'messaging.message.conversation_id': requestId,
    'drover.task': 'shop.here',
  }
  expect(span('relay')).toMatchObject({
    kind: 'INTERNAL',
    attributes: { ...always, 'messaging.destination.name': queue, 'drover.session': expect.any(String) },
  })
  expect(span('run')).toMatchObject({
    kind: 'CONSUMER',
    isFailed: false,
    scope: 'drover',
    attributes: {
      ...always,
      'messaging.operation.name': 'run',
      'messaging.operation.type': 'process',
      'messaging.destination.name': queue,
      'messaging.client.id': expect.any(String),
      'drover.attempt': 1,
      'drover.losses': 0,
    },
  })
  expect([span('dispatch').kind, span('outcome').kind]).toEqual(['PRODUCER', 'CONSUMER'])
  expect(span('wait').startedAt).toBeLessThanOrEqual(span('wait').endedAt)
  expect(span('wait').endedAt).toBeLessThanOrEqual(span('run').startedAt + 1)
  expect(span('run').startedAt).toBeLessThanOrEqual(span('own').startedAt)
})

test.each(['thread', 'process'])('the spans of code in a %s are children of its run', async kind => {
  const task = `shop.${kind}`
  const { code, stdout } = await dispatch(task, { text: 'hello' }, kind)
  expect(code).toBe(0)
  const spans = await traceOf(file, traceId(kind), 6)
  expect(treeOf(spans)).toContain(`own < run ${task}`)
  expect(stdout).toContain(spans.find(({ name }) => name === `run ${task}`)!.spanId)
})

test('each attempt is a run of the same trace, which says the code of its error, and no span has an input', async () => {
  const { code } = await dispatch('shop.here', { text: 'opal' }, 'b')
  expect(code).toBe(1)
  // dispatch and relay; of each attempt wait, run and own; outcome
  const spans = await traceOf(file, traceId('b'), 9)
  const runs = spans.filter(({ name }) => name === 'run shop.here')
  expect(runs.map(({ attributes }) => attributes['drover.attempt'])).toEqual([1, 2])
  for (const run of runs) expect(run).toMatchObject({ isFailed: true, attributes: { 'error.type': 'no_opal' } })
  const outcome = spans.find(({ name }) => name === 'outcome shop.here')!
  expect(outcome).toMatchObject({ parentId: runs[1]!.spanId, isFailed: true, attributes: { 'error.type': 'no_opal' } })
  expect(await readFile(file, 'utf8')).not.toMatch(/"opal"|no opal/)
})

test('a job of a program that does not trace begins its trace at the bridge', async () => {
  const plain = program(['dispatch', 'shop.here', '--input', '{"text":"plain"}'], {}, [])
  const { code, stdout } = await plain.ended
  expect(code).toBe(0)
  const [, id = ''] = /"?00-([0-9a-f]{32})-/.exec(stdout) ?? []
  expect(treeOf(await traceOf(file, id, 4))).toEqual([
    'own < run shop.here',
    'relay shop.here < ',
    'run shop.here < relay shop.here',
    'wait shop.here < relay shop.here',
  ])
})

test('the spans that a bridge and a worker keep for a batch leave at their end', async () => {
  const kept = { TEST_SPANS_DELAY: '60000' }
  await using ownBridge = program(['serve', '--broker', 'embedded', '--port', '0'], kept)
  const [, url = ''] = await ownBridge.says(/^ready (\S+)$/m)
  const to = { DROVER_URL: url.replace(/^http:\/\//, 'ws://foo:bar@').concat('/stomp') }
  await using ownWorker = program(['worker', 'examples/tasks/host-facts.ts'], { ...kept, ...to })
  await ownWorker.says(/takes .* from/)
  const TRACEPARENT = `00-${traceId('c')}-${caller}-01`
  await program(['dispatch', 'host.facts', '--input', '{}'], { ...kept, ...to, TRACEPARENT }).ended
  await traceOf(file, traceId('c'), 2)
  ownWorker.signal('SIGTERM')
  expect((await ownWorker.ended).code).toBe(0)
  await traceOf(file, traceId('c'), 4)
  ownBridge.signal('SIGTERM')
  expect((await ownBridge.ended).code).toBe(0)
  await traceOf(file, traceId('c'), 5)
})
