/** A log file on Node: written through to disk, held by one master at a time. */
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import { DroverError } from '../../contract/errors.ts'
import { isOfRoom, type LogFile, logStorage } from './log.ts'
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

  /** Once there is room for a lock: until then the file is only read. */
  async function claim(): Promise<void> {
    if (release !== undefined) return
    await mkdir(dirname(path), { recursive: true })
    release = await takeLock(path)
  }

  async function claimToWrite(): Promise<void> {
    if (release !== undefined) return
    await claim()
    const size = await stat(path).then(
      found => found.size,
      () => 0,
    )
    if (size !== goodBytes) throw changedMeanwhile(path)
  }

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
      await claim().catch(error => isOfRoom(error) || Promise.reject(error))
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
      await claimToWrite()
      goodBytes += await writeThrough(path, 'a', text, goodBytes)
    },
    async replace(text) {
      await claimToWrite()
      try {
        const written = await writeThrough(`${path}.new`, 'w', text)
        await rename(`${path}.new`, path)
        goodBytes = written
      } catch (error) {
        await rm(`${path}.new`, { force: true }) // its first part takes the room that is missing
        throw error
      }
      await syncFolder(dirname(path))
    },
    async close() {
      await release?.()
      release = undefined
    },
  }
}

function changedMeanwhile(path: string): DroverError {
  return new DroverError(
    'storage_failed',
    `The job file ${path} was written by another master while there was no room to lock it: each needs a file of its own`,
  )
}

/** The rename itself is on disk only then, where the system has that. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  await using handle = await open(folder, 'r')
  await handle.sync()
}
