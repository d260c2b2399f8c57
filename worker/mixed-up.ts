/** A broker that gives the readers of a topic what was sent to the queue of the same name. */
import type { Incoming } from '../shared/stomp/mod.ts'
import type { Core } from './core.ts'

/**
 * Counts a queue's job that came by a topic as dropped, and tells of the first: run here, it would run on every worker.
 * @returns whether it is one
 */
export function isMixedUp(core: Core, mode: 'queue' | 'topic', { destination }: Incoming): boolean {
  if (mode !== 'topic' || !destination.startsWith('/queue/')) return false
  core.counts.dropped++
  const { mixingSetting = 'what its configuration says of their names' } = core.session().dialect
  const message = `This broker gives the readers of a topic the jobs of the queue of the same name; what comes so is not run, but counted. Take out ${mixingSetting}`
  if (!core.told.has(message)) core.tell({ type: 'problem', message })
  core.told.add(message)
  return true
}
