/**
 * JSON that becomes a value which says the same as the text. `JSON.parse` is silent where it changes something:
 * 9007199254740993 becomes 9007199254740992, 1e400 Infinity, and of two equal names the first is gone.
 *
 * The numbers are looked at in the text and not by the reviver's `context.source`: not every current browser has that, and
 * no reviver sees the name that is gone.
 */
import { endOfText } from './nesting.ts'
import type { Issue } from './read-message.ts'

/** A text that is JSON, and would not be sent as it is written. */
export class InexactJsonError extends Error {
  override name = 'InexactJsonError'
  /** The first place that would change, and how. */
  readonly issue: Issue
  /** Where that number or name begins in the text, from 0, and how long it is, in UTF-16 units. */
  readonly at: number
  readonly length: number

  constructor(issue: Issue, { index, 0: token }: { readonly index: number; readonly 0: string }) {
    super(issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`)
    this.issue = issue
    this.at = index
    this.length = token.length
  }
}

/**
 * Reads JSON as a person writes it, and refuses a text of which something else would be sent:
 * - a whole number beyond ±9007199254740991, since from there on neighbours are one and the same number;
 * - any other number of which digits would be lost, or that is too large or too small; `1.0`, `1e3` and all that programs
 *   write of a double (`0.30000000000000004`, `0.10000000000000001`) are sent with the value they mean;
 * - a name that stands twice in one object.
 * @throws {SyntaxError} of `JSON.parse`, when it is not JSON
 * @throws {InexactJsonError} with the path and a sentence that says how to write it
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { parseExactJson } from 'drover/contract'
 * assert.deepEqual(parseExactJson('{"id":7}'), { id: 7 })
 * assert.throws(() => parseExactJson('{"id":9007199254740993}'), /^InexactJsonError: id: 9007199254740993/)
 * ```
 */
export function parseExactJson(text: string): unknown {
  const value: unknown = JSON.parse(text)
  checkTokens(text)
  return value
}

interface Open {
  /** Of an object: those that came. */
  readonly names?: Set<string>
  /** Of the value that comes now. */
  at: string | number
  isName: boolean
}

/** Walks through a text that is known to be JSON. */
function checkTokens(text: string): void {
  const open: Open[] = []
  const path = (): string => open.map(({ at }) => at).join('.')
  const tokens = /["[\]{},]|-?\d[\d.eE+-]*/g
  for (let found = tokens.exec(text); found !== null; found = tokens.exec(text)) {
    const isText = found[0] === '"'
    // Not by the expression itself: in a text of some million characters it would come to the end of its stack
    if (isText) found[0] = text.slice(found.index, endOfText(text, found.index) + 1)
    if (isText) tokens.lastIndex = found.index + found[0].length
    const [token] = found
    const inner = open.at(-1)
    if (token === '{') open.push({ names: new Set(), at: '', isName: true })
    else if (token === '[') open.push({ at: 0, isName: false })
    else if (token === '}' || token === ']') open.pop()
    else if (token === ',' && inner?.names) inner.isName = true
    else if (token === ',' && inner) inner.at = Number(inner.at) + 1
    else if (isText && inner?.isName) {
      inner.at = JSON.parse(token) as string
      inner.isName = false
      if (inner.names?.has(inner.at)) {
        const message = 'this name stands twice in one object; keep one of them'
        throw new InexactJsonError({ path: path(), message }, found)
      }
      inner.names?.add(inner.at)
    } else if (/^[-\d]/.test(token)) {
      const change = changeOf(token)
      if (change !== undefined) {
        const advice = 'write it in double quotes where the task takes a text, or with fewer digits'
        throw new InexactJsonError({ path: path(), message: `${shorten(token)} ${change}; ${advice}` }, found)
      }
    }
  }
}

/** How a number would change on its way, in words that follow it; `undefined` where it would not. */
export function changeOf(written: string): string | undefined {
  const value = Number(written)
  if (!Number.isFinite(value)) return 'is larger than any number that can be sent (1.8e308)'
  if (/^-?\d+$/.test(written) && !Number.isSafeInteger(value)) {
    const sent = String(BigInt(value))
    const change = sent === written ? 'could not be told from its neighbours' : `would be sent as ${shorten(sent)}`
    return `${change}: whole numbers are exact up to 9007199254740991`
  }
  const digits = digitsOf(written)
  const most = 100 // that toPrecision() gives
  const count = Math.min(Math.max(digits.length, 1), most)
  // As JSON.stringify() writes it, which is not always how it is rounded to as many digits: 92718149837245.12 is …45.125
  const isSame = [String(value), value.toPrecision(count)].some(sent => digitsOf(sent) === digits)
  return isSame ? undefined : `would be sent as ${value}`
}

/** The digits that count, without the zeros around them. */
function digitsOf(number: string): string {
  return number
    .replace(/e.*$/i, '')
    .replace(/[-.]/g, '')
    .replace(/^0+|0+$/g, '')
}

const shorten = (number: string): string => (number.length <= 60 ? number : `${number.slice(0, 40)}…`)
