import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { describeError } from '../exit.ts'
import { readKeyFile } from '../keys/key-file.ts'
import { describeSealGrant, readSealGrant } from '../seal-grant.ts'
import { readUsersFile } from '../users-file.ts'
import { printedConfig } from './print-config.ts'
import { readServeSettings } from './serve-settings.ts'

const folder = await mkdtemp(join(tmpdir(), 'drover-settings-'))
afterAll(() => rm(folder, { recursive: true, force: true }))

async function file(text: string, ending = 'toml'): Promise<string> {
  const path = join(folder, `${crypto.randomUUID()}.${ending}`)
  await writeFile(path, text)
  return path
}

/** As `DROVER_DEBUG` shows it, with its causes. */
async function wholeFault(reading: Promise<unknown>): Promise<string> {
  return describeError(
    await reading.then(
      () => 'no fault',
      error => error,
    ),
    true,
  )
}

const settings = async (text: string, ending?: string) => readServeSettings({ config: await file(text, ending) }, {})

/** Later ones of a name count in place of those here. */
function issuer(more: string): string {
  const own = new Set(more.split('\n').map(line => line.split(' ')[0]))
  const lines = ['issuer = "https://id.example"', 'jwks = "https://id.example/keys"', 'audience = "a"']
  return ['[[issuers]]', ...lines.filter(line => !own.has(line.split(' ')[0])), more].join('\n')
}

const user = '{ login = "ada", password = "x", grants = {} }'
test.for([
  ['users = 5', 'users: expected the path of a JSON file, or a list of users'],
  ['issuers = { a = 1 }', 'issuers: expected a list of issuers: [[issuers]] in TOML'],
  ['issuers = [5]', 'issuers[0]: expected a table of settings, each with its name'],
  ['limits = 5', 'limits: expected a table of settings, each with its name'],
  [`users = [${user}, ${user}]`, 'users: the user "ada" is there twice'],
  [
    'users = [{ login = "ada", password_hash = "hunter2", grants = {} }]',
    'users, user 1 ("ada"): "password_hash" is none; "drover serve --hash-password" makes one',
  ],
  [
    'users = [{ login = "ada", pasword = "hunter2", password = "hunter2", grants = {} }]',
    'users, user 1 has "pasword", which counts for nothing; expected login, password, password_hash, owner, grants',
  ],
  [
    'users = [{ login = "ada", password = "hunter2", grants = { dispach = ["*"] } }]',
    'users, user 1 ("ada"): "grants" cannot be used: dispach: there is no such grant; expected some of ns, dispatch,',
  ],
  [
    issuer('roles = "r"\nrole_grants.admin = { dispach = ["*"] }'),
    'issuers[0].role_grants.admin.dispach: there is no such',
  ],
  [
    issuer('roles = "r"\nrole_grants."https://a.b/c".work = 5'),
    'issuers[0].role_grants."https://a.b/c".work: expected a list of at most 1000 patterns',
  ],
  [issuer('audience = []'), 'issuers[0].audience: expected text, or a list with some'],
  [issuer('jwks = "https://ada:hunter2@h/keys"'), 'issuers[0].jwks: expected an address without a login in it'],
  [issuer('jwks = "nowhere.json"'), /issuers\[0\]\.jwks: The keys of .*nowhere\.json cannot be read: ENOENT/],
  ['brokr = 5', 'brokr: there is no such setting; did you mean broker?'],
  ['max_sessions = 5', 'max_sessions: there is no such setting; did you mean limits.max_sessions?'],
  ['[limits]\nmax_sesions = 5', 'limits.max_sesions: there is no such setting; did you mean max_sessions?'],
  ['[limits]\naudit = true', 'limits.audit: there is no such setting; audit stands above the first [table]'],
  ['"a b" = 5', '"a b": there is no such setting\n'],
  ['host = "0.0.0.0"', '  host 0.0.0.0 would let others in as foo/bar'],
  ['metrics_host = "::1"', 'metrics_host is where the port of the metrics listens; name metrics_port as well'],
] as const)('%j is told by its key', async ([text, sentence]) => {
  const told = await wholeFault(settings(`broker = "embedded"\n${text}`))
  expect(told).toMatch(sentence)
  expect(told).not.toContain('hunter2')
})

