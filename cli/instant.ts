/** Instants as people type them. */
import { InvalidArgumentError } from 'commander'

const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)?$/

/**
 * Reads an instant that is an option of a command.
 * @param text of ISO 8601 to the minute or finer, such as `2026-12-01T08:00Z`; without a zone it is this machine's time
 * @param now ms since the epoch
 * @throws {InvalidArgumentError} for anything else, and for an instant that is past
 */
export function asInstant(text: string, now: number = Date.now()): Date {
  const at = form.test(text.trim()) ? new Date(text.trim()) : new Date(Number.NaN)
  if (Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError(
      `"${text}" is not an instant; write it as 2026-12-01T08:00Z, or without Z in local time`,
    )
  }
  if (at.getTime() < now) throw new InvalidArgumentError(`"${text}" is past; it is ${new Date(now).toISOString()} now`)
  return at
}

/** Writes an instant for people, in local time. @param at ms since the epoch */
export const formatInstant = (at: number): string =>
  // Made when it is used, since most runs of a command never do: it takes as long as loading 20 files
  new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' }).format(at)
