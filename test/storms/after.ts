/**
 * The state that must hold once a storm is over: everybody works again, and no queue holds anything but dead letters.
 * Promise 6.
 */
import type { Master } from 'drover/master'
import type { Gate } from '../support/gate.ts'
import type { Environment } from '../support/system/environment.ts'
import { gated } from '../support/system/tasks.ts'
import { until } from '../support/until.ts'

/** Waits until as many jobs run at once as there are slots, then lets them end. */
export async function untilAllSlotsWork(master: Master, slots: number, gate: Gate): Promise<void> {
  const jobs = Array.from({ length: slots }, () => master.dispatch(gated, { gate: gate.path }))
  await until(`${slots} jobs run at once`, () => jobs.every(job => job.snapshot.phase.at === 'running'), {
    timeoutMs: 40_000,
    evidence: () => JSON.stringify(jobs.map(({ snapshot: { phase, workers } }) => ({ at: phase.at, workers }))),
  })
  await gate.open()
  await Promise.all(jobs.map(job => job.outcome))
}

/** The messages in the queues of a namespace, by queue. Takes it out. */
export async function emptyQueues(
  environment: Environment,
  queues: readonly string[],
): Promise<Record<string, string[]>> {
  await using operator = await environment.operator()
  const held: Record<string, string[]> = {}
  for (const queue of queues) {
    const found: string[] = []
    const subscription = operator.subscribe({ destination: `/queue/${environment.namespace}.${queue}` }, message => {
      if (message.body !== fence) found.push(message.body)
      else passed.resolve()
      message.ack()
    })
    const passed = Promise.withResolvers<void>()
    const fence = `fence ${queue}`
    await subscription.ready
    await operator.publish({ destination: `/queue/${environment.namespace}.${queue}`, body: fence })
    await passed.promise
    held[queue] = found
  }
  return held
}
