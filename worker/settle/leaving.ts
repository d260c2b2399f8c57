import type { WireError } from '../../shared/contract/mod.ts'
import type { Outgoing } from '../../shared/stomp/mod.ts'
import type { Handed } from '../consume/handed.ts'

/** A job on its way off this worker's hands. */
export interface Leaving {
  readonly requestId: string
  readonly messages: readonly Outgoing[]
  /** What settles it, of each copy; none for a broadcast, and where its connection is gone. */
  readonly handed: readonly Handed[]
  /** Makes what is sent in the place of messages with a payload that is too large, or finds no room. */
  readonly smaller?: ((refused: WireError) => readonly Outgoing[]) | undefined
  /** Of what was handed by a connection that is gone. */
  readonly marks?: readonly Outgoing[] | undefined
}
