import { expect, test } from 'vitest'
import { flaky } from '../../support/system/tasks.ts'
import { collect, within } from '../../support/until.ts'
import { ofType, untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Runs that fail. */
export function retries(testBed: CurrentTestBed): void {
  test('retries: a run that fails is tried again, and each attempt is counted and told', async () => {
    const { master, node, deno } = testBed()
    const job = master.dispatch(flaky, { failures: 2 })
    const seen = await within('it ends', collect(job.replies()))
    expect(ofType(seen, 'accepted').map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(ofType(seen, 'retrying')).toMatchObject([
      { attempt: 1, error: { message: 'attempt 1 fails' } },
      { attempt: 2, error: { message: 'attempt 2 fails' } },
    ])
    expect(await job.outcome).toMatchObject({ type: 'result', output: { attempt: 3 } })
    await untilRuns(job, 3, node, deno)
  })

  test('retries: when the attempts are used up, the last error is the outcome and the job is in dead', async () => {
    const { master, environment } = testBed()
    await using operator = await environment.operator()
    const dead = Promise.withResolvers<string>()
    const job = master.dispatch(flaky, { failures: 9 })
    const subscription = operator.subscribe({ destination: `/queue/${environment.namespace}.dead` }, message => {
      if (message.body.includes(job.request_id)) dead.resolve(message.body)
      message.ack()
    })
    await within('dead may be read', subscription.ready)
    expect(await within('it ends', job.outcome)).toMatchObject({ type: 'error', error: { message: 'attempt 3 fails' } })
    expect(JSON.parse(await within('dead has it', dead.promise))).toMatchObject({
      request_id: job.request_id,
      task: flaky.name,
      input: { failures: 9 },
      attempt: 3,
      error: { message: 'attempt 3 fails' },
    })
  })
}
