/** `drover serve --data`: the embedded broker keeps messages in a file, through the command that starts it. */
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drover, jsonLines, startDrover } from '../support/cli/program.ts'
import { freePorts } from '../support/free-ports.ts'
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

test('--data-limit bounds the file, and says what it is of', async () => {
  const data = join(folder, 'small.db')
  const serve = ['serve', '--broker', 'embedded', '--port', '0', '--data', data]
  await using program = startDrover([...serve, '--data-limit', '1MiB'], { env })
  const [, stomp = ''] = await program.says(/with its own broker, on stomp:\/\/(\S+), which/)
  await using peer = await connectRaw(`stomp://foo:bar@${stomp}`)
  await peer.confirmed('SEND', { destination: queue }, 'x'.repeat(150_000))
  peer.send('SEND', { destination: queue }, 'x'.repeat(150_000))
  const { headers } = await peer.next({ command: 'ERROR' })
  expect([headers['drover-code'], headers.message]).toEqual(['queue_full', expect.stringContaining('on disk')])
  const [nothing, bad] = await Promise.all([
    drover(['serve', '--broker', 'embedded', '--data-limit', '1GiB'], { env }),
    drover([...serve, '--data-limit', '20'], { env }),
  ])
  expect([nothing.code, nothing.stderr]).toEqual([2, expect.stringContaining('bounds the file of --data')])
  expect([bad.code, bad.stderr]).toEqual([2, expect.stringContaining('"20" is no size')])
})

test('--data with another broker is refused', async () => {
  const { code, stderr } = await drover(['serve', '--broker', 'stomp://a:b@localhost:1', '--data', 'x.db'], { env })
  expect([code, stderr]).toEqual([2, expect.stringContaining('--data is for --broker embedded')])
})

/** `drover dev`, and the file that it keeps jobs in, as it says. */
async function startDev(settings: Record<string, string>, ...args: string[]) {
  const program = startDrover(['dev', ...args], { env: settings })
  await program.says(/^ready /m, 60_000) // it may build the page first
  const [, kept = ''] = await program.says(/^broker +embedded, on \S+, which keeps jobs in (.+)$/m)
  return { program, kept }
}

test('drover dev keeps jobs by default, through kill -9; --memory does not, and the second of one file is told', async () => {
  const [port = 0, stompPort = 0, otherPort = 0, otherStompPort = 0] = await freePorts(4)
  const settings = { PORT: `${port}`, STOMP_PORT: `${stompPort}`, XDG_STATE_HOME: folder }
  const other = { PORT: `${otherPort}`, STOMP_PORT: `${otherStompPort}`, XDG_STATE_HOME: folder }
  const url = `stomp://foo:bar@127.0.0.1:${stompPort}`
  const file = join(folder, 'drover', `jobs-${port}.db`)
  {
    const { program, kept } = await startDev(settings)
    expect(kept).toBe(file)
    await using stomp = await connectRaw(url)
    await stomp.confirmed('SEND', { destination: queue }, 'kept')
    const second = await drover(['dev', '--data', file], { env: other })
    expect([second.code, second.stderr]).toEqual([
      1,
      `drover: ${file} is in use by the process ${program.pid}; end that first, or name another file\n`,
    ])
    program.signal('SIGKILL')
    await program.ended
  }
  {
    const { program, kept } = await startDev(other, '--memory')
    await using _ = program
    expect(kept).toBe('memory alone')
    expect(jsonLines((await drover(['dispatch', 'host.facts'], { env: other })).stdout).at(-1).type).toBe('result')
  }
  expect((await readdir(join(folder, 'drover'))).filter(name => name.startsWith('jobs'))).not.toContain(
    `jobs-${otherPort}.db`,
  )
  const { program } = await startDev(settings)
  await using _ = program
  await using stomp = await connectRaw(url)
  await stomp.subscribe(queue)
  expect((await stomp.next()).body).toBe('kept')
}, 120_000)

test.for([
  [['--data', 'x.db', '--memory'], {}, /use one of the two/],
  [['--memory'], { DROVER_BROKER: 'stomp://a:b@localhost:1' }, /--memory is for the broker that Drover brings/],
  [['--data', 'x.db', '--activemq'], {}, /--data is for the broker that Drover brings/],
] as const)('drover dev %j with %j is refused', async ([args, more, why]) => {
  const { code, stderr } = await drover(['dev', ...args], { env: { ...env, ...more } })
  expect([code, stderr]).toEqual([2, expect.stringMatching(why)])
})

test('drover dev says what to do where it may not keep jobs', async () => {
  const [port = 0, stompPort = 0] = await freePorts(2)
  const settings = { PORT: `${port}`, STOMP_PORT: `${stompPort}` }
  const { code, stderr } = await drover(['dev', '--data', '/dev/null/x.db'], { env: settings })
  expect([code, stderr]).toEqual([1, expect.stringMatching(/name another file by --data, or start with --memory\n$/)])
})
