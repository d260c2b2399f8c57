/** Dates and times between JSON, where they are UTC, and native inputs, where they are the person's own. */

const dateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/i

export const isDateTime = (text: string): boolean => dateTime.test(text) && !Number.isNaN(Date.parse(text))

/** @returns as `<input type="datetime-local">` shows it; `undefined` for times that it cannot show, such as finer than seconds */
export function toLocal(text: string): string | undefined {
  if (!isDateTime(text)) return undefined
  const at = new Date(text)
  if (at.getMilliseconds() !== 0 || at.getFullYear() < 1000) return undefined
  const two = (n: number): string => String(n).padStart(2, '0')
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`
}

/** @returns in UTC, such as `2027-03-31T09:30:00Z` */
export function fromLocal(local: string): string {
  const at = new Date(local)
  return Number.isNaN(at.getTime()) ? local : at.toISOString().replace('.000Z', 'Z')
}

/** JSON Schema's `time` has a zone; an input has none. @returns `undefined` for a time of another zone */
export const toLocalTime = (text: string): string | undefined => /^(\d\d:\d\d(?::\d\d)?)Z?$/i.exec(text)?.[1]

export const fromLocalTime = (local: string): string => `${local.length === 5 ? `${local}:00` : local}Z`
