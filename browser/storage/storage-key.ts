/**
 * The key by which a master seals the jobs that it stores. It is not extractable: scripts of the site can use it, and nobody can read
 * its bytes.
 */
import { type Handle, keyRecordOf } from './database.ts'

/**
 * The key of a master, made at the first call.
 * @param owner whose jobs they are, where that is known: the key goes with them
 * @returns `undefined` where the browser stores no keys
 */
export async function storageKeyIn(
  handle: Handle,
  masterId: string,
  owner: string | undefined,
): Promise<CryptoKey | undefined> {
  const name = keyRecordOf(masterId)
  const known = (await handle.get('masters', name))?.storage_key
  if (known !== undefined) return known
  const made = await crypto.subtle.generateKey({ name: 'AES-KW', length: 256 }, false, ['wrapKey', 'unwrapKey'])
  const transaction = handle.transaction('masters', 'readwrite')
  try {
    const other = (await transaction.store.get(name))?.storage_key // made meanwhile
    if (other === undefined) {
      await transaction.store.put({ master_id: name, storage_key: made, ...(owner === undefined ? {} : { owner }) })
    }
    await transaction.done
    return other ?? made
  } catch (error) {
    transaction.done.catch(() => {}) // it is aborted by the same
    if (error instanceof DOMException && error.name === 'DataCloneError') return undefined
    throw error
  }
}
