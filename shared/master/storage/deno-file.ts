/** A log file on Deno: written through to disk, held by one master at a time. */
import { DroverError } from '../../contract/errors.ts'
import { isOfRoom, type LogFile, logStorage } from './log.ts'
import type { JobStorage } from './storage.ts'

/**
 * Keeps jobs in a file: JSON lines with checksums, on disk before a write resolves.
 * @param path made where there is none, its folder included; `{path}.lock` stands beside it
 */
export function fileStorage(path: string): JobStorage {
  return logStorage(denoFile(path))
}

function denoFile(path: string): LogFile {
  const folder = path.replace(/[^/\\]*$/, '') || '.'
  let lock: Deno.FsFile | undefined
  /** How much of the file is known to be good: a failed append is cut off before the next. */
  let goodBytes = 0

  /** Once there is room for a lock: until then the file is only read. */
  async function claim(): Promise<void> {
    if (lock !== undefined) return
    await Deno.mkdir(folder, { recursive: true })
    const handle = await Deno.open(`${path}.lock`, { write: true, create: true })
    if (!(await handle.tryLock(true))) {
      handle.close()
      throw new DroverError(
        'storage_failed',
        `The job file ${path} is in use by another master: each needs a file of its own`,
      )
    }
    lock = handle
  }

  async function claimToWrite(): Promise<void> {
    if (lock !== undefined) return
    await claim()
    const size = await Deno.stat(path).then(
      found => found.size,
      () => 0,
    )
    if (size === goodBytes) return
    throw new DroverError(
      'storage_failed',
      `The job file ${path} was written by another master while there was no room to lock it: each needs a file of its own`,
    )
  }

  async function writeThrough(to: string, text: string, at: number): Promise<number> {
    using file = await Deno.open(to, { write: true, create: true })
    await file.truncate(at)
    await file.seek(at, Deno.SeekMode.Start)
    const bytes = new TextEncoder().encode(text)
    for (let written = 0; written < bytes.length; ) written += await file.write(bytes.subarray(written))
    await file.syncData()
    return bytes.length
  }

  return {
    path,
    async read() {
      await claim().catch(error => isOfRoom(error) || Promise.reject(error))
      try {
        const bytes = await Deno.readFile(path)
        goodBytes = bytes.length
        return new TextDecoder().decode(bytes)
      } catch (error) {
        if (error instanceof Deno.errors.NotFound) return undefined
        throw error
      }
    },
    async append(text) {
      await claimToWrite()
      goodBytes += await writeThrough(path, text, goodBytes)
    },
    async replace(text) {
      await claimToWrite()
      try {
        const written = await writeThrough(`${path}.new`, text, 0)
        await Deno.rename(`${path}.new`, path)
        goodBytes = written
      } catch (error) {
        await Deno.remove(`${path}.new`).catch(() => {}) // its first part takes the room that is missing
        throw error
      }
      await syncFolder(folder)
    },
    close() {
      lock?.close()
      lock = undefined
      return Promise.resolve()
    },
  }
}

/** The rename itself is on disk only then, where the system has that. */
async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === 'windows') return
  using handle = await Deno.open(folder)
  await handle.sync()
}
