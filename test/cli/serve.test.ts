import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { type IncomingMessage, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { listenTcp } from '../../bridge/node/tcp.ts'
import { createEmbeddedBroker } from '../../broker/mod.ts'
import { drover, jsonLines, startDrover } from '../support/cli/program.ts'
import { startTestBed, type TestBed } from '../support/cli/test-bed.ts'
import { freePorts } from '../support/free-ports.ts'
import { connectRaw } from '../support/raw-stomp.ts'
import { until } from '../support/until.ts'
import { isListening } from './alive.ts'

const secret = '0123456789abcdef0123456789abcdef'
/** Begins each line but "ready"; where journald reads them, it has one of its own. */
const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z'
let testBed: TestBed
let folder: string

beforeAll(async () => {
  testBed = await startTestBed()
  folder = await mkdtemp(join(tmpdir(), 'drover-serve-'))
})
afterAll(async () => {
  await testBed[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** Writes a users file. */
async function usersFile(users: unknown): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.json`)
  const isWritten = typeof users === 'string' || users instanceof Uint8Array
  await writeFile(path, isWritten ? users : JSON.stringify(users))
  return path
}

test.for([
  ['a comma too many', '[{"login":"a","password":"s3cret",}]', 'it is not JSON'],
  ['a quote too few', '[{"login":"a","password":s3cret"}]', 'it is not JSON'],
  ['an end too soon', '[{"login":"a","password":"s3cret"', 'it is not JSON'],
  ['Latin-1', Buffer.from('[{"login":"a","password":"s3cret\xe9"}]', 'latin1'), 'it is not in UTF-8'],
  ['UTF-16', Buffer.from('\ufeff[{"login":"a","password":"s3cret"}]', 'utf16le'), 'it is not in UTF-8'],
  ['no grants, behind a byte order mark', '\ufeff[{"login":"a","password":"s3cret","grants":7}]', '"grants"'],
] as const)('a users file with %s is one sentence without a password', async ([, users, sentence]) => {
  const args = ['serve', '--broker', 'embedded', '--port', '0', '--users', await usersFile(users)]
  const { code, stdout, stderr } = await drover(args, { env: { STOMP_PORT: '0' } })
  expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(sentence)])
  expect(stderr).not.toMatch(/s3c|cret/)
})

test('the bridge alone: a worker and a master on minted tokens, and nothing left after Ctrl-C', async () => {
  const env = { DROVER_BROKER: testBed.url, DROVER_SECRET: secret }
  await using bridge = startDrover(['serve', '--port', '0'], { env })
  const [, url = ''] = await bridge.says(/^ready (\S+)$/m)
  const mint = async (...args: string[]) => (await drover(['token', ...args], { env })).stdout.trim()
  const working = { DROVER_URL: url, DROVER_TOKEN: await mint('--sub', 'worker-1', '--work', 'host.*') }
  const asking = { DROVER_URL: url, DROVER_TOKEN: await mint('--sub', 'ada', '--dispatch', 'host.facts') }
  await using worker = startDrover(['worker', 'test/cli/fixtures/facts.ts'], { env: working })
  await worker.says(/takes .* from/)
  const { code, stdout } = await drover(['dispatch', 'host.facts'], { env: asking })
  expect([code, stdout]).toEqual([0, expect.stringContaining('"hostname"')])
  expect((await drover(['dispatch', 'host.facts', '--broadcast'], { env: asking })).code).toBe(1)
  bridge.signal('SIGINT')
  expect(await bridge.ended).toMatchObject({ code: 0, stderr: '' })
  expect(await isListening(Number(new URL(url).port))).toBe(false)
})

test('a caller without a token, or with half of one, is told the way to give one', async () => {
  const env = { DROVER_BROKER: testBed.url, DROVER_SECRET: secret }
  await using bridge = startDrover(['serve', '--port', '0'], { env })
  const [, url = ''] = await bridge.says(/^ready (\S+)$/m)
  const ws = `${url.replace('http', 'ws')}/stomp`
  const ask = async (...args: string[]) => {
    const { code, stdout, stderr } = await drover(args)
    return [code, stdout, stderr]
  }
  const how = expect.stringMatching(
    /^drover: ws:\S+\/stomp has to know who connects: give a token by --token or DROVER_TOKEN \(.*\), or name and password in the address, such as ws:\/\/ada:…@\S+\n$/,
  )
  const half = expect.stringContaining('The passcode is not a token')
  const elsewhere = url.replace('http', 'ws')
  const path = expect.stringContaining("a bridge's address ends in /stomp")
  const answers = await Promise.all([
    ask('dispatch', 'host.facts', '--url', url),
    ask('dispatch', 'host.facts', '--url', ws),
    ask('worker', 'test/cli/fixtures/facts.ts', '--url', url),
    ask('dispatch', 'host.facts', '--url', url, '--token', 'eyJ.half'),
    ask('dispatch', 'host.facts', '--url', elsewhere),
  ])
  expect(answers).toEqual([how, how, how, half, path].map(sentence => [1, '', sentence]))
  await using worker = startDrover(['worker', 'test/cli/fixtures/facts.ts', '--url', elsewhere])
  await worker.says(/a bridge's address ends in \/stomp; connecting again$/m)
})

test('behind a proxy it is reached by the names that it is given, from pages of theirs', async () => {
  const env = { DROVER_BROKER: testBed.url, DROVER_SECRET: secret }
  await using bridge = startDrover(['serve', '--port', '0', '--hosts', 'jobs.example', 'jobs.example:8443'], { env })
  const [, url = ''] = await bridge.says(/^ready (\S+)$/m)
  const statusFor = async (host: string, origin: string) => {
    const asked = request(`${url}/token`, { headers: { host, origin, 'x-forwarded-proto': 'https' } }).end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.resume()
    return response.statusCode
  }
  expect(await statusFor('jobs.example', 'https://jobs.example')).toBe(200)
  expect(await statusFor('jobs.example:8443', 'https://jobs.example:8443')).toBe(200)
  expect(await statusFor('other.example', 'https://jobs.example')).toBe(403)
  expect(await statusFor('jobs.example', 'https://other.example')).toBe(403)
})

test('pages of the origins that it is given may use it, also of apps', async () => {
  const listed = (await readFile(new URL('../cases/inputs/C18-origins.txt', import.meta.url), 'utf8'))
    .trim()
    .split('\n')
  const app = 'chrome-extension://abcdefghijklmnop'
  const env = { DROVER_BROKER: testBed.url, DROVER_SECRET: secret }
  const origins = [...listed, app, 'https://shop.example:8443']
  const starred = (await readFile(new URL('../cases/inputs/C19-origin.txt', import.meta.url), 'utf8')).trim()
  await using bridge = startDrover(['serve', '--port', '0', '--origin', ...origins, starred], { env })
  const [, url = ''] = await bridge.says(/^ready (\S+)$/m)
  const allowed = async (origin: string) => {
    const upgrade = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
    const key = { 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-protocol': 'v12.stomp' }
    const asked = request(`${url}/stomp`, { headers: { origin, ...upgrade, ...key } }).end()
    const answered = await Promise.race([once(asked, 'upgrade'), once(asked, 'response')])
    asked.destroy()
    const { headers, status } = await fetch(`${url}/token`, { headers: { origin } })
    return [(answered[0] as IncomingMessage).statusCode, status, headers.get('access-control-allow-origin')]
  }
  const preview = 'https://pr-7.shop.example'
  for (const origin of [...origins, preview]) expect(await allowed(origin)).toEqual([101, 200, origin])
  for (const other of [
    'capacitor://evil',
    'chrome-extension://other',
    'https://shop.example',
    'https://evil.example',
    'null',
  ]) {
    expect((await allowed(other)).slice(0, 2)).toEqual([403, 403])
  }
})

test('an origin with a star in another place than its first label is refused at the start', async () => {
  for (const origin of ['*', 'https://pr-*.shop.example', 'https://*.example', 'null']) {
    const { code, stderr } = await drover(['serve', '--broker', testBed.url, '--port', '0', '--origin', origin])
    expect([code, stderr.trim().split('\n').length]).toEqual([2, 1])
    expect(stderr).toMatch(origin === 'null' ? /null/ : /\*.*one label at the front/)
    expect(stderr).toContain(origin)
  }
})

test('the embedded broker listens at STOMP_PORT, which is printed, and a taken one is one clear line', async () => {
  const [stompPort = 0] = await freePorts(1)
  const env = { STOMP_PORT: `${stompPort}`, DROVER_SECRET: secret, JOURNAL_STREAM: '' }
  const args = ['serve', '--broker', 'embedded', '--port', '0']
  await using bridge = startDrover(args, { env })
  await bridge.says(new RegExp(`^${time} bridge with its own broker, on stomp://127\\.0\\.0\\.1:${stompPort}$`, 'm'))
  expect(await isListening(stompPort)).toBe(true)
  const second = await drover(args, { env })
  expect([second.code, second.stdout]).toEqual([1, ''])
  expect(second.stderr).toMatch(new RegExp(`^drover: Port ${stompPort} is taken .*STOMP_PORT=`))
})

test('news that nobody reads are dropped past their share of a queue, and the log says so', async () => {
  const [stompPort = 0] = await freePorts(1)
  const env = { STOMP_PORT: `${stompPort}`, DROVER_SECRET: secret }
  await using bridge = startDrover(['serve', '--broker', 'embedded', '--port', '0'], { env })
  await bridge.says(/^ready /m)
  await using worker = await connectRaw(`stomp://foo:bar@127.0.0.1:${stompPort}`)
  const destination = '/queue/myapp.reply.ada.away'
  const news = { destination, persistent: 'false' }
  const body = 'x'.repeat(4_000_000)
  for (let sent = 0; sent < 14; sent++) await worker.confirmed('SEND', news, body)
  await bridge.says(
    /dropped messages that may be lost, for nobody reads \/queue\/myapp\.reply\.ada\.away .*\(2 messages by now\)/,
  )
  await worker.confirmed('SEND', { destination, persistent: 'true' }, body)
})

test('--json has a time and the facts in each line, and a broker that comes later is told of', async () => {
  const [port = 0] = await freePorts(1)
  const env = { DROVER_BROKER: `stomp://foo:opal@127.0.0.1:${port}`, DROVER_SECRET: secret }
  await using bridge = startDrover(['serve', '--port', '0', '--json'], { env })
  const [, url = ''] = await bridge.says(/"event":"ready".*"url":"([^"]+)"/)
  await bridge.says(/nobody can connect until/)
  expect((await fetch(`${url}/ready`)).status).toBe(503)
  const broker = createEmbeddedBroker({ users: [{ login: 'foo', passcode: 'opal', allow: ['>'] }] })
  let logins = 0
  const accept: typeof broker.accept = sink => {
    logins++
    return broker.accept(sink)
  }
  const listener = await listenTcp({ port, accept })
  await until('a probe finds it', async () => (await fetch(`${url}/ready`)).status === 200)
  await until('the bridge has looked by itself too', () => logins > 1)
  await bridge.says(/the broker takes this bridge now/)
  await fetch(`${url}/token`, { headers: { origin: 'https://evil.example' } })
  await bridge.says(/"event":"refused"/)
  bridge.signal('SIGTERM')
  const { stdout } = await bridge.ended
  await listener.close()
  await broker.close()
  const lines = jsonLines(stdout)
  for (const line of lines) {
    expect(Math.abs(Date.now() - line.at)).toBeLessThan(60_000)
    expect(line).toMatchObject({ level: expect.any(String), event: expect.any(String), text: expect.any(String) })
  }
  expect(lines.find(line => line.event === 'refused')).toMatchObject({ code: 'forbidden', address: '127.0.0.1' })
  const ofBroker = lines.filter(({ level, text }) => level === 'error' || text.startsWith('the broker'))
  expect(ofBroker.map(({ event }) => event)).toEqual(['broker_lost', 'broker_reached'])
  expect(stdout).not.toContain('opal')
})

test('a broker that is away, or refuses the bridge, is told of; the bridge stays', async () => {
  const inFrontOf = (url: string, journal: string) =>
    startDrover(['serve', '--port', '0'], { env: { DROVER_BROKER: url, JOURNAL_STREAM: journal } })
  await using away = inFrontOf('stomp://foo:bar@127.0.0.1:1', '')
  await using stranger = inFrontOf(testBed.url.replace('bar', 'baz'), '8:1')
  await away.says(/^ready (\S+)$/m)
  const untilThen = 'nobody can connect until the broker takes this bridge'
  await away.says(new RegExp(`^${time} bridge ${untilThen}: Cannot reach stomp:.*ECONNREFUSED`, 'm'))
  await stranger.says(new RegExp(`^bridge ${untilThen}: Login refused`, 'm'))
  for (const bridge of [away, stranger]) bridge.signal('SIGTERM')
  expect([await away.ended, await stranger.ended]).toMatchObject([{ code: 0 }, { code: 0 }])
})

test('users of a file sign in by password, plain or hashed', async () => {
  const hashed = await drover(['serve', '--hash-password'], { input: 'opal\n' })
  expect([hashed.code, hashed.stderr]).toEqual([0, ''])
  const users = await usersFile([
    { login: 'ada', password_hash: hashed.stdout.trim(), grants: { dispatch: ['*'] } },
    { login: 'bob', password: 'jade', grants: { work: ['*'] }, owner: 'bob-1' },
  ])
  const env = { DROVER_BROKER: testBed.url, DROVER_SECRET: secret }
  await using bridge = startDrover(['serve', '--port', '0', '--users', users], { env })
  const [, url = ''] = await bridge.says(/^ready (\S+)$/m)
  const ask = (login: string, password: string) =>
    drover(['token', '--url', url, '--login', login], { env: { DROVER_PASSWORD: password } })
  const answers = await Promise.all([ask('ada', 'opal'), ask('bob', 'jade'), ask('ada', 'jade'), ask('foo', 'bar')])
  expect(answers.map(answer => answer.code)).toEqual([0, 0, 1, 1])
  expect(answers[2]?.stderr).toContain('gives ada no token')
  expect(bridge.stdout).not.toMatch(/opal|jade|eyJ/)
})

test.for([
  [{}, [], 'Name the broker by DROVER_BROKER or --broker'],
  [{}, ['--broker', 'localhost'], '--broker is "localhost"; expected an address'],
  [{}, ['--broker', 'https://broker.example'], 'address begins with stomp://, stomp+ssl://, ws:// or wss://'],
  [{}, ['--broker', 'embedded', '--port', '99999'], '--port is "99999"; expected a port'],
  [{}, ['--broker', 'embedded', '--host', '0.0.0.0'], 'would let others in as foo/bar; name your own users by --users'],
  [{}, ['--broker', 'embedded', '--users', '/nowhere.json'], 'Cannot read users from /nowhere.json'],
  [{ DROVER_SECRET: 'short' }, ['--broker', 'embedded', '--port', '0'], 'secret'],
] as const)('%j %j is called wrongly: exit code 2 and a sentence', async ([env, args, sentence]) => {
  const { code, stderr } = await drover(['serve', ...args], { env })
  expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
  expect(stderr).not.toMatch(/^\s+at /m)
})

test.for([
  ['{', 'Cannot read users from'],
  [{}, 'is no list of users'],
  [[{ password: 'x', grants: {} }], 'user 1 has no "login"'],
  [[{ login: 'ada', grants: {} }], 'user 1 ("ada") needs one of "password" and "password_hash"'],
  [
    [{ login: 'ada', password: 'x', grants: { dispatch: ['A*'] } }],
    'user 1 ("ada"): "grants" cannot be used: dispatch.0:',
  ],
] as const)('a users file that cannot be used names the entry: %j', async ([users, sentence]) => {
  const args = ['serve', '--broker', 'embedded', '--port', '0', '--users', await usersFile(users)]
  const { code, stderr } = await drover(args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
})

test('beyond this machine it wants a secret that outlives it', async () => {
  const users = await usersFile([{ login: 'ada', password: 'opal', grants: {} }])
  const { code, stderr } = await drover(['serve', '--broker', testBed.url, '--host', '0.0.0.0', '--users', users])
  expect([code, stderr]).toEqual([2, expect.stringContaining('needs DROVER_SECRET')])
})

test('a secret that was made outlives the process, and where it cannot be kept that is said', async () => {
  const [port = 0] = await freePorts(1)
  const state = await mkdtemp(join(folder, 'state-'))
  const blocked = join(state, 'file')
  await writeFile(blocked, '')
  const ask = async (XDG_STATE_HOME: string, says: RegExp, authorization: string): Promise<Response> => {
    const env = { STOMP_PORT: '0', XDG_STATE_HOME }
    await using bridge = startDrover(['serve', '--broker', 'embedded', '--port', `${port}`], { env })
    await bridge.says(says)
    await bridge.says(/^ready /m)
    return await fetch(`http://127.0.0.1:${port}/token`, { method: 'POST', headers: { authorization } })
  }
  const first = await ask(state, /its secret is kept in .*secret-embedded-\d+/, `Basic ${btoa('foo:bar')}`)
  const { token } = (await first.json()) as { token: string }
  expect((await ask(state, /no --users/, `Bearer ${token}`)).status, 'a token of before').toBe(200)
  expect((await ask(blocked, /its secret cannot be kept .*DROVER_SECRET/, `Bearer ${token}`)).status).toBe(401)
})
