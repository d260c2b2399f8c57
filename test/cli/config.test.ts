/** `drover serve --config`: one file, all of its mistakes at once, and no secret in any output. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { parse } from 'smol-toml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drover, startDrover } from '../support/cli/program.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-config-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(text: string, name = `${crypto.randomUUID()}.toml`): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

const check = async (text: string, name?: string) => drover(['serve', '--check', '--config', await file(text, name)])

test('a bridge runs by a file alone, and takes the tokens of the issuer in it', async () => {
  const { publicKey, privateKey } = await generateKeyPair('RS256', { extractable: true })
  await writeFile(
    join(folder, 'keys.json'),
    JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'one' }] }),
  )
  const config = await file(`
    broker = "embedded"
    port = 0
    stomp_port = 0
    log = "json"
    data = "kept.db"

    [[issuers]]
    issuer = "https://id.example"
    jwks = "keys.json"
    audience = "drover"
    roles = "https://example.org/roles"

    [issuers.role_grants]
    "job-admin" = { dispatch = ["*"] }
  `)
  await using bridge = startDrover(['serve', '--config', config])
  const [, url = ''] = await bridge.says(/"url":"(http:[^"]+)"/)
  const token = await new SignJWT({ 'https://example.org/roles': ['job-admin'] })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .setIssuer('https://id.example')
    .setAudience('drover')
    .setSubject('ada')
    .setExpirationTime('5 min')
    .sign(privateKey)
  const answer = await fetch(`${url}/token`, { method: 'POST', headers: { authorization: `Bearer ${token}` } })
  expect(await answer.json()).toMatchObject({ owner: 'ada', namespace: 'myapp' })
  expect((await readFile(join(folder, 'kept.db'))).length).toBeGreaterThan(0)
})

test('all mistakes are told at once, with their keys, and exit with 2', async () => {
  const wrong = `
    broker = "embedded"
    prot = 80
    port = "http"
    [[issuers]]
    issuer = "https://id.example"
    jwks = 5
    audience = "drover"
    algorithms = ["HS256"]
    [limits]
    max_sesions = 5
    max_prefetch = 0
  `
  const { code, stdout, stderr } = await check(wrong)
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr.split('\n').slice(1, -1).sort()).toEqual([
    '  issuers[0].algorithms[0]: expected some of RS256, PS256, ES256, EdDSA',
    '  issuers[0].jwks: expected text',
    '  limits.max_prefetch: expected a whole number from 1',
    '  limits.max_sesions: there is no such setting',
    '  port: expected a port from 0 (any that is free) to 65535',
    '  prot: there is no such setting',
  ])
})

test('what does not fit together is told at once too', async () => {
  const { stderr } = await check(`
    broker = "http://ada:hunter2@broker.example"
    data = "kept.db"
    origins = ["shop.example"]
    users = "nowhere.json"
    [[issuers]]
    issuer = "https://id.example"
    jwks = "keys.json"
    audience = "drover"
    roles = "groups"
  `)
  for (const told of [
    /broker begins with "http:/,
    /nowhere\.json: ENOENT/,
    /"shop\.example" is not an origin/,
    /roles: expected roles/,
  ]) {
    expect(stderr).toMatch(told)
  }
  expect(stderr).not.toContain('hunter2')
})

test.for([
  ['an open text', 'broker = "hunter2', undefined, /is no TOML: line 1, column \d+: /],
  ['a key twice', 'port = 1\nport = 2', undefined, /is no TOML: line 2, column/],
  ['JSON that is none', '{"broker": hunter2}', 'wrong.json', /is no JSON\n$/],
  ['nothing in JSON', '', 'empty.json', /is no JSON\n$/],
] as const)('a file with %s says where, and shows nothing of it', async ([, text, name, message]) => {
  const { code, stderr } = await check(text, name)
  expect([code, stderr]).toEqual([2, expect.stringMatching(message)])
  expect(stderr).not.toContain('hunter2')
})

test('a file that is not there, and one in order', async () => {
  expect(await drover(['serve', '--check', '--config', join(folder, 'nowhere.toml')])).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/Cannot read the settings in .*nowhere\.toml: ENOENT/),
  })
  expect(await check('broker = "embedded"\n', 'right.toml')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/right\.toml: in order\n$/),
  })
})

test('a secret of the file is not printed, and counts unless the environment has one or names its file', async () => {
  const config = await file('broker = "embedded"\nsecret = ["hunter2hunter2hunter2hunter2hunter2", "hunter2"]')
  const { code, stderr } = await drover(['serve', '--check', '--config', config])
  expect([code, stderr]).toEqual([2, expect.stringMatching(/has 7 bytes; expected at least 32/)])
  const given: Record<string, string>[] = [
    { DROVER_SECRET: 'hunter2hunter2hunter2hunter2hunter2' },
    { DROVER_SECRET_FILE: join(folder, 'of-env') },
  ]
  for (const env of given) {
    const { stdout } = await drover(['serve', '--print-config', '--config', config], { env })
    expect(stdout).toContain('DROVER_SECRET' in env ? 'secret = "***"' : 'secret_file')
    expect(stdout).not.toContain('hunter2')
  }
  const both = await check('broker = "embedded"\nsecret = "x"\nsecret_file = "y"')
  expect(both.stderr).toContain('secret: secret_file stands beside it; name one of the two')
})

test('--print-config prints what counts: options, then environment, then file, and *** for secrets', async () => {
  const config = await file(`
    broker = "ws://ada:hunter2@broker.example:61613/stomp?token=hunter2"
    port = 1
    host = "127.0.0.2"
    users = [{ login = "ada", password = "hunter2", pasword = "hunter2", grants = { dispatch = ["*"] } }]
    seal = "https://keys.example/all.json?key=hunter2"
    [[issuers]]
    issuer = "https://id.example"
    jwks = "https://id.example/keys?key=hunter2"
    audience = "drover"
  `)
  const env = { PORT: '2', DROVER_SECRET: 'hunter2hunter2hunter2hunter2hunter2' }
  const printed = async (...options: string[]) =>
    (await drover(['serve', '--print-config', '--config', config, ...options], { env })).stdout
  const byEnv = await printed()
  expect(parse(byEnv)).toMatchObject({
    broker: 'ws://***:***@broker.example:61613/stomp?***',
    port: 2,
    host: '127.0.0.2',
    users: [{ login: 'ada', password: '***', pasword: '***', grants: { dispatch: ['*'] } }],
    seal: 'https://keys.example/all.json?***',
    issuers: [{ issuer: 'https://id.example', jwks: 'https://id.example/keys?***' }],
  })
  expect(byEnv).not.toContain('hunter2')
  expect(parse(await printed('--port', '3', '--host', 'localhost'))).toMatchObject({ port: 3, host: 'localhost' })
})
