/**
 * The command of a process that runs isolated tasks under Deno. Deno says of a permission whether a process has all of it, and not
 * which parts. The child is given those that its worker has as a whole, and the rest is for the task to say (`flags`).
 */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { DroverError } from '../../shared/contract/mod.ts'
import type { FromChild } from './messages.ts'
import { type CommandOf, startChildBy } from './node-child.ts'
import type { StartChild } from './port.ts'

const permissions = ['read', 'write', 'net', 'env', 'sys', 'run', 'ffi', 'import'] as const

const denoCommand: CommandOf = (program, { memoryMb, flags = [] }) => {
  const granted = permissions.filter(name => Deno.permissions.querySync({ name }).state === 'granted')
  const memory = memoryMb === undefined ? [] : [`--v8-flags=--max-old-space-size=${memoryMb}`]
  const hasConfig = flags.some(flag => /^(-c|--(no-)?config)\b/.test(flag))
  return [
    Deno.execPath(),
    'run',
    '--quiet',
    '--no-prompt',
    ...granted.map(name => `--allow-${name}`),
    ...(granted.includes('read') ? [] : [`--allow-read=${dirname(program)}`]), // of its own threads
    ...memory,
    ...(hasConfig ? [] : configOf(process.cwd())),
    ...flags,
    program,
  ]
}

const start = startChildBy(denoCommand)

export const startDenoChild: StartChild = options => {
  if (options.kind === 'process') return start({ ...options, onMessage: said => options.onMessage(withRemedy(said)) })
  if (options.memoryMb === undefined) return start(options)
  const remedy = "leave memoryMb out, or take isolate: 'process'"
  throw new DroverError(
    'config_invalid',
    `memoryMb is ${options.memoryMb}, and Deno bounds the heap of no thread; ${remedy}`,
  )
}

/** Deno asks for an option that its user may have given to the worker. */
function withRemedy(said: FromChild): FromChild {
  if (said.is !== 'unloadable' || !/^Requires .*access/.test(said.reason)) return said
  const why = 'a process has each permission that its worker has as a whole'
  return {
    ...said,
    reason: `${said.reason}; ${why}, and others by flags: implement(task, run, { …, flags: ['--allow-…'] })`,
  }
}

/** That of the worker's folder, or above it. Deno would look beside its program, which is this package's. */
function configOf(folder: string): string[] {
  try {
    const found = ['deno.json', 'deno.jsonc'].map(name => join(folder, name)).find(path => existsSync(path))
    if (found !== undefined) return [`--config=${found}`]
  } catch {
    return [] // it may not look there
  }
  return dirname(folder) === folder ? [] : configOf(dirname(folder))
}
