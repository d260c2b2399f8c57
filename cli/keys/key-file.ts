/** A file of private keys: a JWKS that its owner alone reads, and that is never half written. */
import { open, realpath, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { joseCrypto } from '../../shared/seal/jose.ts'
import { type JsonWebKeySet, type Jwk, KeySet } from '../../shared/seal/key-set.ts'
import { readKeyBytes } from '../../shared/seal/node-text.ts'
import { UsageError } from '../exit.ts'
import { printable } from '../printable.ts'
import { utf8Text } from '../utf8.ts'

const ownerOnly = 0o600

/**
 * Reads a JWKS, and tries each key in it.
 * @throws {UsageError} with the fault of the file. It quotes nothing of the file but a `kid`
 */
export async function readKeyFile(path: string): Promise<JsonWebKeySet> {
  let json: unknown
  try {
    json = JSON.parse(utf8Text(await readKeyBytes(path), 'it'))
  } catch (cause) {
    const what = `Cannot read keys from ${path}`
    // Without its cause: the error of the parser quotes the JSON, and private keys stand in it
    if (cause instanceof SyntaxError) throw new UsageError(`${what}: it is not JSON`)
    throw new UsageError(`${what}: ${(cause as Error).message}`, { cause })
  }
  const keys = typeof json === 'object' && json !== null && 'keys' in json ? json.keys : undefined
  if (!Array.isArray(keys) || keys.some(key => typeof key !== 'object' || key === null)) {
    throw new UsageError(`${path} is no JWKS; expected {"keys":[…]}, as \`drover keys new\` makes it`)
  }
  const set = { keys: keys as readonly Jwk[] }
  await check(set, path)
  return set
}

/** A file may have keys that sign alone, which is no set to seal with. So it is tried with one that seals. */
async function check(set: JsonWebKeySet, path: string): Promise<void> {
  const seals = set.keys.some(({ alg }) => alg === 'ECDH-ES+A256KW' || alg === 'A256KW')
  const sealing = { kid: 'none', kty: 'oct', alg: 'A256KW', k: 'A'.repeat(43) }
  try {
    await KeySet.read(seals ? set : { keys: [...set.keys, sealing] }, path, joseCrypto)
  } catch (cause) {
    throw new UsageError(printable((cause as Error).message), { cause })
  }
}

/**
 * Makes a file for its owner alone.
 * @throws {UsageError} when there is one already, or it cannot be made
 */
export async function makeKeyFile(path: string, set: JsonWebKeySet): Promise<void> {
  try {
    await written(path, set, ownerOnly)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw new UsageError(`Cannot write ${path}: ${(cause as Error).message}`, { cause })
    }
    throw new UsageError(`${path} is there already; name another file, or \`drover keys rotate ${path}\``, { cause })
  }
}

/**
 * Puts another set in the place of the one in a file, at once and with the same mode. A link stays one.
 * @throws {UsageError} when it cannot be written; then the file is as it was
 */
export async function replaceKeyFile(path: string, set: JsonWebKeySet): Promise<void> {
  try {
    const file = await realpath(path)
    const { mode } = await stat(file)
    const made = `${file}.${crypto.randomUUID()}`
    await written(made, set, mode & 0o777)
    try {
      await rename(made, file)
    } catch (error) {
      await unlink(made).catch(() => {}) // the error counts
      throw error
    }
    await synced(dirname(file))
  } catch (cause) {
    throw new UsageError(`Cannot write ${path}, which stays as it was: ${(cause as Error).message}`, { cause })
  }
}

async function written(path: string, set: JsonWebKeySet, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.chmod(mode)
    await file.writeFile(`${JSON.stringify(set, undefined, 2)}\n`)
    await file.sync()
  } catch (error) {
    await unlink(path).catch(() => {}) // the error counts
    throw error
  } finally {
    await file.close()
  }
}

/** Of the folder, so that the new name outlives a power cut. Some systems open no folders. */
async function synced(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => {})
  await handle?.close()
}
