/** How a worker ends whose tasks run in threads and processes of their own, and the modules that it refuses. */
import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask, implement, nodeRuntime, startWorker } from '../../../worker/node.ts'
import { startGuarded } from '../../support/processes/guarded.ts'
import { until } from '../../support/until.ts'
import { staying } from '../process.ts'
import { isolatedBed } from './isolated-bed.ts'

const isThere = (pid: number): boolean => {
  try {
    // A process that has ended and that nobody has asked about is none.
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z')
  } catch {
    return false
  }
}

describe.for(['node', 'deno'] as const)('a %s worker', runtime => {
  test('hands back the jobs of children that heed no signal, and its own end leaves none behind', async () => {
    await using bed = await isolatedBed(runtime, { drainTimeoutMs: 200, stopGraceMs: 100 })
    const { master, worker, send, start, typesOf } = bed
    const jobs = [await send('i.thread', 'never heeds'), await send('i.process', 'never heeds')]
    const begun = await Promise.all(jobs.map(id => worker.line(`begun ${id}`)))
    worker.child.signal('SIGTERM') // to the whole group, as a terminal and systemd do
    await worker.line('closed')
    for (const id of jobs) expect(typesOf(id)).toEqual(['accepted', 'requeued'])
    const pids = begun.map(line => Number(line.split(' ')[2]))
    for (const pid of pids) await until(`${pid} has ended`, () => !isThere(pid))

    await using next = await start({ name: 'two' }, staying)
    const again = await Promise.all(jobs.map(id => next.line(`begun ${id}`)))
    for (const id of jobs) {
      // Its child's own word may be here before the reply
      const last = await until('it is accepted again', () => master.of(id).slice(2).at(-1))
      expect(last).toMatchObject({ type: 'accepted', attempt: 1, losses: 0 })
    }
    const child = Number(again[1]!.split(' ')[2])
    const main = Number(again[0]!.split(' ')[2])
    expect(isThere(child)).toBe(true)
    process.kill(main, 'SIGKILL') // of the worker, by its thread's number: the child's code computes on without a pause
    await until('the child has ended', () => !isThere(child), { timeoutMs: 5_000 })
  })
})

const task = defineTask('a', { input: z.unknown() })
const run = () => 'ran'
const tasksModule = new URL('../fixtures/isolated-tasks.ts', import.meta.url).href
const starts = new URL('../fixtures/starts-worker.ts', import.meta.url).href

test.for([
  ['no module', { isolate: 'thread' }, /to run in a thread of its own, which has to find its code: give implement/],
  ['a path', { isolate: 'process', module: './tasks.ts' }, /its module is ".\/tasks.ts", which is no URL/],
  [
    'a module that starts a worker',
    { isolate: 'thread', module: starts },
    /Cannot load .*: The module of an isolated task starts/,
  ],
  [
    'nothing there',
    { isolate: 'thread', module: 'file:///nowhere.ts' },
    /Cannot load file:\/\/\/nowhere.ts: Cannot find/,
  ],
  [
    'no such export',
    { isolate: 'process', module: import.meta.resolve('zod') },
    /exports no implementation of task "a"/,
  ],
] as const)('startWorker() refuses an isolated task with %s', async ([, options, sentence]) => {
  const starting = startWorker({ url: 'stomp://localhost:1', tasks: [implement(task, run, options)], signals: false })
  await expect(starting).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringMatching(sentence) })
})

test.for([
  [{ isolate: 'fork' }, "isolate is \"fork\"; expected 'thread' or 'process'"],
  [{ isolate: 'thread', memoryMb: 0.5 }, 'memoryMb is 0.5'],
  [{ memoryMb: 64 }, 'memoryMb is for a task with "isolate"'],
  [{ isolate: 'thread', flags: ['--x'] }, "flags are for a task with isolate: 'process'"],
] as const)('implement() refuses %j', ([options, found]) => {
  expect(() => implement(task, run, options as never)).toThrow(
    expect.objectContaining({ code: 'task_invalid', message: expect.stringContaining(found) }),
  )
})

test('a thread that fills its heap ends, and the process goes on', async () => {
  const ended = Promise.withResolvers<string>()
  const child = nodeRuntime.startChild!({ kind: 'thread', memoryMb: 32, onMessage() {}, onEnd: ended.resolve })
  child.send({ is: 'load', module: tasksModule, survivesUncaughtErrors: true })
  const limit = { maxCharacters: 1_000 }
  const job = { task: 'i.thread', request_id: 'x', attempt: 1, losses: 0, input: { what: 'memory' }, limit }
  child.send({ is: 'run', run: 1, ...job })
  expect(await ended.promise).toMatch(/memory limit/)
})

test('a process under Deno has each permission that its worker has as a whole, and is told how to have others', async () => {
  const [root, program] = ['../../..', '../fixtures/worker-main.ts'].map(at =>
    fileURLToPath(new URL(at, import.meta.url)),
  )
  const flags = ['--no-lock', '--no-prompt', '--allow-net', '--allow-env', '--allow-sys', '--allow-run']
  const settings = JSON.stringify({ url: 'stomp://localhost:1', namespace: 'a', module: tasksModule })
  await using child = {
    ...startGuarded(['deno', 'run', ...flags, `--allow-read=${root}`, program!, settings]),
    [Symbol.asyncDispose]: () => child.end(),
  }
  const said = /Cannot load .*Requires read access to .*; a process has each permission that its worker has as a whole/
  await until('it is told', () => said.test(child.log()), { evidence: () => child.log() })
  expect(child.log()).toContain("flags: ['--allow-…']")
})
