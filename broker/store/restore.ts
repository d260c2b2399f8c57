/** Puts the messages that an earlier process kept where they were. Expired ones are dropped; limits are not asked. */
import type { Clock } from '../../shared/clock.ts'
import { type Destination, parseDestination } from '../destination.ts'
import { durableRoute } from '../durables.ts'
import { isSmallEnd } from '../ends.ts'
import type { Entry } from '../entries.ts'
import type { Message } from '../message.ts'
import type { Queue } from '../queue.ts'
import type { Routes } from '../routes.ts'
import type { Journal } from './journal.ts'
import type { Disk } from './port.ts'

export function restore(disk: Disk, journal: Journal, routes: Routes, clock: Clock): void {
  const texts = new Map<string, string>()
  const destinations = new Map<string, Destination>()
  // One text in memory for all messages that name it
  const shared = (text: string): string => {
    const known = texts.get(text)
    if (known === undefined) texts.set(text, text)
    return known ?? text
  }
  const destinationOf = (text: string): Destination => {
    const known = destinations.get(text)
    if (known) return known
    const destination = parseDestination(text)
    destinations.set(shared(text), destination)
    return destination
  }
  const { rows, durables } = disk.load()
  const durableQueues = new Map<string, Queue>()
  for (const durable of durables) {
    durableQueues.set(durableRoute(durable.name), routes.durables.restore(durable, destinationOf(durable.destination)))
  }
  const now = clock.now()
  const waiting = new Map<Queue, Entry[]>()
  for (const kept of rows) {
    journal.startAfter(kept.row)
    const { row, place, dueAt, expiresAt = Number.POSITIVE_INFINITY, id, priority, bytes } = kept
    const delayMs = dueAt === undefined ? 0 : Math.max(1, dueAt - now)
    const destination = destinationOf(kept.destination)
    const route = durableQueues.has(place) ? destination.text : destinationOf(place).text
    const message: Message = {
      id,
      destination,
      route,
      owner: shared(kept.owner),
      payer: shared(kept.payer),
      priority,
      expiresAt,
      delayMs,
      mayBeDropped: false,
      bytes,
      isSmallEnd: isSmallEnd(route, bytes),
      hasReservedRoom: false,
      content: undefined,
    }
    if (expiresAt <= now) journal.remove(row, message)
    else if (dueAt !== undefined) routes.delay(message, row)
    else {
      const queue = durableQueues.get(place) ?? routes.queues.restored(message.route, message.owner)
      const entry = { message, sequence: kept.sequence, isRedelivered: kept.isHandedOut, refusedBy: undefined, row }
      const others = waiting.get(queue)
      if (others) others.push(entry)
      else waiting.set(queue, [entry])
    }
  }
  for (const [queue, entries] of waiting) {
    entries.sort((a, b) => a.sequence - b.sequence)
    for (const entry of entries) queue.restore(entry)
  }
  routes.startSweep()
}
