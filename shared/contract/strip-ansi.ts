/**
 * Text that was made for a terminal, without its commands: colours, links, titles and cursor moves of ECMA-48 (the
 * same as ISO 6429) and xterm.
 *
 * Written here, after `ansi-regex` 6.2 and Node's `stripVTControlCharacters` were tried: both leave pieces of
 * sequences with private parameters or spaces (`ESC[>4;1m`, `ESC[2 q`) and of DCS and APC, and their time grows by the square on
 * links that do not end (5 s for 80 KB), while a worker's text is not trusted.
 */

const patterns = [
  // CSI, with any parameters; cut where its final byte is missing
  '\\u001b\\[[0-?]*[ -/]*[@-~]?',
  // OSC, DCS, SOS, PM, APC: up to BEL or ST; where that is missing, up to the end of the line or the next sequence
  '\\u001b[\\]PX^_][^\\u0007\\u001b\\u009c\\n\\r]*(?:\\u0007|\\u001b\\\\|\\u009c)?',
  // any other: character sets, modes, reset; and ESC alone
  '\\u001b[ -/]*[0-~]?',
  // CSI and OSC in one character, complete ones only: such characters come about by wrong decoding, too
  '\\u009b[0-?]*[ -/]*[@-~]',
  '\\u009d\\d*;[^\\u0007\\u001b\\u009c\\u009d\\n\\r]*(?:\\u0007|\\u001b\\\\|\\u009c)',
]
const sequence = new RegExp(patterns.join('|'), 'g')

/**
 * Removes escape sequences as a whole; every other character stays, other control characters too. Takes time in
 * proportion to the text.
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { stripAnsi } from 'drover/contract'
 * assert.equal(stripAnsi('\u001b[1;31mfail\u001b[0m'), 'fail')
 * assert.equal(stripAnsi('\u001b]8;;https://example.org\u0007link\u001b]8;;\u0007'), 'link')
 * ```
 */
export function stripAnsi(text: string): string {
  return text.replace(sequence, '')
}
