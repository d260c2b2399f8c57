/**
 * Where the embedded broker of `drover dev` keeps messages. Each port has a file, as it has a secret by which jobs that wait have
 * their passes. A page keeps its jobs by its port as well.
 */
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { DroverError } from 'drover/contract'
import { UsageError } from '../exit.ts'
import type { Env } from '../settings.ts'
import { stateFolder } from '../state-folder.ts'

interface DataOptions {
  readonly env: Env
  readonly isActiveMq: boolean
  /** The file that `--data` names. */
  readonly data: string | undefined
  readonly isInMemory: boolean
}

/**
 * The file; `undefined` where nothing is kept.
 * @param port of the bridge; 0 for any that is free, whose jobs nobody would find again
 * @throws {UsageError} for options that exclude each other
 */
export function devData({ env, isActiveMq, data, isInMemory }: DataOptions, port: number): string | undefined {
  const hasOtherBroker = isActiveMq || Boolean(env['DROVER_BROKER'])
  if (hasOtherBroker && (data !== undefined || isInMemory)) {
    const option = data === undefined ? '--memory' : '--data'
    throw new UsageError(`${option} is for the broker that Drover brings; other brokers keep messages by themselves`)
  }
  if (data !== undefined && isInMemory)
    throw new UsageError('--data names a file and --memory wants none; use one of the two')
  if (data !== undefined) return data
  return hasOtherBroker || isInMemory || port === 0 ? undefined : join(stateFolder(env), `jobs-${port}.db`)
}

/** @throws {DroverError} `store_failed` */
export async function makeDataFolder(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  } catch (cause) {
    const why = (cause as Error).message
    throw new DroverError(
      'store_failed',
      `Jobs cannot be kept in ${file}: ${why}; name another file by --data, or start with --memory`,
      { cause },
    )
  }
}

export const describeData = (file: string | undefined): string =>
  file === undefined ? 'which keeps jobs in memory alone' : `which keeps jobs in ${file}`
