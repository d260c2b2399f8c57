/** Comparing a given value with a secret: the time it takes tells nothing of the secret but its length. */

/** @param given may be anything */
export function timingSafeEqual(given: Uint8Array, secret: Uint8Array): boolean {
  let difference = given.length ^ secret.length
  for (let at = 0; at < given.length; at++) difference |= given[at]! ^ (secret[at] ?? 0)
  return difference === 0
}

/** As `timingSafeEqual`, of text. */
export function timingSafeEqualText(given: string, secret: string): boolean {
  let difference = given.length ^ secret.length
  for (let at = 0; at < given.length; at++) difference |= given.charCodeAt(at) ^ (secret.charCodeAt(at) || 0)
  return difference === 0
}