test('a mistake in one setting keeps none in another untold, and nothing that only follows from it is told', async () => {
  const told = await wholeFault(
    settings(`
    broker = 5
    base = "drover"
    data_limit = "1GiB"
    data = 7
    port = "http"
    host = "0.0.0.0"
    hosts = ["jobs.example", "*.jobs.example", "ada:hunter2@jobs.example"]
    origins = ["shop.example", "null"]
    trust_proxy = ["loopback", "0.0.0.0/0", "10.1.2"]
    secret_file = "secret.txt"
    seal = "nowhere.json"
    issuer = "https://id.example"
    users = [
      { login = "foo" },
      { login = "ada", owner = "a\\nb", password = "hunter2", grants = {} },
    ]
    [broker_tls]
    ca = "nowhere.pem"
    [[issuers]]
    issuer = "https://id.example"
    jwks = "http://ada:hunter2@id.example/keys"
    algorithms = ["HS256"]
    audience = 5
    [limits]
    max_sesions = 5
  `),
  )
  const keys = told.split('\n').filter(line => line.startsWith('  ') && !line.startsWith('    at '))
  expect(keys.map(line => /^ {2}([\w.[\]]+)/.exec(line)?.[1]).sort()).toEqual([
    'base',
    'broker',
    'data',
    'hosts[1]',
    'hosts[2]',
    'issuers[0].algorithms[0]',
    'issuers[0].audience',
    'issuers[0].jwks',
    'limits.max_sesions',
    'origins[0]',
    'origins[1]',
    'port',
    'seal',
    'trust_proxy[1]',
    'trust_proxy[2]',
    'users',
  ])
  expect(told).not.toContain('hunter2')
})

const oneIssuer = (iss: string, jwks: string): string =>
  `[[issuers]]\nissuer = "${iss}"\njwks = "${jwks}"\naudience = "a"\nowner_prefix = "${iss}"`
const anIssuer = oneIssuer('a', 'https://id.example/keys')

test.for<[string, string | RegExp]>([
  [
    'issuer = "https://id.example"\n[[issuers]]\nissuer = "https://id.example"\njwks = "k.json"\naudience = "a"',
    'own issuer',
  ],
  [
    'host = "0.0.0.0"\nsecret_file = "s"\nusers = [{ login = "foo", password = "bar", grants = {} }]',
    'has the default password',
  ],
  ['host = "0.0.0.0"', 'name your own users'],
  ['host = "0.0.0.0"', 'needs DROVER_SECRET'],
  ['users = [{ login = "a\\nb", password = "c", grants = {} }]', 'control character'],
  ['secret_file = "short.txt"', 'short.txt holds 7 characters and no secret'],
  ['secret_file = "."', 'secret_file: '],
  [oneIssuer('https://id.example', 'nowhere.json'), /issuers\[0\]\.jwks: .*nowhere\.json cannot be read: ENOENT/],
  [oneIssuer('https://id.example', '.'), /issuers\[0\]\.jwks: .* cannot be read: EISDIR/],
  [oneIssuer('https://id.example', 'short.txt'), /issuers\[0\]\.jwks: .*short\.txt cannot be read: it is no JSON/],
  [`${anIssuer}\n${oneIssuer('b', 'none.json')}`, /issuers\[1\]\.jwks: .*none\.json cannot be used: it has 0 keys/],
  [oneIssuer('b', 'secret.json'), /issuers\[0\]\.jwks: .*none of its keys is the public one of a pair/],
  [oneIssuer('https://id.example', 'https://ada:hunter2@id.example/keys'), /jwks: expected an address without a login/],
  [`${anIssuer}\nroles = "r"\nrole_grants = { b = { ns = "other" } }`, /role_grants\.b\.ns: .*beside role_grants/],
  [
    `${anIssuer}\nroles = "r"\nrole_grants = { b = { uses = 1 } }`,
    /issuers\[0\]\.role_grants\.b\.uses: there is no such grant; expected some of/,
  ],
  ['port = 9000\nmetrics_port = 9000', /metrics_port is 9000, as is port; give one of the two another/],
  ['metrics_port = 8787', 'metrics_port is 8787, as is port'],
  ['port = 61613', 'stomp_port is 61613, as is port'],
  ['stomp_port = 9000\nmetrics_port = 9000\nhost = "::"', 'as is stomp_port'],
  ['[limits]\nrequest_ms = 2147483648', 'limits.request_ms: expected at most 2147483647 ms, which is 24 days'],
  ['drain = "25d"', 'drain: expected at most 2147483647 ms, which is 24 days'],
])('%j is told before the start, and not by it', async ([text, sentence]) => {
  await writeFile(join(folder, 'short.txt'), 'hunter2')
  await writeFile(join(folder, 'none.json'), '{"keys":[]}')
  await writeFile(join(folder, 'secret.json'), '{"keys":[{"kty":"oct","k":"hunter2"}]}')
  const told = await wholeFault(settings(`broker = "embedded"\n${text}`))
  expect(told).toMatch(sentence)
  expect(told).not.toContain('hunter2')
})

