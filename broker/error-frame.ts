/** The ERROR by which a connection ends. STOMP 1.2, 'ERROR'. */
import type { DroverError } from '../shared/contract/errors.ts'
import { encodeFrame, type ScannedFrame, type StompVersion } from '../shared/frames/mod.ts'
import { stompVersions } from '../shared/stomp-versions.ts'
import type { Piece } from './write-buffer.ts'

/** @param frame the one that was refused, where it was one */
export function errorFrame(error: DroverError, frame: ScannedFrame | undefined, version: StompVersion): Piece[] {
  const message = error.message.replaceAll(/[\0\r\n]+/g, ' ')
  const headers: [string, string][] = [
    ['message', message],
    ['drover-code', error.code],
    ['content-type', 'text/plain'],
  ]
  if (error.code === 'unsupported_version') headers.push(['version', stompVersions.toReversed().join(',')])
  const receipt = frame?.header('receipt')
  // As it came, since the peer can read its own writing
  const receiptLine = receipt === undefined ? '' : `receipt-id:${receipt}\n`
  const transaction = frame?.header('transaction')
  const transactionLine = transaction === undefined ? '' : `transaction:${transaction}\n`
  const about = frame ? `The ${frame.command} frame was refused and the connection ends.` : 'The connection ends.'
  const bytes = encodeFrame('ERROR', headers, `${message}\n${about}\n`, version)
  return ['ERROR\n', new TextEncoder().encode(receiptLine + transactionLine), bytes.subarray('ERROR\n'.length)]
}
