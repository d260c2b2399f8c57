/** The path below which a bridge answers, where it shares its name with other programs behind a proxy. */
import { getPath } from 'hono/utils/url'
import { DroverError } from '../../shared/contract/errors.ts'

/**
 * Reads a base.
 * @returns it without a slash at its end; empty for none
 * @throws {DroverError} `config_invalid`
 */
export function readBase(given: string | undefined): string {
  const base = (given ?? '').replace(/\/$/, '')
  if (base === '' || (/^(?:\/[\w.~-]+)+$/.test(base) && !/\/\.{1,2}(?:\/|$)/.test(base))) return base
  throw new DroverError(
    'config_invalid',
    `base is ${JSON.stringify(base.slice(0, 200))}; expected a path such as /drover, of letters, digits and - . _ ~`,
  )
}

/** Nothing is there. */
const elsewhere = '/*'

/** Supervisors of processes ask for these, and need not know the base. */
export const probes: ReadonlySet<string> = new Set(['/health', '/ready'])

/** @returns gives the path of a request as if there were no base */
export function pathBelow(base: string): (request: Request) => string {
  if (base === '') return getPath
  return request => {
    const path = getPath(request)
    if (path.startsWith(`${base}/`)) return path.slice(base.length)
    return probes.has(path) ? path : elsewhere
  }
}
