import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { UsageError } from './exit.ts'
import { givenToken, type TokenCommandOptions } from './token-source.ts'

const jwt = (exp: number): string => `eyJh.${btoa(JSON.stringify({ exp })).replaceAll('=', '')}.c2ln`
const later = Math.round(Date.now() / 1000) + 3_600
const good = jwt(later)

let folder: string
let base: string
const writeOn = (response: ServerResponse): unknown => response.write('geheim'.repeat(4_096), () => writeOn(response))
const answers = new Map<string, { status?: number; body: string }>()
const asked: (string | undefined)[] = []
const server = createServer((request, response) => {
  asked.push(request.headers.authorization)
  if (request.url === '/endless') return void writeOn(response)
  const { status = 200, body } = answers.get(request.url ?? '') ?? { status: 404, body: 'secret-of-the-body' }
  response.writeHead(status).end(body)
})
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-token-'))
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

const fileWith = async (text: string): Promise<string> => {
  const file = join(folder, 'token')
  await writeFile(file, text)
  return file
}
const refusalOf = (options: TokenCommandOptions, env = {}): Promise<Error> =>
  givenToken(options, env).then(
    () => new Error('it was taken'),
    (error: Error) => error,
  )

/** The tokens of the first connect and of the next. */
async function two(options: TokenCommandOptions, between: () => unknown, env = {}): Promise<string[]> {
  const { connect, current } = await givenToken(options, env)
  if (!('token' in connect)) throw new Error('It stays the same')
  const first = await connect.token()
  expect(first).toBe(current)
  await between()
  return [first, await connect.token()]
}

describe('a source is read again', () => {
  test('a file', async () => {
    const tokenFile = await fileWith(`${good}\n`)
    expect(await two({ tokenFile }, () => fileWith(jwt(later + 1)))).toEqual([good, jwt(later + 1)])
    expect(await two({}, () => fileWith(good), { DROVER_TOKEN_FILE: tokenFile })).toEqual([jwt(later + 1), good])
  })

  test('a command', async () => {
    const file = await fileWith(good)
    const tokenCommand = `cat '${file}' | tr -d X`
    expect(await two({ tokenCommand }, () => fileWith(`X${jwt(later + 1)}`))).toEqual([good, jwt(later + 1)])
  })

  test.each([
    ['as text', (token: string) => `${token}\n`],
    ['as token of JSON', (token: string) => JSON.stringify({ token })],
    ['as access_token of JSON', (token: string) => JSON.stringify({ token_type: 'Bearer', access_token: token })],
  ])('an address, %s', async (_, write) => {
    answers.set('/t?key=k', { body: write(good) })
    const tokenUrl = `${base.replace('//', '//ada:p%40ss@')}/t?key=k`
    const between = (): unknown => answers.set('/t?key=k', { body: write(jwt(later + 1)) })
    expect(await two({ tokenUrl }, between)).toEqual([good, jwt(later + 1)])
    expect(asked.at(-1)).toBe(`Basic ${btoa('ada:p@ss')}`)
  })
})

test('one that was given stays the same, and an option wins over variables', async () => {
  const env = { DROVER_TOKEN: 'of.the.env' }
  expect(await givenToken({}, env)).toEqual({
    connect: { passcode: 'of.the.env' },
    current: 'of.the.env',
    source: undefined,
  })
  expect(await givenToken({ token: 'a.b.c' }, env)).toMatchObject({ connect: { passcode: 'a.b.c' } })
  expect(await givenToken({ tokenFile: await fileWith(good) }, env)).toMatchObject({ source: '--token-file' })
  expect(await givenToken({}, { DROVER_TOKEN_URL: '' })).toMatchObject({ connect: {}, current: undefined })
})

test.each<[string, () => TokenCommandOptions | Promise<TokenCommandOptions>, RegExp]>([
  ['two options', () => ({ token: 'geheim', tokenFile: 'f' }), /^--token and --token-file each give a token/],
  ['an empty option', () => ({ tokenCommand: '' }), /^--token-command is empty/],
  ['a file that is not there', () => ({ tokenFile: '/no/such' }), /^--token-file: "\/no\/such" cannot be .*ENOENT/],
  ['an empty file', async () => ({ tokenFile: await fileWith('\n') }), /^--token-file gave nothing/],
  ['a file with more', async () => ({ tokenFile: await fileWith('geheim\ngeheim') }), /blanks or line breaks/],
  ['an old token', async () => ({ tokenFile: await fileWith(jwt(1_000)) }), /expired, at 1970-01-01T00:16:40/],
  ['a command that fails', () => ({ tokenCommand: 'echo geheim; echo geheim >&2; exit 3' }), /ended with exit code 3/],
  ['a command that prints without end', () => ({ tokenCommand: 'yes geheim' }), /the command printed over 65536 bytes/],
  ['a command that waits for input', () => ({ tokenCommand: 'cat' }), /^--token-command gave nothing/],
  ['a command that prints bytes', () => ({ tokenCommand: "printf 'geheim\\001'" }), /gave a page or bytes/],
  ['a command that is none', () => ({ tokenCommand: 'no-such-program-geheim' }), /ended with exit code 127/],
  ['an address of another kind', () => ({ tokenUrl: 'ftp://geheim@h' }), /^--token-url is no address/],
  ['an address whose % is none', () => ({ tokenUrl: 'http://u:geheim%ZZ@h/' }), /^--token-url has a % in its user or/],
  ['an answer without end', () => ({ tokenUrl: `${base}/endless` }), /\/endless answered over 65536 bytes/],
  [
    'a page',
    () => {
      answers.set('/page', { body: '<html>geheim</html>' })
      return { tokenUrl: `${base}/page` }
    },
    /^--token-url gave a page or bytes; expected a token alone/,
  ],
  ['an answer of another status', () => ({ tokenUrl: `${base}/no?geheim` }), /\/no answered 404; expected a token/],
  ['a server that is away', () => ({ tokenUrl: 'http://a:geheim@127.0.0.1:1/t' }), /127.0.0.1:1\/t cannot be reached/],
  [
    'JSON without a token',
    () => {
      answers.set('/json', { body: '{"secret":"geheim"}' })
      return { tokenUrl: `${base}/json` }
    },
    /JSON without a token/,
  ],
])('is told of %s, and nothing of what may be secret', async (_, make, sentence) => {
  const error = await refusalOf(await make())
  expect(error.message).toMatch(sentence)
  expect(String(error.stack) + JSON.stringify(error)).not.toContain('geheim')
})

test('two variables are refused too', async () => {
  const error = await refusalOf({}, { DROVER_TOKEN: 'geheim', DROVER_TOKEN_URL: 'http://h' })
  expect(error).toBeInstanceOf(UsageError)
  expect(error.message).toBe('DROVER_TOKEN and DROVER_TOKEN_URL each give a token; use one of them')
})
