/**
 * Values that brokers read as a number or a flag. One that is none ends the session with words that name nothing, on some
 * without a word; so it is refused here, with a sentence.
 */
import { DroverError } from '../../../shared/contract/errors.ts'
import { textAt, unpadded } from '../../../shared/frames/text.ts'
import { known } from './common-names.ts'

/** Whether `bytes[from, to)` is digits, at least one. */
export function isDigits(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! < 48 || bytes[at]! > 57) return false
  return to > from
}

/** Headers whose value is a number or a flag: blanks around one mean nothing, and not every broker takes them. */
export const typedNames: ReadonlySet<string> = new Set([
  'content-length',
  'priority',
  'expires',
  'expiration',
  'persistent',
  'AMQ_SCHEDULED_DELAY',
])

/** Whether there is a blank at an end of `bytes[from, to)`. */
export const isPadded = (bytes: Uint8Array, from: number, to: number): boolean =>
  to > from && (bytes[from]! <= 32 || bytes[to - 1]! <= 32)

/**
 * Checks the value in `bytes[from, to)`.
 * @param header one of `known`
 * @param own its name in the dialect and the most that it takes; default STOMP's own
 * @returns whether there are blanks around it
 * @throws {DroverError} `frame_invalid`
 */
export function checkTyped(
  header: number,
  bytes: Uint8Array,
  from: number,
  to: number,
  own?: { readonly header: string; readonly mostMs?: number },
): boolean {
  if (isPadded(bytes, from, to)) {
    const trimmed = encoder.encode(unpadded(textAt(bytes, from, to)))
    checkTyped(header, trimmed, 0, trimmed.length, own)
    return true
  }
  switch (header) {
    case known.priority:
      if (to - from !== 1 || !isDigits(bytes, from, to)) refuse('priority', bytes, from, to, 'an integer from 0 to 9')
      break
    case known.expires:
      if (to - from > 15 || !isDigits(bytes, from, to))
        refuse(own?.header ?? 'expires', bytes, from, to, 'whole milliseconds in digits')
      if (own?.mostMs !== undefined && Number(textAt(bytes, from, to)) > own.mostMs)
        refuse(own.header, bytes, from, to, `whole milliseconds, at most ${own.mostMs}`)
      break
    case known.persistent:
      if (!/^(true|false)$/.test(textAt(bytes, from, to))) refuse('persistent', bytes, from, to, 'true or false')
  }
  return false
}

const encoder = new TextEncoder()

function refuse(name: string, bytes: Uint8Array, from: number, to: number, expected: string): never {
  const found = JSON.stringify(textAt(bytes, from, to).slice(0, 40))
  throw new DroverError('frame_invalid', `A SEND has the header ${name} with ${found}; expected ${expected}`)
}
