import { Buffer } from 'node:buffer'

/** A secret for a bridge that was given none. */
export function randomSecret(): string {
  return Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
}
