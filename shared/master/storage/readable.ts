/** Which stored values are jobs that a master can go on with: an older or newer version, or a hand, may have written them. */
import { isObject } from '../../contract/json-values.ts'
import { outcomeTypes } from '../../contract/reply.ts'
import { isTooDeep, maxDepth } from './depth.ts'

const isText = (value: unknown): boolean => typeof value === 'string'
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
const isListOf = (is: (one: unknown) => boolean) => (value: unknown) => Array.isArray(value) && value.every(is)

const places: readonly unknown[] = ['unsent', 'sent', 'running', 'retrying', 'cancelling', 'ended']
const outcomes: readonly unknown[] = [...outcomeTypes, 'timed_out', 'answered', 'no_worker']

function isPhase(value: unknown): boolean {
  if (!isObject(value) || !places.includes(value.at)) return false
  if (value.at !== 'unsent' && !isNumber(value.since)) return false
  const { outcome, error } = value
  if (value.at === 'retrying' || (isObject(outcome) && outcome.type === 'error')) {
    return isError(value.at === 'retrying' ? error : (outcome as Record<string, unknown>).error)
  }
  if (value.at !== 'ended') return true
  if (!isObject(outcome) || !outcomes.includes(outcome.type)) return false
  if (outcome.type === 'rejected') return isListOf(isObject)(outcome.issues)
  return outcome.type !== 'answered' || isListOf(isText)(outcome.missing)
}

const isError = (value: unknown): boolean => isObject(value) && isText(value.message) && isText(value.code)

/** A job's own fields, as far as a master or a page would break without them. */
const fields: readonly [name: string, is: (value: unknown) => boolean, expected: string][] = [
  ['request_id', isText, 'a text'],
  ['task', isText, 'a text'],
  ['mode', value => value === 'queue' || value === 'topic', '"queue" or "topic"'],
  ['timeout_ms', isNumber, 'a number'],
  ['created_at', isNumber, 'a number'],
  ['starts_at', value => value === undefined || isNumber(value), 'a number, or nothing'],
  ['attempt', isNumber, 'a number'],
  ['losses', isNumber, 'a number'],
  ['dropped', isNumber, 'a number'],
  ['phase', isPhase, 'where the job is, and since when'],
  ['workers', isListOf(one => isObject(one) && isText(one.worker_id) && isObject(one.seen)), 'a list of workers'],
  ['expected', value => value === undefined || isListOf(isObject)(value), 'a list of workers, or nothing'],
  ['replies', isListOf(one => isObject(one) && isText(one.type)), 'a list of replies'],
  ['late', isListOf(isObject), 'a list of replies'],
]

/** @returns why it is no job, in the words of a sentence; `undefined` for one */
export function whyUnreadable(value: unknown): string | undefined {
  if (!isObject(value)) return `it is ${kindOf(value)}; expected a job`
  for (const [name, is, expected] of fields) {
    if (!is(value[name])) return `its "${name}" is ${kindOf(value[name])}; expected ${expected}`
  }
  return isTooDeep(value) ? `it is nested more than ${maxDepth} levels deep` : undefined
}

/** The id that an entry has, even where other fields are wrong. */
export function requestIdOf(value: unknown): string | undefined {
  return isObject(value) && typeof value.request_id === 'string' ? value.request_id : undefined
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'missing'
  if (value === null) return 'null'
  if (typeof value === 'string') return `"${value.slice(0, 40)}"`
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object of another form' : String(value)
}
