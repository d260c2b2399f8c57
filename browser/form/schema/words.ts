/** Words of a schema, made fit to be shown: bounded, on one line, without characters that would turn the text around them. */

import { stripAnsi } from '../../../shared/contract/strip-ansi.ts'

/** Control characters, and those that change the direction of the text after them. */
const unseen = /[\p{Cc}\p{Bidi_Control}\ufeff]+/gu

/** @returns `undefined` unless there is something to show */
export function words(value: unknown, maxCharacters: number): string | undefined {
  if (typeof value !== 'string') return undefined
  // Cut before anything reads it: a schema may hold a very long text.
  const text = stripAnsi(value.slice(0, maxCharacters * 2))
    .replace(unseen, ' ')
    .trim()
  if (text === '') return undefined
  return text.length <= maxCharacters ? text : `${text.slice(0, maxCharacters - 1).trimEnd()}…`
}

/** A label for a property without a title: `max_width` and `maxWidth` become `Max width`. */
export function labelOf(key: string): string {
  const spaced = (words(key, 100) ?? '')
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim()
    .replace(/ [A-Z](?=[a-z])/g, letter => letter.toLowerCase())
  return spaced === '' ? 'Unnamed' : spaced.charAt(0).toUpperCase() + spaced.slice(1)
}

/** A value as one short line. */
export function shortJson(value: unknown): string {
  if (typeof value === 'string' && value !== '') return words(value, 100) ?? JSON.stringify(value)
  return words(JSON.stringify(value), 100) ?? ''
}
