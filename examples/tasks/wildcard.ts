/**
 * Patterns in which `*` stands for any text. Instead of regular expressions, because a pattern comes with the job: these
 * take time in proportion to the text, for any pattern.
 */

/** Tells whether a text matches. */
export type Matches = (text: string) => boolean

/**
 * Compiles a pattern.
 * @param pattern `*` any text, `\*` a star, `\\` a backslash
 * @param options with `whole` the text must match from end to end (default: somewhere in it). Default of `ignoreCase`: false
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * assert.ok(wildcard('timed*upstream')('upstream timed out: upstream web-2'))
 * assert.ok(!wildcard('*.log', { whole: true })('web.log.gz'))
 * ```
 */
export function wildcard(pattern: string, options: { whole?: boolean; ignoreCase?: boolean } = {}): Matches {
  const { whole = false, ignoreCase = false } = options
  const fold = (text: string): string => (ignoreCase ? text.toLowerCase() : text)
  const pieces = split(fold(pattern))
  const first = pieces[0] ?? ''
  if (!whole) return text => inOrder(fold(text), pieces, 0) !== undefined
  if (pieces.length === 1) return text => fold(text) === first
  const last = pieces.at(-1) ?? ''
  const middle = pieces.slice(1, -1)
  return text => {
    const folded = fold(text)
    if (!folded.startsWith(first) || !folded.endsWith(last)) return false
    const end = inOrder(folded, middle, first.length)
    return end !== undefined && end + last.length <= folded.length
  }
}

/** The texts between the stars. */
function split(pattern: string): string[] {
  const pieces = ['']
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '*') pieces.push('')
    else {
      const isEscape = pattern[i] === '\\' && (pattern[i + 1] === '*' || pattern[i + 1] === '\\')
      pieces.push(pieces.pop() + (pattern[isEscape ? ++i : i] ?? ''))
    }
  }
  return pieces
}

/** Where the last piece ends when each is found after the one before; the earliest places are always the best. */
function inOrder(text: string, pieces: readonly string[], from: number): number | undefined {
  let at = from
  for (const piece of pieces) {
    const found = text.indexOf(piece, at)
    if (found < 0) return undefined
    at = found + piece.length
  }
  return at
}
