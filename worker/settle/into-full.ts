/** How a job leaves this worker whose master does not read. Promises 1 and 8. */
import type { WireError } from '../../shared/contract/mod.ts'
import type { Stomp } from '../../shared/stomp/mod.ts'
import type { Commits, Settled } from './commits.ts'
import { jobsOf } from './full-replies.ts'
import type { Leaving } from './leaving.ts'
import { isFull, replyQueueFull } from './too-large.ts'

/**
 * Sends why the outcome did not come, and ACKs its job; where not even that finds room, it sends nothing to whoever does not
 * read, counts that, and the master ends its job by its time.
 * @param leaving found no room
 * @param refused says what was full
 * @returns how that went; `refused` for a job that is sent on, which has to wait for room
 */
export async function intoFull(
  ports: { readonly stomp: Stomp; onDropped(): void; problem(message: string, error?: unknown): void },
  commits: Commits,
  leaving: Leaving,
  refused: WireError,
): Promise<Settled> {
  const { messages, handed, smaller, marks } = leaving
  const told = smaller?.(replyQueueFull(refused)) ?? messages
  const settled: Settled = smaller ? await commits.commit(told, handed, marks) : { is: 'refused', error: refused }
  const { state } = ports.stomp
  if (settled.is !== 'refused' || !isFull(settled.error) || state.at !== 'open') return settled
  const rest = jobsOf(told, state.session)
  if (rest.length === told.length) return settled
  const alone = await commits.commit(rest, handed, marks)
  if (alone.is !== 'done') return alone
  for (let dropped = told.length - rest.length; dropped > 0; dropped--) ports.onDropped()
  ports.problem(`What ends a job is dropped, since nobody makes room for it: ${refused.message}`, refused)
  return alone
}
