/**
 * Reads JSON as a person writes it, with the place of each value and of the first mistake: browsers say where in ways of
 * their own, or not at all.
 */
import { InexactJsonError, parseExactJson } from '../../../shared/contract/json-exact.ts'
import { joined } from './field.ts'
import type { Json } from './json.ts'

/** Positions in the text: from the first character to after the last. */
interface FieldContext {
  readonly from: number
  readonly to: number
}

/** Text that would be sent as something else than it says is a mistake, too. */
export type JsonReading =
  /** `places` by path, as a worker's issues have it. */
  | { readonly value: Json; readonly places: ReadonlyMap<string, FieldContext> }
  | {
      readonly mistake: { readonly from: number; readonly to: number; readonly line: number; readonly message: string }
    }

const maxDepth = 200
const white = /[ \t\n\r]*/y
const scalar =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

class Mistake extends Error {}

/** @param written the text that a value was written as: it stands for this value, with any numbers */
export function readJsonText(text: string, written?: { readonly text: string; readonly value: Json }): JsonReading {
  const places = new Map<string, FieldContext>()
  let at = 0

  const fail = (message: string): never => {
    throw new Mistake(message)
  }
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0]
    at += found?.length ?? 0
    return found
  }
  /** @returns the next sign that is not white; `undefined` at the end */
  const next = (): string | undefined => {
    match(white)
    return text[at]
  }
  const list = (end: string, one: (index: number) => void): void => {
    at++
    for (let index = 0; next() !== end || index > 0; index++) {
      one(index)
      const sign = next()
      if (sign === end) break
      if (sign !== ',') fail(`expected a , or the closing ${end}`)
      at++
    }
    at++
  }
  const value = (path: string, depth: number): void => {
    if (depth > maxDepth) fail(`more than ${maxDepth} levels deep`)
    const sign = next()
    const from = at
    if (sign === '[') list(']', index => value(joined(path, index), depth + 1))
    else if (sign === '{') {
      list('}', () => {
        const key = (next() === '"' ? match(scalar) : undefined) ?? fail('expected a name in "double quotes"')
        if (next() !== ':') fail('expected a : after the name')
        at++
        value(joined(path, JSON.parse(key) as string), depth + 1)
      })
    } else if (match(scalar) === undefined) fail(whatIsNoValue(sign))
    places.set(path, { from, to: at })
  }

  try {
    value('', 0)
    if (next() !== undefined) fail('something follows after the end')
    return { value: text === written?.text ? written.value : (parseExactJson(text) as Json), places }
  } catch (error) {
    if (error instanceof InexactJsonError) {
      return mistakeAt(text, error.at, error.at + error.length, error.message)
    }
    if (!(error instanceof Mistake)) throw error
    return mistakeAt(text, at, Math.min(text.length, at + 1), error.message)
  }
}

const mistakeAt = (text: string, from: number, to: number, message: string): JsonReading => ({
  mistake: { from, to, line: lineOf(text, from), message },
})

/** @returns from 1 */
export const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length

function whatIsNoValue(sign: string | undefined): string {
  switch (sign) {
    case undefined:
      return 'something is missing at the end'
    case "'":
      return 'text needs "double quotes"'
    case '"':
      return 'this text does not end, or has a character that must be written as an escape'
    case '}':
    case ']':
      return 'expected another value after the ,'
    default:
      return 'expected a value'
  }
}
