/** The settings of `drover serve` as the bridge takes them: at its start, and each time that they are read again. */
import type { ServeOptions } from 'drover/bridge'
import { allGrants } from '../../shared/contract/grants.ts'
import type { ServeSettings } from '../config/check-settings.ts'
import type { ServedSeal } from '../seal-grant.ts'
import type { Env } from '../settings.ts'

export interface Prepared {
  readonly settings: ServeSettings
  readonly options: ServeOptions
  readonly secrets: readonly string[]
  /** Kept while the bridge runs. */
  readonly seal: ServedSeal | undefined
  /** For the operator. */
  readonly notes: readonly string[]
}

/**
 * Reads all that settings name.
 * @param running the secrets of a bridge that runs
 * @param warn told later why keys of a file stay as they were
 * @throws {UsageError}
 */
export async function prepare(
  settings: ServeSettings,
  env: Env,
  warn: (text: string) => void,
  running?: readonly string[],
): Promise<Prepared> {
  const { broker, port } = settings
  const access = accessOf(settings)
  const seal = settings.seal === undefined ? undefined : await readSeal(settings.seal, warn)
  const secretEnv = { ...env, DROVER_SECRET: undefined, DROVER_SECRET_FILE: settings.secretFile }
  const { revocationsFile, storedSecret } = await import('../stored-secret.ts')
  const { secrets, note = [] } = settings.secrets
    ? { secrets: settings.secrets }
    : await storedSecret({ env: secretEnv, broker, port, running })
  return {
    settings,
    secrets,
    seal,
    notes: [...access.notes, ...[note].flat()],
    options: {
      hostname: settings.host,
      port,
      base: settings.base,
      broker,
      brokerTls: settings.brokerTls,
      stompPort: settings.stompPort,
      data: settings.data,
      revocations: revocationsFile({ env: secretEnv, broker, port }),
      maxDataBytes: settings.maxDataBytes,
      users: access.users,
      secret: secrets,
      issuer: settings.issuer,
      issuers: settings.issuers,
      seal: seal?.current,
      hosts: settings.hosts,
      origins: settings.origins,
      trustProxy: settings.trustProxy,
      limits: settings.limits,
      audit: settings.audit,
      metrics: settings.metrics,
    },
  }
}

async function readSeal(keys: string, warn: (text: string) => void): Promise<ServedSeal> {
  return (await import('../seal-grant.ts')).servedSeal(keys, warn)
}

/** Who may sign in by password. */
function accessOf({ users, issuers }: ServeSettings) {
  if (users !== undefined) return { users, notes: [] }
  if (issuers.length > 0) return { users: [], notes: [] }
  return {
    users: [{ login: 'foo', password: 'bar', grants: allGrants }],
    notes: ['no --users: foo may sign in with bar, from this machine'],
  }
}
