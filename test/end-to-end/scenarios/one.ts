import { expect, test } from 'vitest'
import { echo } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import { untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** A job for one worker. */
export function one(testBed: CurrentTestBed): void {
  test('one: exactly one worker runs a job, and its output comes back', async () => {
    const { master, node, deno } = testBed()
    const job = master.dispatch(echo, { text: 'héllo: \\n "1"' })
    await within('the broker has it', job.sent)
    const outcome = await within('it ends', job.outcome)
    expect(outcome).toMatchObject({
      type: 'result',
      output: { text: 'héllo: \\n "1"', by: expect.stringMatching(/^(node|deno)$/) },
    })
    await untilRuns(job, 1, node, deno)
  })

  test('one: fifty jobs at a time give fifty outcomes, each its own, and both workers have a part', async () => {
    const { master, node, deno } = testBed()
    const texts = Array.from({ length: 50 }, (_, index) => `text ${index}`)
    const outputs = await within('they end', Promise.all(texts.map(text => master.run(echo, { text }))))
    expect(outputs.map(({ text }) => text)).toEqual(texts)
    expect(new Set(outputs.map(({ by }) => by))).toEqual(new Set([node.name, deno.name]))
  })
}
