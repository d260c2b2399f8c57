/** Whether this is a child of a worker. A worker that its module starts there would start children without end. */
import { DroverError } from '../../shared/contract/mod.ts'

// Of the thread or process, and not of this module: a task's code may have another copy of it.
const mark = Symbol.for('drover.isolated')

export function markInside(): void {
  Object.defineProperty(globalThis, mark, { value: true })
}

/** @throws {DroverError} `config_invalid` in a child */
export function refuseInside(): void {
  if (!(mark in globalThis)) return
  const remedy = 'put the tasks into a module of their own, or start the worker only where import.meta.main is true'
  throw new DroverError(
    'config_invalid',
    `The module of an isolated task starts a worker as it is imported, and each child imports it; ${remedy}`,
  )
}
