/**
 * The frames that wait for a RECEIPT on one connection.
 *
 * An ERROR names the frame by `receipt-id` where the other side is careful; one broker never does. Then it is about the
 * only frame that can be meant, or about the frames for the destination that its text names.
 */
import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import { lateTimer } from '../session/late-timer.ts'

export interface Receipts {
  /**
   * A frame that asks for a RECEIPT is about to leave.
   * @param destination of the frame, for errors
   * @returns its `receipt` header in `id`; `received` rejects with a DroverError on ERROR, time-out or loss
   */
  expect(destination: string): { readonly id: string; readonly received: Promise<void> }
  /** A frame that asks for none has left: an ERROR without `receipt-id` may be about that one. */
  unconfirmed(): void
  /** RECEIPT has come; an unknown id is ignored. */
  received(id: string): void
  /** ERROR has come. Rejects the frames that it is about, and none when these cannot be told. */
  refused(error: DroverError, id: string | undefined): void
  /** The connection is gone: rejects all that waits. */
  lost(reason: Error): void
}

interface Pending {
  readonly destination: string
  readonly order: number
  /** Ends the wait for it. */
  readonly stop: () => void
  resolve(): void
  reject(error: Error): void
}

/** @param timeoutMs how long a RECEIPT may take */
export function createReceipts(timeoutMs: number, clock: Pick<Clock, 'steady' | 'timer'>): Receipts {
  const pending = new Map<string, Pending>()
  let sent = 0
  let lastUnconfirmed = 0

  const take = (id: string): Pending | undefined => {
    const found = pending.get(id)
    pending.delete(id)
    found?.stop()
    return found
  }

  /** The ids that an ERROR without `receipt-id` is about. */
  const meantBy = (text: string): string[] => {
    const all = [...pending]
    if (all.length === 1 && lastUnconfirmed === 0) return all.map(([id]) => id)
    const words = new Set(text.split(/[^\w.*>#-]+/).map(word => word.replace(/\.+$/, '')))
    return all.filter(([, { destination }]) => words.has(bareName(destination))).map(([id]) => id)
  }

  return {
    expect(destination) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      promise.catch(() => {}) // those that await it hear of it; for a frame that was never sent nobody does
      const id = `r-${++sent}`
      const stop = lateTimer(timeoutMs, clock, () => {
        pending.delete(id)
        const message = `No RECEIPT for ${destination} within ${timeoutMs} ms; whether it took place is unknown`
        reject(new DroverError('timed_out', message))
      })
      pending.set(id, { destination, order: sent, stop, resolve, reject })
      return { id, received: promise }
    },
    unconfirmed() {
      lastUnconfirmed = ++sent
    },
    received(id) {
      const found = take(id)
      // Frames are handled in order: those before this one have gone well.
      if (found && found.order > lastUnconfirmed) lastUnconfirmed = 0
      found?.resolve()
    },
    refused(error, id) {
      for (const meant of id === undefined ? meantBy(error.message) : [id]) take(meant)?.reject(error)
    },
    lost(reason) {
      for (const [id, { destination }] of [...pending]) {
        const message = `The connection went before the RECEIPT for ${destination}: ${reason.message}`
        take(id)?.reject(new DroverError('connection_lost', message, { cause: reason }))
      }
    },
  }
}

/** `myapp.reply` of `/queue/myapp.reply`: how errors name a destination. */
function bareName(destination: string): string {
  return destination.slice(destination.lastIndexOf('/') + 1)
}
