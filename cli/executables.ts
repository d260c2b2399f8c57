/** Where Node and Deno are, for the workers that `drover dev` starts. */
import { accessSync, constants, existsSync, realpathSync } from 'node:fs'
import { createRequire } from 'node:module'
import { delimiter, dirname, join } from 'node:path'
import process from 'node:process'
import { fileURLToPath } from 'node:url'

/** The folder that Drover itself is in. */
export const packageFolder: string = fileURLToPath(new URL('..', import.meta.url))

const require = createRequire(import.meta.url)
const suffix = process.platform === 'win32' ? '.exe' : ''

/** Whether this process is Deno. */
export const isDeno: boolean = process.versions['deno'] !== undefined

/** Node: this process's own, else the npm package's, else one on the path. */
export function findNode(): string | undefined {
  if (!isDeno) return process.execPath
  return inPackage('node', `bin/node${suffix}`) ?? onPath('node')
}

/**
 * Deno: this process's own, else the npm package's, else one on the path. The executable itself and not the package's
 * launcher, which would not pass signals on.
 */
export function findDeno(): string | undefined {
  if (isDeno) return process.execPath
  const platform = `${process.platform}-${process.arch}${process.platform === 'linux' ? '-glibc' : ''}`
  return inPackage('deno', `deno${suffix}`) ?? inPackage(`@deno/${platform}`, `deno${suffix}`) ?? onPath('deno')
}

function inPackage(name: string, file: string): string | undefined {
  try {
    const path = join(dirname(require.resolve(`${name}/package.json`)), file)
    return existsSync(path) ? path : undefined
  } catch {
    return undefined // not installed
  }
}

function onPath(program: string): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(folder => folder !== '')
  return folders
    .map(folder => join(folder, `${program}${suffix}`))
    .find(path => {
      try {
        accessSync(path, constants.X_OK)
        // `deno task` puts Deno itself on the path by the name of Node, for programs that ask for that
        return program !== 'node' || realpathSync(path) !== realpathSync(process.execPath)
      } catch {
        return false
      }
    })
}
