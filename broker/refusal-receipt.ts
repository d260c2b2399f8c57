/**
 * A refusal that ends no session. A SEND with `on-full:receipt` that does not fit is answered by a RECEIPT that says so, and has
 * done nothing. A worker stays connected for the others when one master's replies pile up.
 */
import type { DroverError } from '../shared/contract/errors.ts'
import { encodeFrame, type ScannedFrame, type StompVersion } from '../shared/frames/mod.ts'
import type { Piece } from './write-buffer.ts'

/** The header by which a SEND says how it is refused when it does not fit. */
export const onFullHeader = 'on-full'

/** Whether the sender of a frame asks for such a RECEIPT. */
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
  // As it came, since the peer can read its own writing
  const head = `RECEIPT\nreceipt-id:${frame.header('receipt')}\n`
  return [new TextEncoder().encode(head), encodeFrame('RECEIPT', headers, '', version).subarray('RECEIPT\n'.length)]
}
