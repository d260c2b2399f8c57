/** The commands that run `drover worker` with the example tasks, under Node and under Deno. */
import { extname, join } from 'node:path'
import { defaultPorts } from '../../shared/stomp/sockets/address.ts'
import { findDeno, findNode, packageFolder } from '../executables.ts'

export interface WorkerCommand {
  /** Both the process's name in the output and the worker's. */
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

export interface WorkerCommands {
  readonly workers: readonly WorkerCommand[]
  /** Shortcomings, in sentences for people. */
  readonly notes: readonly string[]
}

/** The ending of this file: TypeScript in a checkout, JavaScript in the published package. */
const ending = extname(import.meta.url)
const main = join(packageFolder, `cli/main${ending}`)
const tasks = join(packageFolder, `examples/tasks/mod${ending}`)

/**
 * One worker under Node and one under Deno; where one of the two is missing, both under the other.
 * @param url where they connect: of it, the Deno worker is allowed the host and port and nothing else
 * @param readable the folder that the tasks may read, and the file of keys
 */
export function workerCommands(url: string, readable: readonly string[]): WorkerCommands {
  const node = findNode()
  const deno = findDeno()
  const underNode = (name: string): WorkerCommand[] =>
    node === undefined ? [] : [{ name, command: [node, main, ...argumentsOf(name)] }]
  const underDeno = (name: string): WorkerCommand[] =>
    deno === undefined
      ? []
      : [{ name, command: [deno, 'run', ...denoPermissions(url, readable), main, ...argumentsOf(name)] }]
  if (node === undefined) {
    return {
      workers: [...underDeno('deno-1'), ...underDeno('deno-2')],
      notes: ['there is no Node here: both workers run under Deno'],
    }
  }
  if (deno === undefined) {
    const note = 'there is no Deno here: both workers run under Node; "npm install" brings Deno'
    return { workers: [...underNode('node-1'), ...underNode('node-2')], notes: [note] }
  }
  return { workers: [...underNode('node-1'), ...underDeno('deno-1')], notes: [] }
}

function argumentsOf(name: string): string[] {
  return [
    'worker',
    tasks,
    '--name',
    name,
    '--concurrency',
    '2',
    '--presence-interval',
    '2s',
    '--json',
    '--end-with-stdin',
  ]
}

/** The needs of the example tasks and no more: the broker, the files, the facts of `host.facts`, and sharp's native code. */
function denoPermissions(url: string, readable: readonly string[]): string[] {
  const modules = join(packageFolder, 'node_modules')
  return [
    '--quiet',
    '--no-prompt',
    '--cached-only',
    `--config=${join(packageFolder, 'deno.json')}`,
    `--allow-net=${hostAndPort(url)}`,
    `--allow-read=${[packageFolder, ...readable].join()}`,
    `--allow-ffi=${['@img', 'sharp', '.deno'].map(name => join(modules, name))}`, // by npm, or where Deno installs
    '--allow-env',
    '--allow-sys',
  ]
}

const webSocketPorts: Readonly<Record<string, number>> = { 'ws:': 80, 'wss:': 443 }

function hostAndPort(address: string): string {
  const { hostname, port, protocol } = new URL(address)
  return `${hostname}:${port || defaultPorts[protocol] || webSocketPorts[protocol]}`
}