test.for([
  'port = 0\nmetrics_port = 0\nstomp_port = 0',
  'port = 9000\nmetrics_port = 9000\nhost = "127.0.0.1"\nmetrics_host = "127.0.0.2"',
  // How long something lasts, and no timer waits for it
  '[limits]\nmax_token_ms = 31536000000\ntoken_ms = 2592000000\nmax_delay_ms = 2592000000',
  anIssuer,
])('%j is in order', async text => {
  await settings(`broker = "embedded"\n${text}`)
})

test('ports of the embedded broker concern no other', async () => {
  await settings('broker = "stomp://127.0.0.1:1"\nport = 61613')
})

test('a private key in the text of a certificate is not printed, and a certificate is', async () => {
  const key = '-----BEGIN EC PRIVATE KEY-----\nhunter2\n-----END EC PRIVATE KEY-----'
  const certificate = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----'
  const read = await settings('broker = "embedded"')
  const broker_tls = { ca: certificate, cert: `${key}\n${certificate}`, key, key_passphrase: 'hunter2' }
  const printed = printedConfig({ ...read, config: { ...read.config, broker_tls } })
  expect(printed).not.toContain('hunter2')
  expect(printed).toContain('cert = "***"')
  expect(printed).toContain('MII')
})

test('the address of keys that pages seal by is logged without its secrets', () => {
  expect(describeSealGrant({ keys: 'https://ada:hunter2@keys.example/all?key=hunter2' })).toBe(
    'https://***:***@keys.example/all?***',
  )
})

test('a file that is a list is told as a whole', async () => {
  expect(await wholeFault(settings('[1]', 'json'))).toContain('all of it: expected a table of settings')
})

test.for([
  ['settings in TOML', (path: string) => readServeSettings({ config: path }, {}), 'broker = "stomp://ada:hunter2'],
  ['users', readUsersFile, '[{"password": hunter2}]'],
  ['keys', readKeyFile, '{"keys":[{"k": hunter2}]}'],
] as const)('%s that cannot be read are not quoted, where the error came from included', async ([, read, text]) => {
  const told = await wholeFault(read(await file(text)))
  expect(told).toMatch(/is no TOML|is not JSON/)
  expect(told).not.toContain('hunter2')
})

test('settings in JSON neither', async () => {
  const told = await wholeFault(settings('{"broker": hunter2}', 'json'))
  expect(told).toContain('is no JSON')
  expect(told).not.toContain('hunter2')
})

test('the address of keys that cannot be handed on is told without its secrets', async () => {
  const told = await wholeFault(readSealGrant('https://ada:hunter2@keys.example/all?key=hunter2'))
  expect(told).toContain('--seal https://***:***@keys.example/all?*** cannot be handed on')
  expect(told).not.toContain('hunter2')
})
