import process from 'node:process'

/** The runtime of this process: `node 24.21.0` or `deno 2.9.6`. */
export function runtimeName(): string {
  const { deno, node } = process.versions
  return deno === undefined ? `node ${node}` : `deno ${deno}`
}
