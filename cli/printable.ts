/** Text of workers on a terminal: words and numbers, never commands to the terminal. */

import { stripAnsi } from 'drover/contract'

/** Makes a text harmless and one line: escape sequences go, control characters become visible. */
export function printable(text: string): string {
  return stripAnsi(text).replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, char => {
    if (char === '\n' || char === '\t' || char === '\r') return ' '
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/**
 * JSON that is harmless on a terminal and still the same JSON.
 * @param indent spaces a level; absent: one line
 */
export function printableJson(value: unknown, indent?: number): string {
  // JSON.stringify escapes characters below 0x20; 0x7f to 0x9f are commands to some terminals too.
  return (JSON.stringify(value, undefined, indent) ?? 'null').replace(
    /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** JSON for people: as `printableJson` on one line, with the escape sequences of its texts and names gone. */
export function shownJson(value: unknown): string {
  return printableJson(withoutAnsi(value))
}

function withoutAnsi(value: unknown): unknown {
  if (typeof value === 'string') return stripAnsi(value)
  if (Array.isArray(value)) return value.map(withoutAnsi)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [stripAnsi(name), withoutAnsi(one)]))
}
