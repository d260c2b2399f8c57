/** A worker's seal, loaded where its options have one. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/mod.ts'
import type { Seal, SealOptions } from '../../shared/seal/mod.ts'

export interface LoadSealPorts {
  readonly clock: Clock
  readonly readText?: ((path: string) => Promise<string>) | undefined
  problem(message: string, error?: unknown): void
}

/**
 * @returns resolves once its keys are there
 * @throws {DroverError} `keys_unavailable` when their place cannot be read, `config_invalid` when it holds none that can be used
 */
export async function loadSeal(options: SealOptions, { clock, readText, problem }: LoadSealPorts): Promise<Seal> {
  const { createSeal } = await import('../../shared/seal/mod.ts')
  const seal = createSeal(options, { clock, problem, ...(readText === undefined ? {} : { readText }) })
  await seal.ready()
  if (seal.openers.length > 0) return seal
  throw new DroverError(
    'config_invalid',
    'None of the keys of this worker opens a job: their private parts are missing; give it the file that `drover keys new` made',
  )
}
