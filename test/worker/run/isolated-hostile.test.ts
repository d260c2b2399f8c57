/** Code in a thread or process that harms it: its own job ends, the worker lives, and the next job of the task runs. */
import { test } from 'vitest'
import { isolatedBed } from './isolated-bed.ts'

const module = new URL('../fixtures/hostile-tasks.ts', import.meta.url).href
const died = { type: 'error', error: { code: 'isolate_died' } }

test.concurrent.for(['node', 'deno'] as const)(
  'a %s worker lives on, and runs the next job, whatever the code of its children does to them',
  async (runtime, { expect }) => {
    await using bed = await isolatedBed(runtime, { module, surviveUncaughtErrors: false })
    const { master, worker } = bed
    const attack = async (kind: string): Promise<void> => {
      const run = async (what: string) => await master.outcome(await master.send(`i.${kind}`, what))
      for (const [what, end] of [
        ['say as children do', { output: 'said' }],
        ['lie on purpose', died],
        ['close its channel', { type: 'error' }], // a thread under Deno cannot, and says so
        ['return very much', { type: 'error', error: { code: 'output_too_large', retryable: false } }],
        ['compute on', { output: 'ended' }],
        ['echo', { output: 'echo' }],
        ['change what all objects have', {}],
      ] as const) {
        expect(await run(what), `${kind}: ${what}`).toMatchObject(end)
      }
    }
    await Promise.all(['thread', 'process'].map(attack))
    expect(worker.child.isRunning, worker.child.log()).toBe(true)
  },
)
