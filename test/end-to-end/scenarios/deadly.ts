import { expect, test } from 'vitest'
import { deadly } from '../../support/system/tasks.ts'
import { collect, until, within } from '../../support/until.ts'
import { ofType, untilRuns } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** A task that no worker survives. */
export function deadlyTask(testBed: CurrentTestBed): void {
  test('a task that kills every worker ends in dead after as many losses as it may have', async () => {
    const environment = testBed().deployment.environment()
    await using master = await environment.master()
    await using operator = await environment.operator()
    await using workers = new AsyncDisposableStack()
    const names = ['first', 'second', 'third', 'fourth']
    const broadcast = await Promise.all(names.map(name => environment.worker('node', name, { tasks: [deadly.name] })))
    for (const worker of broadcast) workers.use(worker)
    const job = master.dispatch(deadly, {})
    const news = collect(job.replies())
    const message = expect.stringMatching(/ 3 times/)
    expect(await within('it ends', job.outcome)).toMatchObject({ type: 'error', error: { code: 'job_dead', message } })
    expect(job.snapshot.losses, 'the number that the error says').toBe(3)
    const said = await within('the replies end', news)
    expect(ofType(said, 'accepted'), 'each run is heard, though it ends at once').toHaveLength(3)
    const dead = Promise.withResolvers<string>()
    operator.subscribe({ destination: `/queue/${environment.namespace}.dead` }, message => {
      message.ack()
      dead.resolve(message.body)
    })
    expect(JSON.parse(await within('dead has it', dead.promise))).toMatchObject({
      request_id: job.request_id,
      task: deadly.name,
      losses: 3,
      alone: 1,
      error: { code: 'job_dead' },
    })
    await until('three are dead', () => broadcast.filter(worker => worker.isRunning).length === 1)
    await untilRuns(job, 3, ...broadcast)
  })
}
