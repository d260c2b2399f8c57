/** A log file on Node: written through to disk, held by one master at a time. */
import { mkdir, open, readFile, rename } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import { type LogFile, logStorage } from './log.ts'
import { takeLock } from './node-lock.ts'
import type { JobStorage } from './storage.ts'

/**
 * Keeps jobs in a file: JSON lines with checksums, on disk before a write resolves.
 * @param path made where there is none, its folder included; `{path}.lock` stands beside it while it is in use
 * @example
 * ```ts ignore
 * await using master = await startMaster({ url, storage: fileStorage('./jobs.log') })
 * ```
 */
export function fileStorage(path: string): JobStorage {
  return logStorage(nodeFile(resolve(path)))
}

function nodeFile(path: string): LogFile {
  let release: (() => Promise<void>) | undefined
  /** How much of the file is known to be good: a failed append is cut off before the next. */
  let goodBytes = 0

  async function writeThrough(to: string, flags: string, text: string, at?: number): Promise<number> {
    await using file = await open(to, flags)
    if (at !== undefined) await file.truncate(at)
    const bytes = Buffer.from(text)
    await file.writeFile(bytes)
    await file.datasync()
    return bytes.length
  }

  return {
    path,
    async read() {
      await mkdir(dirname(path), { recursive: true })
      release = await takeLock(path)
      try {
        const bytes = await readFile(path)
        goodBytes = bytes.length
        return bytes.toString()
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
        throw error
      }
    },
    async append(text) {
      goodBytes += await writeThrough(path, 'a', text, goodBytes)
    },
    async replace(text) {
      const written = await writeThrough(`${path}.new`, 'w', text)
      await rename(`${path}.new`, path)
      goodBytes = written
      await syncFolder(dirname(path))
    },
    async close() {
      await release?.()
      release = undefined
    },
  }
}

/** The rename itself is on disk only then, where the system has that. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  await using handle = await open(folder, 'r')
  await handle.sync()
}
