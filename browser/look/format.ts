/** Times, durations and numbers for people. The widgets' words are English; numbers and dates follow the browser, ages the document's language. */

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' })
const day = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 })

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs

/**
 * @param ms 0 and below count as 0
 * @returns `840 ms`, `3.2 s`, `48 s`, `4 min 3 s`, `2 h 5 min`, `3 d 4 h`
 */
export function duration(ms: number): string {
  const positive = Math.max(0, ms)
  if (positive < 1000) return `${Math.round(positive)} ms`
  if (positive < 9_950) return `${(positive / 1000).toFixed(1)} s`
  return wholeSeconds(positive)
}

/** As `duration`, in whole seconds: for a text that counts while one looks at it. */
export function wholeSeconds(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  if (ms < hourMs) return two(Math.floor(seconds / 60), 'min', seconds % 60, 's')
  if (ms < dayMs) return two(Math.floor(seconds / 3600), 'h', Math.floor((seconds % 3600) / 60), 'min')
  return two(Math.floor(seconds / 86_400), 'd', Math.floor((seconds % 86_400) / 3600), 'h')
}

const two = (large: number, largeUnit: string, small: number, smallUnit: string): string =>
  small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`

/**
 * How long ago something was.
 * @param at ms since the epoch
 * @returns in the document's language: `now` within a second, else such as `48s ago`
 */
export function ago(at: number, now: number): string {
  const ms = Math.max(0, now - at)
  const relative = relativeIn(globalThis.document?.documentElement.lang ?? '')
  if (ms < 59_500) return relative.format(ms < 1000 ? 0 : -Math.round(ms / 1000), 'second')
  if (ms < hourMs) return relative.format(-Math.floor(Math.round(ms / 1000) / 60), 'minute')
  return ms < dayMs
    ? relative.format(-Math.floor(ms / hourMs), 'hour')
    : relative.format(-Math.floor(ms / dayMs), 'day')
}

const relatives = new Map<string, Intl.RelativeTimeFormat>()

function relativeIn(language: string): Intl.RelativeTimeFormat {
  let relative = relatives.get(language)
  if (relative === undefined) {
    relative = relativeOf(language || undefined)
    relatives.set(language, relative)
  }
  return relative
}

/** A page may say a language that is none: then the browser's. */
function relativeOf(language: string | undefined): Intl.RelativeTimeFormat {
  try {
    return new Intl.RelativeTimeFormat(language, { style: 'narrow', numeric: 'auto' })
  } catch {
    return relativeOf(undefined)
  }
}

/** The time of day, with the date where it is not today. @param at ms since the epoch */
export function timeOfDay(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? clock.format(at) : day.format(at)
}

/** Date and time in full, for `title` and `datetime` alike. */
export const dateAndTime = (at: number): string => day.format(at)

export const number = (value: number): string => whole.format(value)

/** `1 job`, `3 jobs`. */
export const count = (n: number, one: string, many = `${one}s`): string => `${number(n)} ${n === 1 ? one : many}`

/** An id as lists show it: of a UUID the first 8 characters, which tell a person's jobs apart; one that people chose in at most 20. */
export function shortId(id: string): string {
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(id)) return id.slice(0, 8)
  return id.length > 20 ? `${id.slice(0, 10)}…${id.slice(-9)}` : id
}
