/** The seal of a command that dispatches or works: options, environment, and the first look at its keys. */
import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { DroverError } from 'drover/contract'
import type { Seal, SealOptions } from 'drover/seal'
import { systemClock } from '../shared/clock.ts'
import { readKeyText } from '../shared/seal/node-text.ts'
import { UsageError } from './exit.ts'
import { printable } from './printable.ts'
import type { Env } from './settings.ts'
import { devKeysFile } from './state-folder.ts'

export interface SealCommandOptions {
  seal?: string
  sealSign?: string
  sealSigned?: boolean
}

/** @param use of the keys, as its help says it */
export function addSealOptions(command: Command, use: string): Command {
  return command
    .option('--seal <keys>', `${use}: the file or the http(s) address of a JWKS`)
    .option('--seal-sign <kid>', 'sign by this private key of the set')
    .option('--seal-signed', 'refuse jobs and replies without a signature')
}

/**
 * The seal that a command was given: by `--seal`, else by `DROVER_SEAL`, else that of a `drover dev --seal` that runs for this
 * broker.
 * @param url of the broker or bridge
 * @returns `undefined` where nothing is sealed
 * @throws {UsageError} for an option that cannot be used so
 */
export async function givenSeal(
  { seal, sealSign, sealSigned }: SealCommandOptions,
  env: Env,
  url: string,
): Promise<SealOptions | undefined> {
  const keys = given('--seal', seal) ?? (env['DROVER_SEAL'] || undefined) ?? (await ofDev(env, url))
  if (keys !== undefined) {
    return { keys, sign: given('--seal-sign', sealSign), signed: sealSigned === true ? 'required' : undefined }
  }
  if (sealSign === undefined && sealSigned !== true) return undefined
  throw new UsageError(`${sealSign === undefined ? '--seal-signed' : '--seal-sign'} needs keys; name them by --seal`)
}

function given(option: string, value: string | undefined): string | undefined {
  if (value === '') throw new UsageError(`${option} is empty; expected ${option === '--seal' ? 'a JWKS' : 'a kid'}`)
  return value
}

async function ofDev(env: Env, url: string): Promise<string | undefined> {
  const file = devKeysFile(env, url)
  if (file === undefined) return undefined
  return (await stat(file).catch(() => undefined)) && file
}

/**
 * Reads the keys once, so that those which cannot be used end the command before it does anything.
 * @throws {UsageError} for a file that cannot be read, {DroverError} `keys_unavailable` for an address that is away, and
 * `config_invalid` for no set of keys, or one without the key to sign by
 */
async function readSeal(options: SealOptions): Promise<Seal> {
  const { createSeal } = await import('drover/seal')
  const seal = createSeal(options, { clock: systemClock, problem: () => {}, readText: readKeyText })
  try {
    await seal.ready()
    return seal
  } catch (cause) {
    if (!(cause instanceof DroverError)) throw cause
    const message = printable(cause.message)
    const isFile = typeof options.keys === 'string' && !/^https?:/i.test(options.keys)
    if (isFile && cause.code === 'keys_unavailable') throw new UsageError(message, { cause })
    throw new DroverError(cause.code, message, { cause })
  }
}

/**
 * The keys that a job is sealed to now.
 * @throws {UsageError} when there are none
 */
export async function recipientsOf(options: SealOptions): Promise<readonly string[]> {
  const { recipients } = await readSeal(options)
  if (recipients.length > 0) return recipients
  const found = 'each is before its "nbf" or past its "exp"; `drover keys rotate` adds one'
  throw new UsageError(`None of the keys of ${placeOf(options)} seals at present: ${found}`)
}

/**
 * The keys that open here.
 * @throws {UsageError} when there are none
 */
export async function openersOf(options: SealOptions): Promise<readonly string[]> {
  const { openers } = await readSeal(options)
  if (openers.length > 0) return openers
  const found = 'their private parts are missing; a worker needs the file that `drover keys new` made'
  throw new UsageError(`None of the keys of ${placeOf(options)} opens a job: ${found}`)
}

/** A query may have a token in it. */
const placeOf = ({ keys }: SealOptions): string =>
  typeof keys === 'string' ? printable(keys.replace(/[?#].*$/s, '')) : 'the bridge'
