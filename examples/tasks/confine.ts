/**
 * A task may read one folder and the files below it. A path comes from the page that dispatched the job, so `..`, absolute paths
 * and symbolic links that lead out are refused, and the opened file is compared with the checked one, because a link can be
 * swapped in between. Refusals travel to that page, and name paths as they were given: it is not to know where the folder lies on
 * the worker's machine.
 */
import { constants } from 'node:fs'
import { type FileHandle, lstat, open, readdir, realpath, stat } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { DroverError } from 'drover/contract'
import { refusal } from './refusal.ts'

const samples = fileURLToPath(new URL('../files', import.meta.url))

/** The folder that the example tasks may read: `DROVER_FILES`, by default the samples in `examples/files`. */
export function allowedFolder(): string {
  return resolve(process.env['DROVER_FILES'] || samples)
}

/** An open file inside the allowed folder. The caller that opened it closes it. */
export interface InsideFile extends AsyncDisposable {
  readonly handle: FileHandle
  readonly bytes: number
  /** Below the allowed folder, with `/` on every system. */
  readonly name: string
}

/**
 * Finds where a path really leads, links resolved.
 * @param folder the allowed folder
 * @param path relative to it, or absolute
 * @throws {DroverError} `path_forbidden` when it leads out, `input_invalid` when nothing is there
 */
export async function confine(folder: string, path: string): Promise<string> {
  const wanted = resolve(folder, path)
  // Before the disk is asked: whether something outside exists is nobody's business.
  if (path.includes('\0') || !isBelow(folder, wanted)) throw leadsOut(path)
  let root: string
  try {
    root = await realpath(folder)
  } catch (cause) {
    const message = 'Cannot read the folder that this worker may read; set its DROVER_FILES to one that exists'
    throw refusal('config_invalid', message, { cause })
  }
  let real: string
  try {
    real = await realpath(wanted)
  } catch (cause) {
    throw await nothingThere(folder, path, cause)
  }
  if (!isBelow(root, real)) throw leadsOut(path)
  return real
}

/**
 * Opens a file for reading.
 * @throws {DroverError} as `confine`, and `input_invalid` for anything but an ordinary file
 */
export async function openInside(folder: string, path: string): Promise<InsideFile> {
  const real = await confine(folder, path)
  let handle: FileHandle | undefined
  try {
    // A pipe would be waited for at open, so look first; O_NONBLOCK covers a pipe put there after the look.
    if (!(await lstat(real)).isFile()) throw notAFile(path)
    const opening = await open(real, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    handle = opening
    const opened = await opening.stat()
    if (!opened.isFile()) throw notAFile(path)
    const now = await stat(await confine(folder, path))
    if (now.dev !== opened.dev || now.ino !== opened.ino) throw leadsOut(path)
    const name = relative(await realpath(folder), real)
      .split(sep)
      .join('/')
    return { handle: opening, bytes: opened.size, name, [Symbol.asyncDispose]: () => opening.close() }
  } catch (error) {
    await handle?.close()
    throw error instanceof DroverError ? error : unreadable(path, error)
  }
}

/**
 * Lists the files at or below a path, sorted by name at each level. Symbolic links below it are passed over: a file that
 * they lead to is listed where it is, or not allowed.
 * @returns paths below the allowed folder, with `/` on every system
 * @throws {DroverError} as `confine`; and the signal's reason
 */
export async function* walkInside(folder: string, path: string, signal: AbortSignal): AsyncGenerator<string> {
  const real = await confine(folder, path)
  const root = await realpath(folder)
  const inside = (full: string): string => relative(root, full).split(sep).join('/')
  if (!(await lstat(real)).isDirectory()) {
    yield inside(real)
    return
  }
  const pending = [real]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    signal.throwIfAborted()
    const name = inside(next) || '.'
    const entries = await readdir(await confine(folder, name), { withFileTypes: true }).catch((cause: unknown) => {
      throw unreadable(name, cause)
    })
    entries.sort((a, b) => (a.name < b.name ? -1 : 1))
    for (const entry of entries) if (entry.isFile()) yield inside(join(next, entry.name))
    for (const entry of entries.reverse()) if (entry.isDirectory()) pending.push(join(next, entry.name))
  }
}

/**
 * Reads an open file in pieces.
 * @param pieceBytes size of a piece; default 256 KiB. The piece is only valid until the next one
 * @throws the signal's reason
 */
export async function* piecesOf(
  file: InsideFile,
  signal: AbortSignal,
  pieceBytes: number = 256 * 1024,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(pieceBytes)
  for (;;) {
    signal.throwIfAborted()
    const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, null)
    if (bytesRead === 0) return
    yield buffer.subarray(0, bytesRead)
  }
}

function isBelow(folder: string, path: string): boolean {
  const way = relative(folder, path)
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}

function leadsOut(path: string): DroverError {
  const message = `"${path}" leads out of the folder that this worker's tasks may read (its DROVER_FILES); give a path below it`
  return refusal('path_forbidden', message)
}

function unreadable(path: string, cause: unknown): DroverError {
  const { code = 'unknown error' } = cause as NodeJS.ErrnoException
  const message = `Cannot read "${path}" (${code}); choose files that the worker may read`
  return refusal('input_invalid', message, { cause })
}

function notAFile(path: string): DroverError {
  return refusal('input_invalid', `"${path}" is not an ordinary file; give the path of one`)
}

async function nothingThere(folder: string, path: string, cause: unknown): Promise<DroverError> {
  const names = await readdir(folder).catch(() => [])
  const some = names.slice(0, 5).join(', ') || 'nothing'
  const message = `There is no "${path}" in the folder that this worker's tasks may read, which has: ${some}`
  return refusal('input_invalid', message, { cause })
}
