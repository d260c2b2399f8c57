/**
 * The fields of replies, one by one: the expected value of each, and the nearest value to another. Read only once a schema has
 * refused the whole.
 */
import { isObject } from './json-values.ts'
import { logLevelOf } from './log-level.ts'
import type { ReplyType, WireError } from './reply.ts'

/** A value that was read from JSON. */
export type Fields = Readonly<Record<string, unknown>>

interface Field {
  readonly name: string
  readonly is: (value: unknown) => boolean
  /** In the words of a sentence. */
  readonly expected: string
  /** The nearest value that fits (a fitting value itself); `undefined` leaves the field out. Absent: none is near. */
  readonly near?: (value: unknown) => unknown
}

const isText = (value: unknown): boolean => typeof value === 'string'
const isNumber = (value: unknown): boolean => Number.isFinite(value)
const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && (value as number) >= 0
const isAny = (): boolean => true
const orAbsent = (is: (value: unknown) => boolean) => (value: unknown) => value === undefined || is(value)

/** Any value as a text of at most `characters`, as a person reads it. */
export function textOf(value: unknown, characters = 1_000): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
  return text.length > characters ? `${text.slice(0, characters)}… (${text.length} characters)` : text
}

const wholeText = (value: unknown): string => textOf(value, Number.POSITIVE_INFINITY)

/** The value found, in the words of a sentence. */
export function foundIn(value: unknown): string {
  if (value === undefined) return 'missing'
  return typeof value === 'string' ? `the text ${textOf(JSON.stringify(value))}` : textOf(value)
}

const numberIn = (value: unknown): number | undefined => {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value.trim().replace(/\s*%$/, '')) : value
  return typeof number === 'number' && !Number.isNaN(number) ? number : undefined
}

function percentIn(value: unknown): number | undefined {
  const number = numberIn(value)
  return number === undefined ? undefined : Math.min(100, Math.max(0, number))
}

function instantIn(value: unknown): number | undefined {
  const at = numberIn(value) ?? (typeof value === 'string' ? Date.parse(value) : undefined)
  return Number.isFinite(at) ? at : undefined
}

const isErrorShape = (value: unknown): boolean =>
  isObject(value) &&
  ['name', 'code', 'message'].every(name => orAbsent(isText)(value[name])) &&
  orAbsent(one => typeof one === 'boolean')(value.retryable)

/** An error in either form: an object, or a text, which is its message. */
export function errorIn(value: unknown): WireError {
  const { name, code, message, retryable } = isObject(value) ? value : { message: value }
  return {
    name: typeof name === 'string' ? name : 'Error',
    code: typeof code === 'string' ? code : 'task_failed',
    message: message === undefined || message === null ? '' : wholeText(message),
    retryable: retryable === true,
  }
}

const isIssue = (value: unknown): boolean => isObject(value) && isText(value.message) && orAbsent(isText)(value.path)

const text = (name: string): Field => ({
  name,
  is: isText,
  expected: 'a text',
  near: value => (value === null ? undefined : wholeText(value)),
})
const count = (name: string): Field => ({ name, is: isCount, expected: 'a whole number from 0' })
const instant = (name: string): Field => ({
  name,
  is: isNumber,
  expected: 'ms since the epoch, a number',
  near: instantIn,
})
const any = (name: string): Field => ({ name, is: isAny, expected: 'any value' })
const duration: Field = {
  name: 'took_ms',
  is: value => isNumber(value) && (value as number) >= 0,
  expected: 'ms, a number from 0',
}
const error: Field = {
  name: 'error',
  is: isErrorShape,
  expected: 'an object {name, code, message, retryable}',
  near: errorIn,
}

const base: readonly Field[] = [
  {
    name: 'worker_id',
    is: value => typeof value === 'string' && value.length <= 200,
    expected: 'a text of at most 200 characters',
    near: value =>
      ['string', 'number'].includes(typeof value) && String(value).length <= 200 ? String(value) : undefined,
  },
  count('seq'),
  instant('at'),
  { name: 'attempt', is: value => isCount(value) && value !== 0, expected: 'a whole number from 1' },
]

/** Of each type, the fields beside those of every reply. */
const own: { readonly [T in ReplyType]: readonly Field[] } = {
  accepted: [text('name'), count('losses')],
  progress: [
    {
      name: 'percent',
      is: value => isNumber(value) && percentIn(value) === value,
      expected: 'a number from 0 to 100',
      near: percentIn,
    },
    text('message'),
    any('data'),
  ],
  log: [
    {
      name: 'level',
      is: value => isText(value) && logLevelOf(value) === value,
      expected: 'debug, info, warn or error',
      near: logLevelOf,
    },
    text('message'),
    any('data'),
  ],
  partial: [any('data')],
  retrying: [error, instant('next_at')],
  requeued: [text('reason')],
  cannot_open: [text('name')],
  result: [any('output'), duration],
  error: [error, duration, count('losses')],
  rejected: [
    {
      name: 'issues',
      is: value => Array.isArray(value) && value.every(isIssue),
      expected: 'a list of objects {path, message}',
    },
  ],
  cancelled: [text('reason')],
}
const required: readonly string[] = ['error', 'issues']

const fieldsOf = (type: ReplyType | undefined): readonly Field[] =>
  type === undefined ? base : [...base, ...own[type]]

export const isReplyType = (type: string): type is ReplyType => Object.hasOwn(own, type)

/** The fields that are there, with the nearest values that fit; a field without one is left out. */
export function nearest(type: ReplyType | undefined, json: Fields): Record<string, unknown> {
  const read: Record<string, unknown> = {}
  for (const { name, is, near } of fieldsOf(type)) {
    if (!Object.hasOwn(json, name)) continue
    const value = near !== undefined ? near(json[name]) : is(json[name]) ? json[name] : undefined
    if (value !== undefined) read[name] = value
  }
  return read
}

/** A sentence for each field that does not fit, with the value found and the one expected. */
export function whatIsWrong(type: ReplyType | undefined, json: Fields): string[] {
  return fieldsOf(type).flatMap(({ name, is, expected }) => {
    const isThere = Object.hasOwn(json, name)
    if (isThere ? is(json[name]) : !required.includes(name)) return []
    return [`its "${name}" is ${foundIn(json[name])}; expected ${expected}`]
  })
}
