/** How a token may be written: in one way alone, so that nobody has two texts that are the same token. RFC 7515, sections 2 and 3. */

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/**
 * What is wrong with a token's spelling: it is three parts in base64url with a dot between, and nothing else. Decoders
 * let more pass: padding, white space, and bits behind the last whole byte.
 * @returns `undefined` when nothing is
 */
export function spellingFault(token: string): string | undefined {
  const parts = token.split('.')
  if (parts.length !== 3)
    return `it has ${parts.length} ${parts.length === 1 ? 'part' : 'parts'}; expected a JWT: three parts with a dot between`
  if (parts.includes('')) return 'one of its three parts is empty; expected a signed JWT'
  if (!/^[\w.-]+$/.test(token))
    return 'it has a character besides A-Z, a-z, 0-9, "-", "_" and "."; give it whole, as it was minted'
  return parts.every(isWholeBytes)
    ? undefined
    : 'one of its parts is not base64url of whole bytes; give it whole, as it was minted'
}

/** Six bits a letter: of the last one, those that no byte has are 0. */
function isWholeBytes(part: string): boolean {
  const spareBits = (part.length * 6) % 8
  return spareBits < 6 && letters.indexOf(part.at(-1) ?? '') % 2 ** spareBits === 0
}
