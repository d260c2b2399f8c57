/** Where there are no files. On Node and Deno `drover/master` has the real one under this name. */
import { DroverError } from '../../contract/errors.ts'
import type { JobStorage } from './storage.ts'

/**
 * Says that a page has no files to keep jobs in, so that the name is there for every compiler and bundler.
 * @throws {DroverError} `config_invalid`, always
 */
export function fileStorage(path: string): JobStorage {
  throw new DroverError(
    'config_invalid',
    `Jobs cannot be kept in the file "${path}": this was bundled for a browser, which has none. Bundle with the condition "node" or "deno", or use memoryStorage()`,
  )
}
