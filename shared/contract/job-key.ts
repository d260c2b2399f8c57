/** The key of a job. Dispatches of one task under one key, by one owner, are the same job. */
import { v5 } from 'uuid'
import { DroverError } from './errors.ts'

/** Under which the `request_id`s of keys are made; part of the wire contract. */
const keyNamespace = '0c8d9c55-8c7c-4f2c-9f0e-3a1f8f1d7b42'
const maxKeyCharacters = 200

/** @throws {DroverError} `config_invalid` */
export function checkKey(key: string): void {
  const isText = typeof key === 'string' && key.length > 0 && key.length <= maxKeyCharacters
  if (isText && key.isWellFormed()) return
  const found = typeof key === 'string' ? `of ${key.length} characters` : `a ${typeof key}`
  throw new DroverError(
    'config_invalid',
    `key is ${found}; expected a text of 1 to ${maxKeyCharacters} whole characters`,
  )
}

/**
 * The `request_id` of a job with a key: a UUID of version 5 (RFC 9562) over owner, task and key.
 * @param owner as it stands in destinations
 * @example
 * ```ts
 * import assert from 'node:assert/strict'
 * import { requestIdOfKey } from 'drover/contract'
 * assert.equal(requestIdOfKey('ada', 'invoice.send', 'order 17'), '72514288-7e5a-5d43-a6f3-5a51ad5101d1')
 * ```
 */
export const requestIdOfKey = (owner: string, task: string, key: string): string =>
  v5(`${owner}/${task}/${key}`, keyNamespace)
