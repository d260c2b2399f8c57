/** Headers that nearly every SEND has, known by their bytes: most of them pass without being decoded. */

/** Which header it is. Up to `transaction` their values are kept; those behind it are looked at and passed. */
export const known = {
  destination: 0,
  replyTo: 1,
  correlationId: 2,
  /** Not common: found by their names. */
  pass: 3,
  delay: 4,
  transaction: 5,
  contentLength: 6,
  priority: 7,
  expires: 8,
  persistent: 9,
  other: 10,
} as const

/** How many headers' values are kept. */
export const keptCount: number = known.transaction + 1

export const common: Readonly<Record<string, number>> = {
  destination: known.destination,
  'reply-to': known.replyTo,
  'correlation-id': known.correlationId,
  transaction: known.transaction,
  'content-length': known.contentLength,
  priority: known.priority,
  expires: known.expires,
  persistent: known.persistent,
  'content-type': known.other,
  receipt: known.other,
  traceparent: known.other,
}

const encoder = new TextEncoder()
const longest = Math.max(...Object.keys(common).map(name => name.length))
const byLength: { readonly bytes: Uint8Array; readonly is: number }[][] = Array.from(
  { length: longest + 1 },
  (_, length) =>
    Object.entries(common).flatMap(([name, is]) =>
      name.length === length ? [{ bytes: encoder.encode(name), is }] : [],
    ),
)

/** Which of them is named in `bytes[start, colon)`, or -1. */
export function commonAt(bytes: Uint8Array, start: number, colon: number): number {
  const length = colon - start
  if (length >= byLength.length) return -1
  const candidates = byLength[length]!
  for (let candidate = 0; candidate < candidates.length; candidate++) {
    const { bytes: name, is } = candidates[candidate]!
    let at = 0
    while (at < length && bytes[start + at] === name[at]) at++
    if (at === length) return is
  }
  return -1
}
