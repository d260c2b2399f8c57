/** How a job leaves this worker whose master does not read. Promises 1 and 8. */
import type { WireError } from '../../shared/contract/mod.ts'
import type { Outgoing, Stomp } from '../../shared/stomp/mod.ts'
import type { Handed } from '../consume/handed.ts'
import type { Commits, Settled } from './commits.ts'
import { jobsOf } from './full-replies.ts'
import { isFull, replyQueueFull } from './too-large.ts'

/** What found no room. */
export interface Unread {
  readonly messages: readonly Outgoing[]
  /** Says what was full. */
  readonly refused: WireError
  readonly handed: readonly Handed[]
  /** Makes what is sent in their place, where they have a payload. */
  readonly smaller: ((error: WireError) => readonly Outgoing[]) | undefined
  readonly marks: readonly Outgoing[] | undefined
}

/**
 * Sends why the outcome did not come, and ACKs its job; where not even that finds room, it sends nothing to whoever does not
 * read, counts that, and the master ends its job by its time.
 * @returns how that went; `refused` for a job that is sent on, which has to wait for room
 */
export async function intoFull(
  ports: { readonly stomp: Stomp; onDropped(): void; problem(message: string, error?: unknown): void },
  commits: Commits,
  { messages, refused, handed, smaller, marks }: Unread,
): Promise<Settled> {
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
