/** Who may sign in by password, where it matters that others reach the bridge. */
import { isLoopback } from '../../shared/hosts.ts'
import type { ServeConfig } from './schema.ts'

/** @returns the reasons why everybody could get in from elsewhere, or nobody knows the secret; each is a mistake */
export function accessFaults(
  { host = '127.0.0.1', users, issuers = [], secret, secret_file }: ServeConfig,
  nameOf: (key: 'host') => string,
): string[] {
  const where = `${nameOf('host')} ${host}`
  if (isLoopback(host)) return []
  const faults: string[] = []
  if (users === undefined && issuers.length === 0)
    faults.push(`${where} would let others in as foo/bar; name your own users by --users`)
  if (secret === undefined && secret_file === undefined)
    faults.push(
      `${where} needs DROVER_SECRET, at least 32 characters, or a file of its own for the secret; "openssl rand -base64 32" makes one`,
    )
  return faults
}
