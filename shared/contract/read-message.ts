/**
 * How every message is read: JSON, then `v`, then `type`, then the schema, so that a newer peer's message gets a clear
 * answer instead of a pile of field errors. The parsed value is for reading only: unknown fields are gone from it, so
 * a message is passed on as its bytes.
 */
import type * as z from 'zod/mini'
import { DroverError } from './errors.ts'
import { isTooDeep, tooDeep } from './nesting.ts'

/** The version of the wire contract that this code speaks; absent on the wire means 1. */
export const wireVersion = 1

/** One thing that is wrong with a value, as replies of type `rejected` carry it. */
export interface Issue {
  /** Where: property names and indexes joined by dots; empty for the value itself. */
  path: string
  message: string
}

/** A text without byte order marks before it: some languages write one, programs in between another, and they say nothing. */
export function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.replace(/^\ufeff+/, '') : text
}

/**
 * Reads a JSON text.
 * @param text a message body
 * @param kind of message, for the error, such as `job`
 * @throws {DroverError} `message_invalid` when it is not JSON, or nested more than 100 levels deep
 */
export function parseJson(text: string, kind: string): unknown {
  if (isTooDeep(text)) throw new DroverError('message_invalid', `This ${kind} ${tooDeep}`)
  try {
    return JSON.parse(withoutMark(text))
  } catch (cause) {
    throw new DroverError('message_invalid', `This ${kind} is not JSON; expected a JSON object as its body`, { cause })
  }
}

/**
 * Checks that a parsed body is an object of a version that this code knows.
 * @throws {DroverError} `message_invalid` for anything but an object, `unsupported_version` for a newer `v`
 */
export function checkVersion(json: unknown, kind: string): asserts json is Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new DroverError('message_invalid', `This ${kind} is not a JSON object`)
  }
  const v = 'v' in json && json.v !== undefined ? json.v : wireVersion
  if (typeof v !== 'number' || !Number.isInteger(v) || v < 1) {
    throw new DroverError('message_invalid', `This ${kind} has v ${quoted(v)}; expected ${wireVersion}`)
  }
  if (v > wireVersion) {
    throw new DroverError(
      'unsupported_version',
      `This ${kind} has v ${v}, and this Drover speaks up to ${wireVersion}; update this side`,
    )
  }
}

function quoted(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 200 ? `${text.slice(0, 200)}… (${text.length} characters)` : text
}

/**
 * Validates `json` against `schema`, with every problem in the message.
 * @throws {DroverError} `message_invalid`
 */
export function checkShape<T>(schema: z.ZodMiniType<T>, json: unknown, kind: string): T {
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const found = issuesText(parsed.error.issues)
  throw new DroverError('message_invalid', `This ${kind} does not have the expected fields: ${found}`)
}

type AnyIssues = readonly {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}[]

/** All of them in a line, each behind its path. */
export const issuesText = (issues: AnyIssues): string =>
  toIssues(issues)
    .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
    .join('; ')

/** Turns the issues of any Standard Schema into those of the wire. */
export function toIssues(issues: AnyIssues): Issue[] {
  return issues.map(({ message, path }) => ({
    path: (path ?? []).map(part => String(typeof part === 'object' ? part.key : part)).join('.'),
    message: String(message), // the schema library of a task may give anything
  }))
}
