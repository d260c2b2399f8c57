/** The Node that Drover needs: an older one is refused before it misses something. */
import process from 'node:process'
import { DroverError } from './contract/errors.ts'

/** The oldest major version that the tests run on; `engines` in package.json says the same. */
export const leastNode = 24

/**
 * Checks the Node that this runs on. Deno and others only look like Node, and have versions of their own.
 * @param versions `process.versions`
 * @throws {DroverError} `config_invalid`
 */
export function checkNode(versions: Readonly<Record<string, string | undefined>> = process.versions): void {
  const { node = '', deno, bun } = versions
  if (deno !== undefined || bun !== undefined || Number.parseInt(node, 10) >= leastNode) return
  throw new DroverError(
    'config_invalid',
    `Drover needs Node ${leastNode} or newer, and this is Node ${node}: update it`,
  )
}
