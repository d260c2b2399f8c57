/** A small file that is replaced as a whole, for its owner alone. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { RevocationsFile } from '../tokens/revocations.ts'

/** Reads it. A file that is not there is made by the first write. */
export async function openTextFile(file: string): Promise<RevocationsFile> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
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
