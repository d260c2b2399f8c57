/** libfaketime, which sets the clock of one process while it runs. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { run } from './commands.ts'

/** The folders where systems keep libraries; Debian has one for each kind of machine. */
const folders = ['/usr/lib', '/usr/lib64', '/usr/local/lib']
const libraryName = join('faketime', 'libfaketimeMT.so.1')

/** The library for programs with threads; undefined where there is none. */
export function findFaketime(): string | undefined {
  const below = folders.flatMap(folder => [folder, ...foldersIn(folder)])
  return below.map(folder => join(folder, libraryName)).find(existsSync)
}

/** True when this Node's clock is set by it. */
export async function canFakeTime(): Promise<boolean> {
  const library = findFaketime()
  if (library === undefined) return false
  const env = { LD_PRELOAD: library, FAKETIME: '2001-02-03 04:05:06' }
  const { output } = await run([process.execPath, '--print', 'new Date().getUTCFullYear()'], { env })
  return output.trim() === '2001'
}

function foldersIn(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true })
    .filter(entry => entry.isDirectory())
    .map(({ name }) => join(folder, name))
}
