/** Headers that are kept while something is open: as long as a whole head, 25,000 of them would be over 1 GiB. */
import { DroverError } from '../contract/errors.ts'
import type { ScannedFrame } from './frame.ts'
import { textAt } from './text.ts'

/** The longest id, name of a transaction, receipt and the like, in bytes as they came. */
export const maxIdBytes = 1_000

const ids: ReadonlySet<string> = new Set([
  'client-id',
  'correlation-id',
  'destination',
  'id',
  'receipt',
  'reply-to',
  'transaction',
])

/**
 * Checks the length of the names in a frame: of ids, transactions, receipts.
 * @throws {DroverError} `frame_invalid`
 */
export function checkIds({ command, bytes, marks }: ScannedFrame): void {
  for (let mark = 0; mark < marks.length; mark += 3) {
    const colon = marks[mark + 1]!
    const length = marks[mark + 2]! - colon - 1
    if (length <= maxIdBytes) continue
    const name = textAt(bytes, marks[mark]!, colon)
    // An ACK names the broker's own id, or the text of no message at all
    if (!ids.has(name) || (name === 'id' && (command === 'ACK' || command === 'NACK'))) continue
    const found = `A ${command} has the header ${name} with ${length} bytes`
    throw new DroverError('frame_invalid', `${found}; use at most ${maxIdBytes}`)
  }
}
