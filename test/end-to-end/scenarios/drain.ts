import { expect, test } from 'vitest'
import { makeGate } from '../../support/gate.ts'
import { gated } from '../../support/system/tasks.ts'
import type { Runtime } from '../../support/system/worker-process.ts'
import { within } from '../../support/until.ts'
import { untilAccepted, untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** SIGTERM. */
export function drain(testBed: CurrentTestBed): void {
  for (const runtime of ['node', 'deno'] satisfies Runtime[]) {
    test(`drain: a ${runtime} worker that gets SIGTERM finishes its run, takes no other, and ends with 0`, async () => {
      const environment = testBed().deployment.environment()
      await using master = await environment.master()
      await using leaving = await environment.worker(runtime, 'leaving', { tasks: [gated.name] })
      await using gate = await makeGate()
      const running = master.dispatch(gated, { gate: gate.path })
      await untilAccepted(running)
      const waiting = master.dispatch(gated, { gate: gate.path })
      await within('the broker has the other', waiting.sent)
      leaving.signal('SIGTERM')
      await using staying = await environment.worker('node', 'staying', { tasks: [gated.name] })
      await untilRuns(waiting, 1, staying)
      await gate.open()
      expect(await within('it ends', running.outcome)).toMatchObject({ type: 'result', output: { by: 'leaving' } })
      expect(await within('it ends', waiting.outcome)).toMatchObject({ type: 'result', output: { by: 'staying' } })
      await within('the worker ends', leaving.ended, { evidence: leaving.log })
      expect(leaving.log()).toMatch(/closed\n.*exited with 0/s)
      await untilRuns(waiting, 0, leaving)
      expect([running.snapshot.losses, waiting.snapshot.losses]).toEqual([0, 0])
    })
  }
}
