/** Puts the messages that an earlier process kept where they were. Expired ones are dropped; limits are not asked. */
import type { Clock } from '../../shared/clock.ts'
import { durableRoute } from '../durable-route.ts'
import type { Queue } from '../queue.ts'
import type { Routes } from '../routes.ts'
import type { Journal } from './journal.ts'
import { KeptMessages } from './kept-messages.ts'
import type { Disk } from './port.ts'

export function restore(disk: Disk, journal: Journal, routes: Routes, clock: Clock): void {
  const messages = new KeptMessages()
  const { rows, durables } = disk.load()
  const durableQueues = new Map<string, Queue>()
  for (const durable of durables) {
    const destination = messages.destination(durable.destination)
    durableQueues.set(durableRoute(durable.name), routes.durables.restore(durable, destination))
  }
  const now = clock.now()
  const restored = new Set<Queue>()
  for (const kept of rows) {
    journal.startAfter(kept.row)
    const { row, place, dueAt, expiresAt = Number.POSITIVE_INFINITY, priority, bytes, sequence } = kept
    if (expiresAt <= now) journal.remove({ row, bytes })
    else if (dueAt !== undefined) routes.delay(messages.message(kept, place, Math.max(1, dueAt - now)), row)
    else {
      const queue = durableQueues.get(place) ?? routes.queues.restored(place, messages.shared(kept.owner))
      const payer = messages.shared(kept.payer)
      const isRedelivered = kept.isHandedOut
      const message = undefined
      const rest = { refusedBy: undefined, row, changes: 0 }
      queue.restore({ message, priority, expiresAt, bytes, payer, sequence, isRedelivered, ...rest })
      restored.add(queue)
    }
  }
  for (const queue of restored) queue.sort()
  routes.startSweep()
}
