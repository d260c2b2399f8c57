/** Stopping without losing anything: take no more, end what runs, give the rest back, say gone. Promise 6. */
import type { Subscription } from '../shared/stomp/mod.ts'
import type { Core } from './core.ts'
import { stopClaim } from './run/work.ts'

/**
 * Drains a worker. Never rejects.
 * @param broadcasts its subscriptions to jobs for every worker
 * @param timeoutMs how long running jobs may take; after it they are told to stop, and the
 * broker hands what was to run once out again
 */
export async function drain(core: Core, broadcasts: readonly Subscription[], timeoutMs: number): Promise<void> {
  core.isDraining = true
  core.tell({ type: 'draining', running: core.slots.taken })
  core.presence.changed()
  for (const subscription of broadcasts) subscription.unsubscribe().catch(() => {})
  core.slots.drain()
  for (const claim of [...core.claims]) if (claim.phase !== 'running') stopClaim(core, claim, { why: 'shutdown' })
  await within(timeoutMs, core.claims.empty())
  for (const claim of [...core.claims]) stopClaim(core, claim, { why: 'shutdown' })
  await core.claims.empty() // every stopped run is over, or given up after its grace
  await core.settler.idle()
  while (await core.slots.closing()) await core.settler.idle()
  await core.settler.hurry()
  if (core.memory.unsettled().length > 0) await within(timeoutMs, sendRest(core))
  core.settler.stop()
  await core.presence.gone()
  await core.stomp.close()
}

async function sendRest(core: Core): Promise<void> {
  try {
    await core.stomp.opened()
    await core.settler.resend()
  } catch {
    // closed for good: nobody is left to send to
  }
}

async function within(timeoutMs: number, what: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, timeoutMs)
  })
  await Promise.race([what, late])
  clearTimeout(timer)
}
