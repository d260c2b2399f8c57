/**
 * A lock between processes of Node, which has no file locks: a file that names its owner by its process id and, where
 * the system tells, by when that process started. A process id alone comes again, after a reboot for instance, and one
 * that was killed answers to signals until its parent has taken note.
 */
import { readFile, rm, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { DroverError } from '../../contract/errors.ts'

/** Locks that this process holds. */
const held = new Set<string>()

/**
 * Takes the lock of `path`, also one that a process which is no more has left.
 * @returns how to let go of it
 * @throws {DroverError} `storage_failed` when it is taken
 */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const lock = `${path}.lock`
  const [pid = '', started = ''] = (await readFile(lock, 'utf8').catch(() => '')).split(' ')
  const isOwn = pid === String(process.pid)
  if (isOwn ? held.has(lock) : pid !== '' && (await isRunning(Number(pid), started))) {
    throw new DroverError(
      'storage_failed',
      `The job file ${path} is in use by process ${pid}: each master needs a file of its own; if that process is no master, delete ${lock}`,
    )
  }
  try {
    await writeFile(lock, `${process.pid} ${(await startOf(process.pid)) ?? ''}`)
  } catch (error) {
    await rm(lock, { force: true }) // one that names nobody, on a full disk, holds nothing
    throw error
  }
  held.add(lock)
  return async () => {
    held.delete(lock)
    await rm(lock, { force: true })
  }
}

async function isRunning(pid: number, started: string): Promise<boolean> {
  const start = await startOf(pid)
  if (start !== undefined) return start !== 'ended' && (started === '' || start === started)
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * When a process started, in the system's own words; `ended` for one that was killed and not yet forgotten, `undefined`
 * where there is no such process or the system does not tell (it does on Linux).
 */
async function startOf(pid: number): Promise<string | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ') // the name before may hold anything
    if (fields[0] === 'Z' || fields[0] === 'X') return 'ended'
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    return `${boot.trim()}/${fields[19]}`
  } catch {
    return undefined
  }
}
