/**
 * HMAC-SHA256, once for each job on its way to a worker. By `@noble/hashes`, audited and without a runtime of its own, since
 * Web Crypto's is asynchronous; a runtime that has a faster one brings it as a port.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { base64url } from 'jose'
import type { Mac } from './passes.ts'

/** @param key text as UTF-8 */
export function createMac(key: string): Mac {
  const keyed = hmac.create(sha256, encoder.encode(key))
  return text => base64url.encode(keyed.clone().update(encoder.encode(text)).digest())
}

const encoder = new TextEncoder()
