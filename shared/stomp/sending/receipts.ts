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
   * @param transaction that it ends
   * @returns its `receipt` header in `id`; `received` rejects with a DroverError on ERROR, time-out or loss
   */
  expect(destination: string, transaction?: string): { readonly id: string; readonly received: Promise<void> }
  /**
   * A frame is about to leave whose RECEIPT may be that of a later one, once `cover` was called.
   * @returns as `expect`; without an `id` it is to ask for none, since an earlier RECEIPT is under way
   */
  expectCovered(destination: string): { readonly id: string | undefined; readonly received: Promise<void> }
  /**
   * From now on a RECEIPT covers the frames before its own, and an ERROR without `receipt-id` is about none that asked for one.
   * @param ask sends a frame that asks for a RECEIPT: called where nothing else did so soon after the one that was under way
   */
  cover(ask: () => void): void
  /** A frame that asks for none has left: an ERROR without `receipt-id` may be about that one. */
  unconfirmed(): void
  /** RECEIPT has come; an unknown id is ignored. */
  received(id: string): void
  /**
   * ERROR has come. Rejects the frames that it is about, and none when these cannot be told.
   * @param transaction that the refused frame is in, where the ERROR says so: its COMMIT is refused with it
   */
  refused(error: DroverError, id: string | undefined, transaction?: string): void
  /** All frames that left have gone well. */
  allReceived(): void
  /** The connection is gone: rejects all that waits. */
  lost(reason: Error): void
}

interface Pending {
  readonly destination: string
  readonly order: number
  resolve(): void
  reject(error: Error): void
}

interface Asked extends Pending {
  /** Ends the wait for it. */
  readonly stop: () => void
  readonly transaction: string | undefined
}

/** @param timeoutMs how long a RECEIPT may take */
export function createReceipts(timeoutMs: number, clock: Pick<Clock, 'steady' | 'timer'>): Receipts {
  const pending = new Map<string, Asked>()
  /** Frames that asked for none, in order; a later RECEIPT tells of them. */
  const covered: Pending[] = []
  let ask: (() => void) | undefined
  let sent = 0
  let lastAsked = 0
  let lastUnconfirmed = 0

  const take = (id: string): Asked | undefined => {
    const found = pending.get(id)
    pending.delete(id)
    found?.stop()
    return found
  }

  /** @returns those that left before a frame, which are taken away */
  const takeCovered = (order: number): readonly Pending[] => {
    const end = covered.findIndex(one => one.order > order)
    return covered.splice(0, end < 0 ? covered.length : end)
  }

  /** Has the frames that no RECEIPT under way covers be told of, unless another frame asks for one first. */
  const askSoon = (): void => {
    if (pending.size > 0 || covered.length === 0) return
    clock.timer(0, () => {
      if (pending.size === 0 && covered.length > 0) ask?.()
    })
  }

  /** The ids that an ERROR without `receipt-id` is about. */
  const meantBy = (text: string, transaction: string | undefined): string[] => {
    const all = [...pending]
    if (transaction !== undefined) return all.flatMap(([id, one]) => (one.transaction === transaction ? [id] : []))
    if (ask !== undefined) return []
    if (all.length === 1 && lastUnconfirmed === 0) return all.map(([id]) => id)
    const words = new Set(text.split(/[^\w.*>#-]+/).map(word => word.replace(/\.+$/, '')))
    return all.filter(([, { destination }]) => words.has(bareName(destination))).map(([id]) => id)
  }

  const timedOut = ({ destination }: Pending): DroverError =>
    new DroverError(
      'timed_out',
      `No RECEIPT for ${destination} within ${timeoutMs} ms; whether it took place is unknown`,
    )

  const wait = (destination: string): { readonly one: Pending; readonly received: Promise<void> } => {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    promise.catch(() => {}) // those that await it hear of it; for a frame that was never sent nobody does
    return { one: { destination, order: ++sent, resolve, reject }, received: promise }
  }

  const receipts: Receipts = {
    expect(destination, transaction) {
      const { one, received } = wait(destination)
      const id = `r-${one.order}`
      const stop = lateTimer(timeoutMs, clock, () => {
        pending.delete(id)
        one.reject(timedOut(one))
        // No later frame asked, so that nothing else tells of those behind it
        for (const other of takeCovered(lastAsked === one.order ? sent : one.order)) other.reject(timedOut(other))
      })
      pending.set(id, { ...one, stop, transaction })
      lastAsked = one.order
      return { id, received }
    },
    expectCovered(destination) {
      if (ask === undefined || pending.size === 0) return receipts.expect(destination)
      const { one, received } = wait(destination)
      covered.push(one)
      return { id: undefined, received }
    },
    cover(toAsk) {
      ask = toAsk
    },
    unconfirmed() {
      lastUnconfirmed = ++sent
    },
    received(id) {
      const found = take(id)
      if (found === undefined) return
      // Frames are handled in order: those before this one have gone well.
      if (found.order > lastUnconfirmed) lastUnconfirmed = 0
      for (const { resolve } of takeCovered(found.order)) resolve()
      found.resolve()
      askSoon()
    },
    refused(error, id, transaction) {
      for (const meant of id === undefined ? meantBy(error.message, transaction) : [id]) {
        const found = take(meant)
        // The batch that could not be kept may be of an earlier frame
        const others = found !== undefined && error.code === 'store_failed' ? takeCovered(found.order) : []
        for (const { reject } of others) reject(error)
        found?.reject(error)
      }
      askSoon()
    },
    allReceived() {
      for (const { resolve } of takeCovered(sent)) resolve()
    },
    lost(reason) {
      const lost = ({ destination }: Pending): DroverError => {
        const message = `The connection went before the RECEIPT for ${destination}: ${reason.message}`
        return new DroverError('connection_lost', message, { cause: reason })
      }
      for (const [id, one] of [...pending]) take(id)?.reject(lost(one))
      for (const one of covered.splice(0)) one.reject(lost(one))
    },
  }
  return receipts
}

/** `myapp.reply` of `/queue/myapp.reply`: how errors name a destination. */
function bareName(destination: string): string {
  return destination.slice(destination.lastIndexOf('/') + 1)
}
