import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** True when `program` can be run by its bare name. */
export function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some(folder => isExecutable(join(folder, program)))
}

/** True when the file at `path` exists and may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
