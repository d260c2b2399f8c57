/**
 * HMAC-SHA256, once for each job on its way to a worker. By `@noble/hashes`, audited and without a runtime of its own: Web
 * Crypto's is asynchronous, and `node:crypto` takes several times as long to set one up as to compute it.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import type { Mac } from './passes.ts'

/** @param key the key's bytes, or text as UTF-8 */
export function createMac(key: Uint8Array | string): Mac {
  const keyed = hmac.create(sha256, typeof key === 'string' ? encoder.encode(key) : key)
  return text => keyed.clone().update(encoder.encode(text)).digest()
}

const encoder = new TextEncoder()
