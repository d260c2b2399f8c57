/** A file of keys under Node. */
import { createReadStream } from 'node:fs'
import { buffer } from 'node:stream/consumers'

/** More than any set of keys has. */
const mostKeyBytes = 256 * 1024

/**
 * Reads a file no further than a set of keys may go: a device or a pipe has no size that tells before.
 * @throws {Error} for a longer one, and as `node:fs` does
 */
export async function readKeyBytes(path: string): Promise<Uint8Array> {
  const bytes = await buffer(createReadStream(path, { end: mostKeyBytes }))
  if (bytes.length <= mostKeyBytes) return bytes
  throw new Error(`it has over ${mostKeyBytes} bytes; expected a set of keys`)
}

/** As `readKeyBytes`, as text. */
export async function readKeyText(path: string): Promise<string> {
  return new TextDecoder().decode(await readKeyBytes(path))
}
