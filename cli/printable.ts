/** Text of workers on a terminal: words and numbers, never commands to the terminal. */

/** Makes a text harmless and one line: control characters, escape sequences among them, become visible. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, char => {
    if (char === '\n' || char === '\t' || char === '\r') return ' '
    return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}

/**
 * JSON that is harmless on a terminal and still the same JSON.
 * @param indent spaces a level; absent: one line
 */
export function printableJson(value: unknown, indent?: number): string {
  // JSON.stringify escapes what is below 0x20; 0x7f to 0x9f are commands to some terminals too.
  return (JSON.stringify(value, undefined, indent) ?? 'null').replace(
    /[\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}
