/** Stopping without losing anything: take no more jobs, end the runs, give the rest back, say gone. Promise 6. */
import type { Clock } from '../shared/clock.ts'
import type { Stomp, Subscription } from '../shared/stomp/mod.ts'
import type { Slots } from './consume/slots.ts'
import type { HeldJobs } from './held-job.ts'
import type { WorkerEvent } from './options.ts'
import type { Presence } from './presence/presence.ts'
import type { JobEnds } from './settle/job-ends.ts'
import type { JobMemory } from './settle/job-memory.ts'
import type { Settler } from './settle/settler.ts'

export interface DrainPorts {
  readonly stomp: Pick<Stomp, 'opened' | 'close'>
  readonly heldJobs: Pick<HeldJobs, 'empty' | typeof Symbol.iterator>
  readonly slots: Pick<Slots, 'taken' | 'drain' | 'closing'>
  readonly ends: Pick<JobEnds, 'stop'>
  readonly settler: Settler
  readonly memory: Pick<JobMemory, 'unsettled'>
  readonly presence: Pick<Presence, 'changed' | 'gone'>
  readonly clock: Pick<Clock, 'timer'>
  tell(event: WorkerEvent): void
}

/**
 * Drains a worker. Never rejects.
 * @param broadcasts its subscriptions to jobs for every worker
 * @param timeoutMs how long running jobs may take; after it they are told to stop, and the
 * broker hands the jobs of queues out again
 */
export async function drain(ports: DrainPorts, broadcasts: readonly Subscription[], timeoutMs: number): Promise<void> {
  const { stomp, heldJobs, slots, ends, settler, memory, presence, clock } = ports
  ports.tell({ type: 'draining', running: slots.taken })
  presence.changed()
  for (const subscription of broadcasts) subscription.unsubscribe().catch(() => {})
  slots.drain()
  for (const held of [...heldJobs]) if (held.phase !== 'running') ends.stop(held, { why: 'shutdown' })
  await within(clock, timeoutMs, heldJobs.empty())
  for (const held of [...heldJobs]) ends.stop(held, { why: 'shutdown' })
  await heldJobs.empty() // every stopped run is over, or given up after its grace
  await settler.idle()
  while (await slots.closing()) await settler.idle()
  await settler.hurry()
  if (memory.unsettled().length > 0) await within(clock, timeoutMs, sendRest(stomp, settler))
  settler.stop()
  await presence.gone()
  await stomp.close()
}

async function sendRest(stomp: DrainPorts['stomp'], settler: Settler): Promise<void> {
  try {
    await stomp.opened()
    await settler.resend()
  } catch {
    // closed for good: nobody is left to send to
  }
}

async function within(clock: Pick<Clock, 'timer'>, timeoutMs: number, event: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>()
  const stop = clock.timer(timeoutMs, late.resolve)
  await Promise.race([event, late.promise])
  stop()
}
