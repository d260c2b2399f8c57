import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { until } from '../../test/support/until.ts'
import { fromCommand } from './from-command.ts'

test.skipIf(process.platform === 'win32')(
  'all parts of a command that hangs end with it, though one ignores signals that ask',
  async () => {
    await using folder = {
      path: await mkdtemp(join(tmpdir(), 'drover-command-')),
      [Symbol.asyncDispose]: () => rm(folder.path, { recursive: true }),
    }
    const file = join(folder.path, 'pid')
    const pidOf = async (): Promise<number> => Number(await readFile(file, 'utf8').catch(() => ''))
    const limit = new AbortController()
    const command = `trap '' TERM; sh -c 'echo $$ > ${file}; exec sleep 600' | cat`
    const read = fromCommand(command, '--token-command', limit.signal)
    read.catch(() => {}) // it is looked at below
    await until('the command runs', async () => (await pidOf()) > 0)
    limit.abort()
    await expect(read).rejects.toThrow('--token-command: the command did not end within 9 s; run it by hand to see why')
    const pid = await pidOf()
    await until('its last part has ended', () => !isAlive(pid))
  },
)

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
