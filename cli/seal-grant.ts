/** The keys that a token or a bridge hands on, so that pages seal by them: public ones alone. */
import { SealGrant } from 'drover/contract'
import { publicKeys } from 'drover/seal'
import { hiddenAddress } from './config/hidden.ts'
import { UsageError } from './exit.ts'
import { readKeyFile } from './keys/key-file.ts'
import { printable } from './printable.ts'

/** As often as masters and workers read theirs. */
const rereadMs = 300_000

/**
 * Reads public keys.
 * @param keys a JWKS file's path, or the address of one, which is handed on as it is
 * @throws {UsageError} for a private part, and for any other keys that cannot be handed on
 */
export async function readSealGrant(keys: string): Promise<SealGrant> {
  const found = { keys: isAddress(keys) ? keys : await readKeyFile(keys) }
  const parsed = SealGrant.safeParse(found)
  // Beside its public parts a file may have members of others, with keys of their own in them
  if (parsed.success) return typeof found.keys === 'string' ? parsed.data : { keys: publicKeys(found.keys) }
  throw new UsageError(
    printable(`--seal ${hiddenAddress(keys)} cannot be handed on: ${parsed.error.issues[0]?.message}`),
  )
}

export interface ServedSeal {
  current(): SealGrant
  /** They stay as they are from now on. */
  stop(): void
}

/**
 * The keys as a bridge hands them on while it runs. A file is read again every five minutes, so that keys can rotate.
 * @param problem told why a file stays as it was read last
 */
export async function servedSeal(keys: string, problem: (message: string) => void): Promise<ServedSeal> {
  let current = await readSealGrant(keys)
  const read = async (): Promise<void> => {
    try {
      current = await readSealGrant(keys)
    } catch (error) {
      problem(`pages seal by the keys of before: ${(error as Error).message}`)
    }
  }
  const timer = isAddress(keys) ? undefined : setInterval(() => void read(), rereadMs).unref()
  return { current: () => current, stop: () => clearInterval(timer) }
}

/** In the words of a log. */
export const describeSealGrant = ({ keys }: SealGrant): string =>
  typeof keys === 'string' ? hiddenAddress(keys) : keys.keys.map(({ kid }) => String(kid)).join(', ')

/** Whether keys are named by an address, and not by a file. */
export const isAddress = (keys: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(keys)
