/** Tasks that run in threads and processes of their own, by real workers: what they do there, and how they end. */
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import type { Settings } from '../fixtures/worker-main.ts'
import { type Runtime, startWorkerProcess } from '../process.ts'

const module = new URL('../fixtures/isolated-tasks.ts', import.meta.url).href
const kinds = ['thread', 'process'] as const

async function setUp(runtime: Runtime, settings: Partial<Settings> = {}) {
  await using stack = new AsyncDisposableStack()
  const { stompUrl } = await sharedBroker('embedded')
  const namespace = unique('isolated')
  const master = stack.use(await scriptMaster(stompUrl, namespace, ['i.here', 'i.thread', 'i.process', 'i.small']))
  const worker = stack.use(
    await startWorkerProcess(runtime, {
      url: stompUrl,
      namespace,
      name: 'one',
      module,
      stopGraceMs: 300,
      concurrency: 2,
      ...settings,
    }),
  )
  const kept = stack.move()
  const send = (task: string, what: string, more: Record<string, unknown> = {}, body: Record<string, unknown> = {}) =>
    master.send(task, { what, ...more }, { body })
  return {
    master,
    worker,
    send,
    run: async (task: string, what: string, more: Record<string, unknown> = {}) =>
      await master.outcome(await send(task, what, more)),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

describe.for(['node', 'deno'] as const)('a %s worker', runtime => {
  test.for(kinds)('runs a task in a %s with all that a run has', async kind => {
    await using bed = await setUp(runtime)
    const { master, run, send } = bed
    const task = `i.${kind}`
    const id = await send(task, 'facts')
    expect(await master.outcome(id)).toMatchObject({
      type: 'result',
      output: { attempt: 1, losses: 0, task, request_id: id },
    })
    const at = '1970-01-01T00:00:00.000Z'
    expect(master.of(id)).toMatchObject([
      { type: 'accepted', seq: 0 },
      { type: 'progress', percent: 50, message: 'half', data: { at } },
      { type: 'log', level: 'warn', message: 'watch out' },
      { type: 'partial', data: [at] },
      { type: 'result', seq: 4 },
    ])
  })
})
