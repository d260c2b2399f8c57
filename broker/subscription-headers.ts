/** What the headers of a SUBSCRIBE ask for. */
import { DroverError } from '../shared/contract/errors.ts'
import type { AckMode } from './subscription.ts'

const maxPrefetch = 1_000_000

/** @throws {DroverError} `frame_invalid` for anything that is no ack mode of STOMP */
export function readAckMode(header = 'auto'): AckMode {
  const mode = header.trim()
  if (mode === 'auto' || mode === 'client' || mode === 'client-individual') return mode
  throw new DroverError('frame_invalid', `ack is "${header}"; expected was auto, client or client-individual`)
}

/**
 * Reads `prefetch-count`: how many messages the subscription may have unacknowledged.
 * @throws {DroverError} `frame_invalid` for anything but 1 to 1,000,000
 */
export function readPrefetch(header: string | undefined, byDefault: number): number {
  if (header === undefined) return byDefault
  const count = header.trim()
  if (/^[0-9]{1,7}$/.test(count) && Number(count) >= 1 && Number(count) <= maxPrefetch) return Number(count)
  throw new DroverError('frame_invalid', `prefetch-count is "${header}"; expected was 1 to ${maxPrefetch}, in digits`)
}

/** Whether a header says `true`. */
export const isTrue = (header: string | undefined): boolean => header?.trim() === 'true'
