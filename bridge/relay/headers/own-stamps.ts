/** The stamps of a session's own SENDs, made once. */
import type { StompVersion } from '../../../shared/frames/mod.ts'
import { sendKind } from '../../../shared/stomp/dialects/mod.ts'
import type { Policy } from '../../grants/policy.ts'
import { createStamp, type Stamp } from './write-send.ts'

/** By where it goes; `operator`: to control topics. */
export type OwnStamps = Readonly<Record<'queue' | 'topic' | 'operator', Stamp>>

export function ownStamps({ owner, dialect }: Policy, version: StompVersion): OwnStamps {
  const to = (destination: string, ...more: [name: string, value: string][]): Stamp =>
    createStamp([['drover-sender', owner], ...Object.entries(sendKind(dialect, destination)), ...more], version)
  return { queue: to('/queue/'), topic: to('/topic/'), operator: to('/topic/', ['drover-operator', 'true']) }
}
