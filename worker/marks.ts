/**
 * Marks: what is sent beside that which settles a delivery, where ACKs take no part in transactions. A mark names the
 * delivery, and the broker refuses a second one with all of its transaction: so a job whose ACK was lost with its connection
 * is settled once, whoever is handed it next. The broker remembers the ids of marks; nobody reads them.
 */
import { destinationsOf, type Outgoing, type Session } from '../shared/stomp/mod.ts'
import type { Handed } from './handed.ts'

/**
 * The marks of deliveries; none where none are needed, nor behind a bridge, which lets nobody send one: it could name what
 * others hold.
 */
export function marksOf({ bridged, dialect, namespace }: Session, handed: readonly Handed[]): Outgoing[] {
  const { once } = dialect
  if (once === undefined || bridged) return []
  const destination = destinationsOf(namespace).settled
  return handed.flatMap(({ incoming }) => {
    const id = once.delivery.exec(incoming.headers['message-id'] ?? '')?.[1]
    return id === undefined ? [] : [{ destination, headers: { persistent: 'false' }, body: '', once: id }]
  })
}
