import type { WorkerOutcome } from 'drover/master'
import { expect, test } from 'vitest'
import { echo, flaky, steps } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** A job for every worker. */
export function all(testBed: CurrentTestBed): void {
  test('all: a broadcast runs on the Node and on the Deno worker, and each has an outcome', async () => {
    const { master } = testBed()
    const broadcast = master.broadcast(echo, { text: 'you all' }, { until: 'everyone', timeoutMs: 10_000 })
    const { outcomes, missing } = await within('everybody answers', broadcast.done)
    expect(missing).toEqual([])
    expect(byName(outcomes)).toEqual({ node: 'result', deno: 'result' })
  })

  test('all: a failure or a rejection on every worker is an outcome of each', async () => {
    const { master } = testBed()
    const failing = master.broadcast(flaky, { failures: 9 }, { until: 'everyone', timeoutMs: 10_000 })
    const rejected = master.broadcast(steps, { count: 0.5 }, { until: 'everyone', timeoutMs: 10_000 })
    expect(byName((await within('all have failed', failing.done)).outcomes)).toEqual({ node: 'error', deno: 'error' })
    expect(byName((await within('all have rejected', rejected.done)).outcomes)).toEqual({
      node: 'rejected',
      deno: 'rejected',
    })
  })

  test('all: a worker that stands still is missing by its name', async () => {
    const { master, deno } = testBed()
    deno.signal('SIGSTOP')
    try {
      const broadcast = master.broadcast(echo, { text: 'who is there' }, { until: 'everyone', timeoutMs: 4_000 })
      const { outcomes, missing } = await within('the time is over', broadcast.done)
      expect(byName(outcomes)).toEqual({ node: 'result' })
      expect(missing).toEqual(['deno'])
    } finally {
      deno.signal('SIGCONT')
    }
  })
}

function byName(outcomes: readonly WorkerOutcome[]): Record<string, string> {
  return Object.fromEntries(outcomes.map(({ name, type }) => [name, type]))
}
