/** The module that `drover worker` is given: its exports, and the errors where they are missing. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Implementation } from 'drover/worker'
import { UsageError } from './exit.ts'

const howTo = 'export "tasks" (or a default), an array of results of implement(task, run)'

/**
 * Loads the tasks that a module implements.
 * @param path of the module, relative to `folder`
 * @throws {UsageError} when it is not there, does not load, or exports something else
 */
export async function loadTasks(path: string, folder: string): Promise<Implementation[]> {
  const file = resolve(folder, path)
  if (!existsSync(file)) throw new UsageError(`There is no module ${file}; give the path of a file that can ${howTo}`)
  const url = pathToFileURL(file).href
  let module: Record<string, unknown>
  try {
    module = (await import(url)) as Record<string, unknown>
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    const advice = /outside a module|Unexpected token 'export'/.test(reason)
      ? '; put "type": "module" into its package.json, or give the file a name that ends in .mts or .mjs'
      : ''
    throw new UsageError(`Cannot load ${path}: ${reason}${advice}`, { cause })
  }
  const found = module['tasks'] ?? module['default']
  if (found === undefined) throw new UsageError(`${path} exports no tasks; ${howTo}`)
  // The threads and processes of isolated tasks import the same file.
  return checkTasks(Array.isArray(found) ? found : [found], path).map(one => ({ ...one, module: one.module ?? url }))
}

function checkTasks(found: readonly unknown[], path: string): Implementation[] {
  if (found.length === 0) throw new UsageError(`${path} exports an empty list of tasks; ${howTo}`)
  const names = new Set<string>()
  for (const [index, one] of found.entries()) {
    if (!isImplementation(one)) {
      const hint = isTask(one) ? ' (a task without the function that does it)' : ''
      throw new UsageError(`${path} exports something at place ${index + 1} that is no implementation${hint}; ${howTo}`)
    }
    if (names.has(one.task.name)) throw new UsageError(`${path} implements "${one.task.name}" twice; keep one`)
    names.add(one.task.name)
  }
  return found as Implementation[]
}

function isImplementation(value: unknown): value is Implementation {
  if (typeof value !== 'object' || value === null || !('task' in value) || !('run' in value)) return false
  return isTask(value.task) && typeof value.run === 'function'
}

function isTask(value: unknown): boolean {
  return (
    typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string' && 'input' in value
  )
}
