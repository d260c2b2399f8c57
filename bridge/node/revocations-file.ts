/** The file of revoked tokens, which is replaced as a whole, for its owner alone. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DroverError } from '../../shared/contract/errors.ts'
import type { RevocationsFile } from '../tokens/revocations.ts'

/**
 * Reads it. A file that is not there, nor could be, is made by the first write, or fails then.
 * @throws {DroverError} `config_invalid` for one that is there and cannot be read
 */
export async function openRevocations(file: string): Promise<RevocationsFile> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    const found = `The file of revoked tokens cannot be read (${error.message}); let this user read it, or remove it`
    throw new DroverError('config_invalid', found, { cause: error })
  })
  return {
    text,
    async write(content) {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 })
      await writeFile(`${file}.new`, content, { mode: 0o600, flush: true })
      await rename(`${file}.new`, file)
    },
  }
}
