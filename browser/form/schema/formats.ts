/** Formats that have an input of their own, or a check. All others are plain text, and the worker's to judge. */
import { fromLocal, fromLocalTime, isDateTime, toLocal, toLocalTime } from './dates.ts'

interface Format {
  /** Type of the native input. Default `text`. */
  readonly input?: string
  /** `inputmode`: which keys a phone offers. */
  readonly keyboard?: 'email'
  /** The check of the text, and the sentence about one that fails it. */
  readonly isRight?: (text: string) => boolean
  readonly expected?: string
  /** How a text goes into the native input, `undefined` where that cannot show it, and how it comes out. */
  readonly show?: (text: string) => string | undefined
  readonly read?: (shown: string) => string
  readonly hint?: string
}

export type FormatName = 'plain' | 'long' | 'email' | 'uri' | 'uuid' | 'date' | 'date-time' | 'time'

const isDate = (text: string): boolean => /^\d{4}-\d\d-\d\d$/.test(text)

/** Something on either side of the last @: which mailboxes there are, only mail can tell. */
const isEmail = (text: string): boolean => /^("[^\r\n]+"|[^\s@"]+)@[^\s@]+$/.test(text)

export const formats: Readonly<Record<FormatName, Format>> = {
  plain: {},
  long: {},
  // No native input: that takes no letters beyond ASCII before the @, which mail has had since RFC 6531.
  email: { keyboard: 'email', isRight: isEmail, expected: 'an email address, such as ada@example.org' },
  uri: { input: 'url' },
  uuid: {
    isRight: text => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text),
    expected: 'a UUID, such as 3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11',
  },
  date: {
    input: 'date',
    isRight: isDate,
    expected: 'a date, such as 2027-03-31',
    show: text => (isDate(text) ? text : undefined),
  },
  'date-time': {
    input: 'datetime-local',
    isRight: isDateTime,
    expected: 'date and time, such as 2027-03-31T09:30:00Z',
    show: toLocal,
    read: fromLocal,
    hint: 'your time',
  },
  time: { input: 'time', show: toLocalTime, read: fromLocalTime, hint: 'UTC' },
}

const otherNames: Readonly<Record<string, FormatName>> = {
  url: 'uri',
  iri: 'uri',
  'idn-email': 'email',
  guid: 'uuid',
  'multi-line': 'long',
}

/** @returns `undefined` for one that nothing is known of */
export function formatNamed(name: string): FormatName | undefined {
  if (Object.hasOwn(otherNames, name)) return otherNames[name]
  return Object.hasOwn(formats, name) ? (name as FormatName) : undefined
}
