/** Where the jobs of a master are kept: in the browser's database, or in memory where that does not serve. */
import type { Clock } from '../../shared/clock.ts'
import { type JobStorage, memoryStorage } from '../../shared/master/mod.ts'
import { openIndexedDb } from '../storage/indexeddb.ts'

export interface OpenedStorage {
  readonly masterId: string
  readonly storage: JobStorage
  /** Why they are kept in memory alone. */
  readonly problem?: Error
}

/** Jobs that are kept and cannot be read have replies to come: a master that does not know them reads under another id. */
export async function openStorage(
  masterId: string,
  owner: string | undefined,
  { clock, newId }: { readonly clock: Clock; readonly newId: () => string },
): Promise<OpenedStorage> {
  try {
    return { masterId, storage: await openIndexedDb({ masterId, owner, clock }) }
  } catch (error) {
    return { masterId: newId(), storage: memoryStorage(), problem: error as Error }
  }
}
