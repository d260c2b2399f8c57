/** Sealed jobs from the command line. A log has no payload of them, and keys rotate under a worker that runs. */
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startMaster } from 'drover/master'
import { type Jwk, newKey, publicKeys } from 'drover/seal'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drover, jsonLines, type Program, startDrover } from '../support/cli/program.ts'
import { startTestBed, type TestBed } from '../support/cli/test-bed.ts'
import { freePorts } from '../support/free-ports.ts'
import { connectRaw as connectRawSession } from '../support/raw-session.ts'
import { connectRaw } from '../support/raw-stomp.ts'

const plain = 'Zm9vYmFy-plain-text'
const module = 'test/cli/fixtures/sealed.ts'
const key = await newKey('x25519')
let folder: string
let testBed: TestBed
let workers: readonly [Program, Program]
let env: Record<string, string>
const at = (name: string): string => join(folder, name)
const write = (name: string, ...keys: object[]) => writeFile(at(name), JSON.stringify({ keys }))

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-sealed-'))
  await Promise.all([
    write('keys.json', key),
    write('public.json', ...publicKeys({ keys: [key] }).keys),
    write('over.json', { ...key, exp: Date.now() / 1_000 - 60 }),
  ])
  testBed = await startTestBed()
  env = { DROVER_URL: testBed.url, DROVER_SEAL: at('public.json') }
  const asJson = startDrover(['worker', module, '--name', 'json', '--json', '--seal', at('keys.json')], { env })
  workers = [await testBed.worker('text', module, { DROVER_SEAL: at('keys.json') }), asJson]
  await asJson.says(/"event":"ready"/)
})
afterAll(async () => {
  await workers?.[1][Symbol.asyncDispose]()
  await testBed?.[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

async function dispatch(how: string, ...args: string[]) {
  const input = JSON.stringify({ text: plain, how })
  const { code, stdout, stderr } = await drover(['dispatch', 'seal.says', '--input', input, ...args], { env })
  return { code, lines: jsonLines(stdout), last: jsonLines(stdout).at(-1), stderr }
}

test('a worker says which keys open, and a job is answered with what was opened', async () => {
  expect(workers[0].stdout).toContain(`opens jobs that are sealed for ${key.kid}\n`)
  expect(jsonLines(workers[1].stdout)).toContainEqual(expect.objectContaining({ event: 'seal', kids: [key.kid] }))
  const { code, lines, last, stderr } = await dispatch('answers')
  expect([code, stderr]).toEqual([0, ''])
  expect(lines[0]).toEqual({ request_id: last.request_id, type: 'sealed', kids: [key.kid] })
  expect(lines).toContainEqual(expect.objectContaining({ type: 'log', message: plain, data: { text: plain } }))
  expect(last).toMatchObject({ type: 'result', output: { text: plain } })
})

test('no log of a worker has anything of a sealed job, in text or JSON, however it ends', async () => {
  const seal = { keys: publicKeys({ keys: [key] }) }
  await using master = await startMaster({ url: testBed.url, seal })
  const ways = ['answers', 'fails', 'strays', 'unsayable', 'circular']
  const ended = await Promise.all(ways.map(how => master.broadcast('seal.says', { text: plain, how }).done))
  const [, failed] = ended.map(({ outcomes }) => outcomes)
  const error = expect.objectContaining({ message: plain, code: plain })
  expect(failed).toEqual([0, 1].map(() => expect.objectContaining({ type: 'error', error })))
  for (const worker of workers) {
    await worker.says(/Nobody waits for an error at .*sealed\.ts/)
    expect(worker.stdout).toMatch(/retrying/)
    expect(worker.stdout, 'by a worker that has the key').toMatch(/This error is sealed["\n]/)
    expect(worker.stdout).not.toContain(plain)
  }
})

test('keys that cannot be used end a command, with a sentence', async () => {
  const over = dispatch('answers', '--seal', at('over.json'))
  const open = drover(['worker', module, '--seal', at('public.json')], { env })
  expect(await over).toMatchObject({
    code: 2,
    lines: [],
    stderr: expect.stringMatching(/^drover: None of the keys .*\n$/),
  })
  expect(await open).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('opens a job') })
})

test('a job that nobody can open says so, and ends by its time', async () => {
  const other = await newKey('x25519')
  await write('other.json', other)
  const { code, lines } = await dispatch('answers', '--seal', at('other.json'), '--timeout', '900ms')
  expect(code).toBe(5)
  expect(lines).toContainEqual(expect.objectContaining({ type: 'cannot_open' }))
  const logs = workers.map(({ stdout }) => stdout).join('')
  expect(logs).toMatch(new RegExp(`cannot open seal\\.says .*: it is sealed for ${other.kid}`))
})

test('an open result of a sealed job does not count, and is told of', async () => {
  const task = 'strange.seal'
  await using raw = await connectRaw(testBed.url)
  await raw.confirmed('SUBSCRIBE', { id: 's', destination: `/queue/myapp.tasks.${task}` })
  const running = drover(['dispatch', task, '--timeout', '60s'], { env })
  const job = await raw.next({ command: 'MESSAGE' })
  const { request_id, input } = JSON.parse(job.body) as { request_id: string; input?: unknown }
  expect(input).toBeUndefined()
  for (const reply of [{ type: 'result', output: 'mine' }, { type: 'cancelled' }]) {
    await raw.confirmed('SEND', { destination: job.headers['reply-to']! }, JSON.stringify({ request_id, ...reply }))
  }
  const { code, stdout, stderr } = await running
  expect([code, stdout]).toEqual([4, expect.not.stringContaining('mine')])
  expect(stderr).toBe('drover: 1 of the messages that came were not sealed as this job asks, and count for nothing\n')
})

test('drover dev --seal: its workers, its page and drover dispatch have the keys, and the file goes with it', async () => {
  const [port = 0, stompPort = 0] = await freePorts(2)
  const settings = {
    PORT: `${port}`,
    STOMP_PORT: `${stompPort}`,
    XDG_STATE_HOME: folder,
    DROVER_SEAL: at('public.json'),
  }
  await using dev = startDrover(['dev', '--seal'], { env: settings })
  await dev.says(/^ready /m, 60_000)
  const [, file = ''] = await dev.says(/sealed by the keys in (\S+)$/m)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  const { keys } = JSON.parse(await readFile(file, 'utf8')) as { keys: Jwk[] }
  const sealed = { type: 'sealed', kids: [keys[0]!.kid] }

  await using session = await connectRawSession(`http://127.0.0.1:${port}`, { login: 'foo', passcode: 'bar' })
  const { seal } = JSON.parse(session.connected.header('drover-grants')!)
  expect(seal).toEqual({ keys: publicKeys({ keys }) })
  const url = `ws://foo:bar@127.0.0.1:${port}/stomp`
  const ways = [
    { ...settings, DROVER_SEAL: '' },
    { XDG_STATE_HOME: folder, DROVER_URL: url },
  ]
  const ended = await Promise.all(ways.map(way => drover(['dispatch', 'host.facts', '--broadcast'], { env: way })))
  for (const { code, stdout } of ended) {
    const [first, ...lines] = jsonLines(stdout)
    expect([code, first]).toEqual([0, expect.objectContaining(sealed)])
    expect(lines.filter(line => line.type === 'result' && line.output.runtime !== undefined)).toHaveLength(2)
  }
  dev.signal('SIGINT')
  expect((await dev.ended).code).toBe(0)
  await expect(stat(file)).rejects.toMatchObject({ code: 'ENOENT' })
}, 60_000)

test('a new key in the file opens without a restart', async () => {
  const next = await newKey('x25519')
  await Promise.all([write('keys.json', key, next), write('next.json', ...publicKeys({ keys: [next] }).keys)])
  const { code, last } = await dispatch('answers', '--seal', at('next.json'))
  expect([code, last.output, last.attempt]).toEqual([0, { text: plain }, 1])
}, 30_000)
