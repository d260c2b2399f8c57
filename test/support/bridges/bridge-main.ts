/** One bridge, on the runtime that runs this; ends when its standard input does. Writes its events, a JSON text a line. */
import process from 'node:process'
import type { ServeOptions } from '../../../bridge/node.ts'
import { printableJson } from '../../../cli/printable.ts'

const { serveBridge }: typeof import('../../../bridge/node.ts') =
  'Deno' in globalThis ? await import(`../../../bridge/${'deno'}.ts`) : await import('../../../bridge/node.ts')

// A line separator of Unicode would end a line for its reader
const say = (what: unknown): void => console.log(printableJson(what))
const options = JSON.parse(process.argv[2] ?? '{}') as ServeOptions
const bridge = await serveBridge({ ...options, onEvent: event => say({ event }) })
const { url, stompUrl, signInUrl, metricsUrl } = bridge
say({ ready: { url, stompUrl, signInUrl, metricsUrl } })
process.stdin.resume()
process.stdin.on('end', () => {
  void bridge.close().then(() => process.exit(0))
})
