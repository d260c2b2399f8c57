/** Does something to each message that waits in a queue, piece by piece, so that others have their turn and the disk keeps up. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import type { Entry } from '../entry.ts'
import type { Message } from '../message.ts'
import type { Queue } from '../queue.ts'
import type { Routes } from '../routes.ts'

/** How far it came. Where the broker has a store, the disk has it. */
export interface Operated {
  /** Messages that were taken out, or moved. */
  readonly messages: number
  /** Messages that the queue has now, those in hand included. */
  readonly left: number
  /** Why it ended before the bound; absent where it did not. */
  readonly stoppedBecause?: string
}

/** The change to each message. One for which it throws stays where it was, and ends all of it. */
export interface Act {
  waiting(entry: Entry): void
  /** @param dueAt by the steady clock */
  delayed(message: Message, row: number, dueAt: number): void
}

/** Messages between two looks at other work. */
const atOnce = 500

/**
 * Acts on those that are there now. Later ones, and those that come back from a reader, are left.
 * @param limit messages at most
 * @throws {DroverError} `store_failed` when the disk does not have it
 */
export async function actOnEach(
  queue: Queue,
  limit: number,
  act: Act,
  { routes, clock }: { readonly routes: Routes; readonly clock: Clock },
): Promise<Operated> {
  const { journal, queues, delays } = routes
  const { route, nextSequence } = queue
  let ofDelayed = Math.min(queue.delayed, limit)
  let messages = 0
  const actOnWaiting = (end: number): void => {
    while (messages < end) {
      const entry = queue.entries.shiftBefore(nextSequence)
      if (entry === undefined) return
      try {
        act.waiting(entry)
      } catch (error) {
        queue.requeue([entry], false)
        throw error
      }
      messages++
    }
  }
  const actOnDelayed = (end: number): void => {
    const out = delays.takeOut(one => one === route, Math.min(end - messages, ofDelayed))
    if (out.length === 0) ofDelayed = 0
    for (const [at, one] of out.entries()) {
      try {
        // Noted, since it may be loaded and has to stay: its bytes are counted
        one.message ??= journal?.delayed(one.row)
        if (one.message === undefined) throw unreadable
        act.delayed(one.message, one.row, one.dueAt)
      } catch (error) {
        for (const rest of out.slice(at)) delays.add(rest, rest.dueAt - clock.steady())
        throw error
      }
      messages++
      ofDelayed--
    }
  }
  let stoppedBecause: string | undefined
  try {
    // One that was emptied and made again has other messages
    while (queues.find(route) === queue) {
      const end = Math.min(limit, messages + atOnce)
      actOnWaiting(end)
      if (messages < end && ofDelayed > 0) actOnDelayed(end)
      if (messages < end || messages === limit) break
      await (journal?.flush() ?? othersTurn(clock))
    }
  } catch (error) {
    if (!(error instanceof DroverError)) throw error
    stoppedBecause = error.message
  }
  await journal?.flush().catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    const words = `${messages} messages were taken out of ${route}, which the disk does not have yet`
    throw new DroverError('store_failed', `${words}: ${why}`, { cause: error })
  })
  const left = queues.find(route)?.messages ?? 0
  return { messages, left, ...(stoppedBecause === undefined ? {} : { stoppedBecause }) }
}

export const unreadable: DroverError = new DroverError(
  'store_failed',
  'The store cannot read the next message now; try again later',
)

const othersTurn = (clock: Clock): Promise<void> => new Promise(resolve => void clock.timer(0, resolve))
