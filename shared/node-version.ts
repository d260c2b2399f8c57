/** The Node that Drover needs, said before something of a newer one is missed. */
import process from 'node:process'
import { DroverError } from './contract/errors.ts'

/** The oldest major version that the tests run on; `engines` in package.json says the same. */
export const leastNode = 24

/**
 * Checks the Node that this runs on. What only looks like Node, such as Deno, has versions of its own.
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
