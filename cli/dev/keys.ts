/**
 * The keys of `drover dev --seal`. They lie in a file that its user alone reads, under a name by its broker: the workers read
 * it, and `drover dispatch` and `drover worker` for that broker find it by themselves. It goes when `drover dev` ends.
 */
import { mkdir, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type JsonWebKeySet, newKey } from 'drover/seal'
import { makeKeyFile, readKeyFile } from '../keys/key-file.ts'
import type { Env } from '../settings.ts'
import { devKeysFile } from '../state-folder.ts'

export interface DevKeys {
  readonly set: JsonWebKeySet
  /** The file of another `drover dev --seal`, which has them already. */
  readonly file?: string
}

/**
 * Makes a key pair, or takes that of another `drover dev --seal` in front of the same broker.
 * @param running a broker that others may have as well
 */
export async function makeDevKeys(env: Env, running: string | undefined): Promise<DevKeys> {
  const file = running === undefined ? undefined : devKeysFile(env, running)
  const set = file === undefined ? undefined : await readKeyFile(file).catch(() => undefined)
  if (file !== undefined && set !== undefined) return { set, file }
  return { set: { keys: [await newKey('x25519')] } }
}

/**
 * Keeps keys where commands for a broker find them, until it is disposed.
 * @param url of the broker
 * @throws {UsageError} when the file cannot be made
 */
export async function keepDevKeys(env: Env, url: string, keys: DevKeys): Promise<AsyncDisposable & { file: string }> {
  const { file = devKeysFile(env, url)! } = keys
  if (keys.file !== undefined) return { file, [Symbol.asyncDispose]: async () => {} }
  await removeDevKeys(env, url)
  await mkdir(dirname(file), { recursive: true, mode: 0o700 }).catch(() => {}) // told as the file is made
  await makeKeyFile(file, keys.set)
  return { file, [Symbol.asyncDispose]: () => removeDevKeys(env, url) }
}

/** Takes away the file of a `drover dev --seal` that was killed. */
export async function removeDevKeys(env: Env, url: string): Promise<void> {
  const file = devKeysFile(env, url)
  if (file !== undefined) await unlink(file).catch(() => {}) // it is not there
}
