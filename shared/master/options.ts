/** The options of a master. Those of a job are in dispatch/dispatcher.ts. */

import type { Clock } from '../clock.ts'
import { DroverError } from '../contract/errors.ts'
import type { SealOptions } from '../seal/mod.ts'
import type { ConnectOptions, Stomp } from '../stomp/mod.ts'
import type { Tracing } from '../tracing/port.ts'
import type { JobStorage } from './storage/storage.ts'

export interface MasterOptions extends Omit<ConnectOptions, 'url' | 'clientId'> {
  /** `ws:` or `wss:`; with a socket of Node or Deno also `stomp:` and `stomp+ssl:`. Not needed with `stomp`. */
  readonly url?: string | URL | undefined
  /** A connection made elsewhere, which stays its maker's to close. */
  readonly stomp?: Stomp | undefined
  /** Where jobs are kept until their outcome and beyond. Default: in memory. */
  readonly storage?: JobStorage | undefined
  /** Names this master's reply queue: letters, digits, `_` and `-`. Default: the one in storage, else a new one. */
  readonly masterId?: string | undefined
  /**
   * `own`: a reply queue of this master. `single`: `{ns}.reply`, where programs of the original kind answer; only one
   * master may read it. Default `own`.
   */
  readonly replyQueue?: 'own' | 'single' | undefined
  /** How many ended jobs are kept: those that ended last, and of failed ones more. `letGo` counts the others. Default 1000. */
  readonly keepEnded?: number | undefined
  /** How many replies are kept of each job, apart from partials: the newest. `dropped` counts the others. Default 500. */
  readonly keepReplies?: number | undefined
  /** How many partials are kept of each job: the newest. `dropped_partials` counts the others. Default 2000. */
  readonly keepPartials?: number | undefined
  /**
   * How long past its timeout a job that may have left is waited for while there is no connection, since its outcome may
   * be waiting. Default 30 000.
   */
  readonly awayGraceMs?: number | undefined
  /** Seals every job, so that nobody on the way can read it. docs/security.md. Default: jobs travel in the open. */
  readonly seal?: SealOptions | undefined
  /** Reads the file that `seal.keys` names. Node and Deno have one. */
  readonly readText?: ((path: string) => Promise<string>) | undefined
  /** Spans of each job, such as `openTelemetry()` of `drover/otel`. Default on Node and Deno: by OpenTelemetry, where its SDK is started. */
  readonly tracing?: Tracing | undefined
  readonly clock?: Clock | undefined
  /** Makes a UUID. Default: version 4. */
  readonly newId?: (() => string) | undefined
}

/** @throws {DroverError} `config_invalid` naming the option that is out of range */
export function checkKeeps({ keepEnded, keepReplies, keepPartials }: MasterOptions): void {
  checkWhole('keepEnded', keepEnded, 0)
  checkWhole('keepReplies', keepReplies, 1)
  checkWhole('keepPartials', keepPartials, 1)
}

export function checkMasterId(masterId: string): string {
  if (/^[A-Za-z0-9_-]{1,100}$/.test(masterId)) return masterId
  throw new DroverError('config_invalid', `masterId is "${masterId}"; expected 1 to 100 letters, digits, _ and -`)
}

/** @throws {DroverError} `config_invalid` naming the option that is out of range */
export function checkWhole(
  name: string,
  value: number | undefined,
  least: number,
  most: number = Number.MAX_SAFE_INTEGER,
): void {
  if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return
  const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`
  throw new DroverError('config_invalid', `${name} is ${value}; expected a whole number ${range}`)
}
