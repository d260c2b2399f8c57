/**
 * How deep a message may be. Bounded where bytes become values, so that nothing behind it that walks a value, in this
 * program, a store or another language, comes to the end of its stack.
 */

/** Levels of objects and lists inside of each other, the message itself included. */
export const maxNesting = 100

/** The words of every error over something deeper. */
export const tooDeep: string = `is nested more than ${maxNesting} levels deep; send a flatter value`

/**
 * Whether a JSON text is deeper than `maxNesting`. Reads the text and nothing else, without recursion; a text that is not JSON
 * gets some answer.
 * @param levels the deepest that is allowed
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { isTooDeep } from 'drover/contract'
 * assert.equal(isTooDeep('['.repeat(100) + ']'.repeat(100)), false)
 * assert.equal(isTooDeep('['.repeat(101) + ']'.repeat(101)), true)
 * ```
 */
export function isTooDeep(text: string, levels: number = maxNesting): boolean {
  // So deep a text has a bracket at both ends of each level: most messages are shorter than that.
  if (text.length <= 2 * levels) return false
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a text: brackets in it count for nothing
        at = endOfText(text, at)
        break
      case 0x5b:
      case 0x7b:
        if (++depth > levels) return true
        break
      case 0x5d:
      case 0x7d:
        depth--
        break
    }
  }
  return false
}

/**
 * Whether objects and lists are nested in more than `levels` levels, in a value that is there already. Does not call itself.
 * A value that contains itself is too deep.
 * @param most objects and lists, past which it counts as too deep too: one that is shared counts at each of its places
 */
export function isDeeperThan(value: unknown, levels: number, most: number = Number.POSITIVE_INFINITY): boolean {
  const ahead: { readonly value: object; readonly depth: number }[] = isHolder(value) ? [{ value, depth: 1 }] : []
  let seen = 0
  for (let at = ahead.pop(); at !== undefined; at = ahead.pop()) {
    if (at.depth > levels || ++seen > most) return true
    for (const one of Object.values(at.value)) if (isHolder(one)) ahead.push({ value: one, depth: at.depth + 1 })
  }
  return false
}

const isHolder = (value: unknown): value is object => typeof value === 'object' && value !== null

/** Where the JSON text (string) that begins with the quote at `from` ends; the end of all where it does not. */
export function endOfText(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0
    while (text.charCodeAt(end - 1 - backslashes) === 0x5c) backslashes++
    if (backslashes % 2 === 0) return end
  }
  return text.length
}
