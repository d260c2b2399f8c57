/**
 * Marks: with one, a broker takes the messages that settle a delivery only once, where ACKs take no part in
 * transactions. A mark names the delivery, and goes where its job is answered: an outcome is its own mark, anything else that
 * settles a job brings one, a fence of nobody's. The broker drops a second one, with all of its transaction: so a job whose ACK
 * was lost with its connection is settled once, by the first worker that settles it, in any way.
 */
import { fenceBody } from '../../shared/contract/mod.ts'
import { type BrokerSession, destinationsOf, type Outgoing } from '../../shared/stomp/mod.ts'
import { type Delivery, deliveryId } from '../delivery.ts'
import { replyDestination } from '../job-copy.ts'
import { replyHeaders } from './replies.ts'

/** The marks of deliveries. */
export function marksOf(session: BrokerSession, deliveries: readonly Delivery[]): Outgoing[] {
  return deliveries.flatMap(one => {
    const once = deliveryId(session, one)
    return once === undefined ? [] : [markOf(session, one, once)]
  })
}

function markOf(session: BrokerSession, { incoming: { headers } }: Delivery, once: string): Outgoing {
  const { dialect, namespace } = session
  const to = destinationsOf(namespace)
  // A job that can be answered nowhere is settled by its dead letter alone.
  const destination = replyDestination(namespace, to, dialect, headers['reply-to']) ?? to.dead
  const origin = { requestId: '', headers, replyTo: destination, deadlineAt: 0 }
  return { destination, headers: replyHeaders(origin, session, false, 0), body: fenceBody('mark'), once }
}

/** @returns the marks that are needed beside these messages */
export function marksBeside(messages: readonly Outgoing[], marks: readonly Outgoing[]): Outgoing[] {
  return marks.filter(mark => !messages.some(one => one.once === mark.once && one.destination === mark.destination))
}
