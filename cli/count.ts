/** Counts that are options of a command. */
import { InvalidArgumentError } from 'commander'

/** @throws {InvalidArgumentError} for anything but a whole number from 1 to 1 000 */
export function asCount(text: string): number {
  const count = Number(text)
  if (/^\d+$/.test(text) && count >= 1 && count <= 1000) return count
  throw new InvalidArgumentError('expected a whole number from 1 to 1000')
}
