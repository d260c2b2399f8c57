/** Reports that nobody asks for: that a job still runs here, and that the worker itself stood still. */
import type { Outgoing, Stomp } from '../../shared/stomp/mod.ts'
import { type HeldJob, hasBegun } from '../held-job.ts'

/** Says once more that a job runs here, and how far it is. */
export function reportAgain({ replies, job, lastProgress }: Pick<HeldJob, 'replies' | 'job' | 'lastProgress'>): void {
  replies.accepted(job.losses)
  if (lastProgress !== undefined) replies.send(lastProgress)
}

/** Says once more which jobs run here, once there is a connection again: a cancel meanwhile was not heard. */
export function reportAllAgain(heldJobs: Iterable<HeldJob>): void {
  for (const held of heldJobs) if (hasBegun(held)) reportAgain(held)
}

/** Tells the masters that wait for jobs that run here that this worker stood still. */
export function warnAll(
  heldJobs: Iterable<HeldJob>,
  stomp: Pick<Stomp, 'opened' | 'transaction'>,
  message: string,
): void {
  for (const { phase, replies } of heldJobs) {
    if (phase === 'running') void warn(stomp, replies, message)
  }
}

async function warn(stomp: Pick<Stomp, 'opened' | 'transaction'>, replies: HeldJob['replies'], message: string) {
  try {
    const messages = replies.notice({ type: 'log', level: 'warn', message })
    await sendTwice(stomp, messages instanceof Promise ? await messages : messages)
  } catch {
    // a job that does not open is answered so
  }
}

/** Sends messages that the connection at hand may no longer carry, by the next one if it has to. */
async function sendTwice(stomp: Pick<Stomp, 'opened' | 'transaction'>, messages: readonly Outgoing[]): Promise<void> {
  for (let tries = 0; tries < 2; tries++) {
    try {
      await stomp.opened()
      await stomp.transaction(transaction => {
        for (const message of messages) transaction.publish(message)
      })
      return
    } catch {
      // lost: the warning is about that
    }
  }
}
