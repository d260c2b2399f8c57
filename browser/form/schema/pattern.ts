/**
 * Patterns that a worker announces are code that would run in the page at each key: a hostile or careless one can take
 * years (`(a+)+$`). Only those whose cost is known to be small are run; the rest is left to the worker.
 */

/** An input longer than this is not tried. */
export const maxPatternInput = 1000
const maxPattern = 200
/** Each repetition may be tried at every length, so two over 1,000 characters are half a million steps. */
const maxRepetitions = 2

/** One character, an escape that stands for one, or a class; then perhaps how often. No groups, no alternatives. */
const piece =
  /(?:\\[dDwWsS.\\/^$*+?()[\]{}|-]|\[(?:[^[\]\\]|\\[dDwWsS.\\/^$*+?()[\]{}|-])+\]|[^\\^$*+?()[\]{}|])(?:([*+?])|\{(\d{1,3})(,\d{0,3})?\})?/y

/**
 * @returns the pattern when it is anchored, without groups, and repeats at most twice: then it ends soon on any text of
 * `maxPatternInput` characters
 */
export function safePattern(source: unknown): RegExp | undefined {
  if (typeof source !== 'string' || source.length > maxPattern || !source.startsWith('^')) return undefined
  const end = source.endsWith('$') && !source.endsWith('\\$') ? source.length - 1 : source.length
  let repetitions = 0
  let at = 1
  while (at < end) {
    piece.lastIndex = at
    const found = piece.exec(source)
    if (found === null || piece.lastIndex > end) return undefined
    at = piece.lastIndex
    const [, sign, , upTo] = found
    if (sign !== undefined || upTo !== undefined) repetitions++
  }
  if (repetitions > maxRepetitions) return undefined
  try {
    return new RegExp(source, 'u')
  } catch {
    return undefined // such as a range that runs backwards
  }
}
