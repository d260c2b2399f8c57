/** Bytes in one piece, and secrets that are compared. */

/** One piece of several; the piece itself where there is one. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!
  const whole = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/**
 * Compares what somebody gave with a secret: how long it takes tells nothing of the secret but its length.
 * @param given may be anything
 */
export function isSameBytes(given: Uint8Array, secret: Uint8Array): boolean {
  let difference = given.length ^ secret.length
  for (let at = 0; at < given.length; at++) difference |= given[at]! ^ (secret[at] ?? 0)
  return difference === 0
}

/** As `isSameBytes`, of text. */
export function isSameText(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length
  for (let at = 0; at < given.length; at++) difference |= given.charCodeAt(at) ^ (secret.charCodeAt(at) || 0)
  return difference === 0
}
