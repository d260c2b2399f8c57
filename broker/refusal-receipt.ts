/**
 * A refusal that ends no session. A SEND with `on-full:receipt` that does not fit is answered by a RECEIPT that says so, and has
 * done nothing: whoever answers jobs is to stay there for others when one master's replies pile up.
 */
import type { DroverError } from '../shared/contract/errors.ts'
import { encodeFrame, type ScannedFrame, type StompVersion } from '../shared/frames/mod.ts'
import type { Piece } from './write-buffer.ts'

/** Of a SEND: what becomes of it when it does not fit. */
export const onFullHeader = 'on-full'

/** Whether whoever sends a frame wants to be told so that it does not fit. */
export function wantsRefusalReceipt(frame: ScannedFrame): boolean {
  return (
    frame.command === 'SEND' &&
    frame.header(onFullHeader)?.trim() === 'receipt' &&
    frame.header('receipt') !== undefined
  )
}

/**
 * @param frame with a `receipt`
 * @param error why it does not fit
 */
export function refusalReceipt(frame: ScannedFrame, { code, message }: DroverError, version: StompVersion): Piece[] {
  const headers = [
    ['drover-code', code],
    ['message', message.replaceAll(/[\0\r\n]+/g, ' ')],
  ] as const
  // As it came: what the peer wrote, the peer can read
  const head = `RECEIPT\nreceipt-id:${frame.header('receipt')}\n`
  return [new TextEncoder().encode(head), encodeFrame('RECEIPT', headers, '', version).subarray('RECEIPT\n'.length)]
}
