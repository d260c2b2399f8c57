/** `drover serve --data`: the embedded broker keeps messages in a file, through the command that starts it. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drover, startDrover } from '../support/cli/program.ts'
import { connectRaw } from '../support/raw-stomp.ts'

const queue = '/queue/myapp.kept'
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-data-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const env = { DROVER_SECRET: '0123456789abcdef0123456789abcdef', STOMP_PORT: '0' }

test('messages outlive kill -9 of the command; a second command is told who has the file', async () => {
  const data = join(folder, 'drover.db')
  const serve = ['serve', '--broker', 'embedded', '--port', '0', '--data', data]
  const start = async () => {
    const program = startDrover(serve, { env })
    const [, stomp = ''] = await program.says(/with its own broker, on stomp:\/\/(\S+), which keeps messages in \S+\n/)
    return { program, url: `stomp://foo:bar@${stomp}` }
  }
  const before = await start()
  {
    await using stomp = await connectRaw(before.url)
    await stomp.confirmed('SEND', { destination: queue }, 'kept')
    const second = await drover(serve, { env })
    expect([second.code, second.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^drover: \S+drover\.db is in use by the process \d+; end that first, or name another file\n$/,
      ),
    ])
    before.program.signal('SIGKILL')
    await before.program.ended
  }
  const after = await start()
  await using program = after.program
  await using stomp = await connectRaw(after.url)
  await stomp.subscribe(queue)
  expect((await stomp.next()).body).toBe('kept')
  program.signal('SIGTERM')
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
})

test('--data with another broker is refused', async () => {
  const { code, stderr } = await drover(['serve', '--broker', 'stomp://a:b@localhost:1', '--data', 'x.db'], { env })
  expect([code, stderr]).toEqual([2, expect.stringContaining('--data is for --broker embedded')])
})
