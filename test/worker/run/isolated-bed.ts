/** The test bed of isolated tasks: a real worker that runs fixtures/isolated-tasks.ts, and a master by script. */
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import type { Settings } from '../fixtures/worker-main.ts'
import { type Runtime, startWorkerProcess } from '../process.ts'

const module = new URL('../fixtures/isolated-tasks.ts', import.meta.url).href

/** Starts it. */
export async function isolatedBed(runtime: Runtime, settings: Partial<Settings> = {}) {
  await using stack = new AsyncDisposableStack()
  const { stompUrl } = await sharedBroker('embedded')
  const namespace = unique('isolated')
  const tasks = ['i.here', 'i.thread', 'i.process', 'i.small']
  const master = stack.use(await scriptMaster(stompUrl, namespace, tasks))
  const all = { url: stompUrl, namespace, name: 'one', module, stopGraceMs: 300, concurrency: 3, ...settings }
  const worker = stack.use(await startWorkerProcess(runtime, all))
  const kept = stack.move()
  const send = (task: string, what: string, more: Record<string, unknown> = {}, body: Record<string, unknown> = {}) =>
    master.send(task, { what, ...more }, { body })
  return {
    master,
    worker,
    send,
    start: (more: Partial<Settings>, by: readonly string[]) => startWorkerProcess(runtime, { ...all, ...more }, by),
    run: async (task: string, what: string, more: Record<string, unknown> = {}) =>
      await master.outcome(await send(task, what, more)),
    typesOf: (id: string) => master.of(id).map(({ type }) => type),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

export type IsolatedBed = Awaited<ReturnType<typeof isolatedBed>>
