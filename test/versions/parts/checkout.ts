/** Modules of a checkout of Drover: this one, or an earlier one with its own dependencies. */
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

interface Modules {
  'bridge/node.ts': typeof import('../../../bridge/node.ts')
  'shared/contract/mod.ts': typeof import('../../../shared/contract/mod.ts')
  'shared/master/node.ts': typeof import('../../../shared/master/node.ts')
  'shared/stomp/mod.ts': typeof import('../../../shared/stomp/mod.ts')
  'worker/node.ts': typeof import('../../../worker/node.ts')
}

/**
 * A module of the checkout in `folder`. Its types are those of this checkout: use only members that both have.
 * @param folder absolute
 */
export function moduleOf<T extends keyof Modules>(folder: string, path: T): Promise<Modules[T]> {
  return import(pathToFileURL(join(folder, path)).href) as Promise<Modules[T]>
}
