/**
 * The secrets of a bridge, of which most have one. One that was made here is kept on disk: jobs that wait at the broker have passes
 * by it, and tokens are signed with it. Design section 4.
 */
import { Buffer } from 'node:buffer'
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { minSecretBytes } from '../bridge/tokens/signing-key.ts'
import { UsageError } from './exit.ts'
import type { Env } from './settings.ts'
import { nameOfBroker, stateFolder } from './state-folder.ts'

export interface StoredSecret {
  /** The first signs. */
  readonly secrets: readonly string[]
  /** For the operator: where it is, or that it is nowhere. */
  readonly note?: string
}

export interface StoredSecretOptions {
  readonly env: Env
  /** `embedded`, or the broker's URL: bridges of one broker on this machine have one secret. */
  readonly broker: string
  /** Of the bridge; 0: any that is free, under which nobody finds it again. */
  readonly port: number
  /** Of a bridge that runs: then none is made. */
  readonly running?: readonly string[] | undefined
}

/** A secret that is made here has a byte a character. */
const leastLength = minSecretBytes

/**
 * Several secrets in one text have a line each. Text of one line is one secret, as it stands.
 * @returns the one that signs first
 */
export function secretLines(text: string): readonly string[] {
  const lines = text.split(/\r?\n/).filter(line => line.trim() !== '')
  return lines.length > 1 ? lines : [text]
}

/**
 * The secrets in `DROVER_SECRET`, else those in the file that `DROVER_SECRET_FILE` names, else those in the user's state
 * folder. A file that is not there is made, for its owner alone.
 * @throws {UsageError} for a file that holds no secret, or that was named and cannot be used
 */
export async function storedSecret({ env, broker, port, running }: StoredSecretOptions): Promise<StoredSecret> {
  if (env['DROVER_SECRET']) return { secrets: secretLines(env['DROVER_SECRET']) }
  const named = env['DROVER_SECRET_FILE']
  if (!named && broker === 'embedded' && port === 0) return { secrets: running ?? [randomSecret()] }
  const file =
    named || join(stateFolder(env), `secret-${broker === 'embedded' ? `embedded-${port}` : nameOfBroker(broker)}`)
  try {
    if (running !== undefined) return await readAgain(file, named ? undefined : running)
    const { secrets, isNew } = await readOrMake(file)
    return isNew ? { secrets, note: `its secret is kept in ${file}` } : { secrets }
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    const { message } = cause as Error
    if (named) throw new UsageError(`DROVER_SECRET_FILE cannot be used: ${message}`, { cause })
    const note = `its secret cannot be kept (${message}): with the next start tokens are refused, and jobs that wait go to the dead queue; set DROVER_SECRET, or DROVER_SECRET_FILE to a file that can be written`
    return { secrets: running ?? [randomSecret()], note }
  }
}

/**
 * Where a bridge keeps the tokens that were revoked: beside its secret, for each port by itself.
 * @returns `undefined` for a port under which nobody finds it again
 */
export function revocationsFile({ env, broker, port }: StoredSecretOptions): string | undefined {
  if (port === 0) return undefined
  const named = env['DROVER_SECRET_FILE']
  if (named) return `${named}.revoked-${port}`
  return join(stateFolder(env), `revoked-${broker === 'embedded' ? 'embedded' : nameOfBroker(broker)}-${port}`)
}

/** @param instead of a file that is not there; absent: that is a mistake */
async function readAgain(file: string, instead: readonly string[] | undefined): Promise<StoredSecret> {
  const secrets = (await readAndClose(file)) ?? instead
  if (secrets !== undefined) return { secrets }
  throw new UsageError(`The file of the secret, ${file}, is not there; a bridge that runs makes no new secret`)
}

async function readOrMake(file: string): Promise<{ readonly secrets: readonly string[]; readonly isNew: boolean }> {
  const found = await readAndClose(file)
  if (found !== undefined) return { secrets: found, isNew: false }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  // Whole or not there: another bridge may start in this moment
  const made = `${file}.${crypto.randomUUID()}`
  const secret = randomSecret()
  await writeFile(made, `${secret}\n`, { mode: 0o600, flag: 'wx' })
  try {
    await link(made, file)
    return { secrets: [secret], isNew: true }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return { secrets: (await readAndClose(file)) ?? [secret], isNew: false }
  } finally {
    await unlink(made)
  }
}

/** For its owner alone from now on. */
async function readAndClose(file: string): Promise<readonly string[] | undefined> {
  const found = await readSecrets(file)
  if (found !== undefined) await chmod(file, 0o600).catch(() => {}) // somebody else's, such as a mounted one
  return found
}

/**
 * Reads the secrets in a file, and changes nothing.
 * @returns `undefined` where it is not there
 * @throws {UsageError} for a file that holds no secret
 */
export async function readSecrets(file: string): Promise<readonly string[] | undefined> {
  let text: string
  try {
    text = (await readFile(file, 'utf8')).trim()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const secrets = secretLines(text).map(line => line.trim())
  const short = secrets.findIndex(({ length }) => length < leastLength)
  if (short >= 0) {
    const where = secrets.length === 1 ? file : `Line ${short + 1} of ${file}`
    const wayOut =
      secrets.length === 1
        ? 'Delete it, and a new one is made: jobs that wait then go to the dead queue'
        : 'Each line is a secret, and the first one signs'
    throw new UsageError(
      `${where} holds ${secrets[short]!.length} characters and no secret; expected at least ${leastLength}. ${wayOut}`,
    )
  }
  return secrets
}

const randomSecret = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('base64url')
