/** The user's folder for files that a command has to find again, and names in it for a broker. */
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Env } from './settings.ts'

/** By the XDG Base Directory Specification. */
export const stateFolder = (env: Env): string =>
  join(env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'drover')

/** Of its scheme, host and port: neither login nor password is in a file's name. */
export const nameOfBroker = (url: string): string => {
  const { protocol, hostname, port } = new URL(url)
  return `${protocol.slice(0, -1)}-${hostname}-${port}`.replace(/[^A-Za-z0-9.-]+/g, '_')
}

/**
 * Where the keys of a `drover dev --seal` in front of a broker are, while it runs.
 * @returns `undefined` for text that is no address
 */
export function devKeysFile(env: Env, url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const local = url.replace(/^([a-z+]+:\/\/(?:[^@/]*@)?)(?:localhost|\[::1\])(?=[:/]|$)/i, '$1127.0.0.1')
  return join(stateFolder(env), `seal-${nameOfBroker(local)}.json`)
}
