import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { hashPassword as hashForUser, passwordPorts } from '../node/crypto.ts'
import { readAuthorization } from './authenticate.ts'
import { LoginLimiter } from './login-limiter.ts'
import { Origins } from './origins.ts'
import { hashPassword, isPassword, readHash } from './passwords.ts'
import { SignInLink } from './sign-in-link.ts'
import { hasDefaultPassword, Users } from './users.ts'

test('a password is known again by its hash, and no other is', async () => {
  const hash = await hashForUser('correct horse')
  expect(hash).toMatch(/^scrypt\$32768\$8\$1\$/)
  expect(await isPassword('correct horse', hash, passwordPorts)).toBe(true)
  expect(await isPassword('correct hors', hash, passwordPorts)).toBe(false)
  expect(await hashPassword('correct horse', passwordPorts)).not.toBe(hash)
})

test.each([
  '',
  'bar',
  'scrypt$32768$8$1$AAAA',
  'scrypt$x$8$1$AAAA$AAAA',
  'bcrypt$1$1$1$AA==$AA==',
  'scrypt$32768$8$1$A$=A',
])('%j is no hash', text => {
  expect(() => readHash(text)).toThrow(/passwordHash/)
})

test('an unknown login is refused like a wrong password, and after the same hashing', async () => {
  let hashed = 0
  const ports = { ...passwordPorts, scrypt: async () => new Uint8Array(32 + 0 * hashed++) }
  const users = new Users(
    [{ login: 'foo', passwordHash: `scrypt$2$1$1$AA==$${btoa('x'.repeat(32))}`, grants: {} }],
    ports,
    new LoginLimiter(() => 0, ['foo'], 1),
  )
  const messages: string[] = []
  for (const login of ['foo', 'nobody']) {
    const before = hashed
    await users.logIn(login, 'wrong', 'a').catch(error => messages.push(error.message))
    expect(hashed).toBeGreaterThan(before)
  }
  expect(messages[0]).toBe(messages[1])
  expect(messages).toHaveLength(2)
})

test.each([
  [{ login: '', password: 'x', grants: {} }, /login/],
  [{ login: 'a', grants: {} }, /either/],
  [{ login: 'a', owner: 'a\nb', password: 'x', grants: {} }, /control character/],
  [{ login: 'a'.repeat(101), password: 'x', grants: {} }, /100 bytes/],
  [{ login: 'a', password: 'x', passwordHash: 'y', grants: {} }, /either/],
  [{ login: 'a', password: 'x', grants: { dispatch: ['>'] } }, /grants/],
])('a user that cannot be is refused at the start: %#', (user, message) => {
  expect(() => new Users([user], passwordPorts, new LoginLimiter(() => 0, ['foo'], 1))).toThrow(message)
})

test('the password that everybody knows is found', () => {
  expect(hasDefaultPassword([{ login: 'foo', password: 'bar', grants: {} }])).toBe(true)
  expect(hasDefaultPassword([{ login: 'foo', password: 'better', grants: {} }])).toBe(false)
})

test('a bridge on this machine has its own names, and no page of another site', () => {
  const origins = new Origins({ origins: ['https://shop.example'] })
  origins.listensOn('127.0.0.1', 8787)
  const may = (host?: string, origin?: string): boolean => {
    try {
      origins.checkHost(host)
      if (origin !== undefined) origins.checkOrigin(origin)
      return true
    } catch {
      return false
    }
  }
  for (const host of ['127.0.0.1:8787', 'localhost:8787', '[::1]:8787', 'LOCALHOST:8787']) expect(may(host)).toBe(true)
  for (const host of [undefined, '', 'evil.example', 'localhost', 'localhost:1', '127.0.0.1.evil.example:8787'])
    expect(may(host)).toBe(false)
  for (const origin of ['http://localhost:8787', 'http://127.0.0.1:8787', 'https://shop.example'])
    expect(may('localhost:8787', origin)).toBe(true)
  for (const origin of [
    'null',
    'https://localhost:8787',
    'http://shop.example',
    'https://evil.example',
    'https://shop.example.evil',
  ]) {
    expect(may('localhost:8787', origin)).toBe(false)
  }
  expect(origins.isListed('https://shop.example')).toBe(true)
  expect(origins.isListed('http://localhost:8787')).toBe(false)
})

test('behind a proxy its public name is listed, with pages by http and https', () => {
  const origins = new Origins({ hosts: ['jobs.example'] })
  expect(() => origins.checkHost('jobs.example')).not.toThrow()
  expect(() => origins.checkOrigin('https://jobs.example')).not.toThrow()
  expect(() => origins.checkHost('jobs.example:81')).toThrow(/hosts/)
})

test('a default port may be said or left out, in the list and in a request', () => {
  for (const listed of ['jobs.example', 'jobs.example:443', 'Jobs.Example:80', '[fd00::1]:443']) {
    const origins = new Origins({ hosts: [listed] })
    const name = listed.toLowerCase().replace(/:(80|443)$/, '')
    for (const host of [name, `${name}:443`, `${name}:80`, name.toUpperCase()])
      expect(() => origins.checkHost(host), `${listed} for ${host}`).not.toThrow()
    for (const host of [`${name}:8443`, `${name}:`, `${name}:443:443`, `x${name}`])
      expect(() => origins.checkHost(host), `${listed} for ${host}`).toThrow(/hosts/)
    expect(origins.isAllowed(`https://${name}`), listed).toBe(!listed.endsWith(':80'))
  }
  const other = new Origins({ hosts: ['jobs.example:8443'] })
  expect(() => other.checkHost('jobs.example')).toThrow(/hosts/)
})

test('lists that cannot be are refused at the start', async () => {
  expect(() => new Origins({ hosts: ['https://jobs.example'] })).toThrow(/not a host/)
  expect(() => new Origins({ origins: ['shop.example'] })).toThrow(/not an origin/)
  expect(() => new Origins({ origins: ['https://shop.example/page'] })).toThrow(/not an origin/)
  expect(() => new Origins({ origins: ['https://shop.example:443'] })).toThrow(/expected https:\/\/shop\.example$/)
  expect(() => new Origins({ origins: ['https://bücher.example'] })).toThrow(
    /expected https:\/\/xn--bcher-kva\.example$/,
  )
  expect(() => new Origins({ origins: ['capacitor://localhost/'] })).toThrow(/expected capacitor:\/\/localhost$/)
  for (const origin of ['wss://shop.example', 'https://', 'app:', '', 'https://me@shop.example', 'tauri://a b'])
    expect(() => new Origins({ origins: [origin] }), origin).toThrow(/not an origin/)
})

test('a list in one value and a password in it are told of, and the password is not shown', () => {
  for (const origin of [
    'https://a.example,https://b.example',
    'https://a.example, https://b.example',
    'app://a;app://b',
  ])
    expect(() => new Origins({ origins: [origin] }), origin).toThrow(/list of origins; give each by itself/)
  for (const origin of [
    'https://me:geheim@shop.example',
    'app://me:geheim@x',
    'https://me:geheim@*.shop.example',
    'me:geheim@h',
  ]) {
    expect(() => new Origins({ origins: [origin] }), origin).toThrow(/^(?!.*geheim)/)
    expect(() => new Origins({ hosts: [origin] }), origin).toThrow(/^(?!.*geheim)/)
  }
})

const input = (file: string): Promise<string> =>
  readFile(new URL(`../../test/cases/inputs/${file}`, import.meta.url), 'utf8')

test('origins of apps are taken as they are written', async () => {
  const listed = (await input('C18-origins.txt')).trim().split('\n')
  const apps = [
    'ionic://localhost',
    'tauri://localhost',
    'app://-',
    'app://Obsidian.md',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://5b7c6e1e-0000-4000-8000-0123456789ab',
    'custom+app.1://localhost:8080',
  ]
  const origins = new Origins({ origins: [...listed, ...apps, 'CAPACITOR://other'] })
  for (const origin of [...listed, ...apps, 'capacitor://other']) {
    expect(() => origins.checkOrigin(origin), origin).not.toThrow()
    expect(origins.isListed(origin), origin).toBe(true)
  }
  for (const origin of [
    'capacitor://localhost.evil',
    'capacitor://',
    'ionic://other',
    'https://localhost',
    'app://x',
    'null',
    '',
  ])
    expect(() => origins.checkOrigin(origin), origin).toThrow(/list/)
})

test('settings that would let in more than was meant are refused at the start', async () => {
  for (const origin of ['null', 'NULL', 'file://', 'file:///home/page.html', 'data:text/html,x', 'about:blank'])
    expect(() => new Origins({ origins: [origin] }), origin).toThrow(/cannot be listed: .*serve the page/)
  for (const origin of ['*', 'https://*', 'https://shop.*', 'https://shop.example:*', '*://shop.example', 'app://*'])
    expect(() => new Origins({ origins: [origin] }), origin).toThrow(/has a "\*" where none can be/)
  const starred = new Origins({ origins: [(await input('C19-origin.txt')).trim()] })
  expect(['https://pr-7.shop.example', 'https://evil.example'].map(one => starred.isAllowed(one))).toEqual([
    true,
    false,
  ])
  for (const host of ['*', '*.shop.example', 'jobs.example:*', 'jobs*.example'])
    expect(() => new Origins({ hosts: [host] }), host).toThrow(/has a "\*".*list each host/)
})

test('a sign-in link works once, within its time', () => {
  let now = 0
  const link = () => new SignInLink({ grants: { dispatch: ['*'] }, owner: 'Ada' }, 'secret', () => now, 600_000)
  const used = link()
  expect(() => used.identify('secre')).toThrow(/printed/)
  // A person who is refused for another reason asks again
  for (let asked = 0; asked < 2; asked++)
    expect(used.identify('secret')).toMatchObject({ owner: '_41da', isConfiguredUser: false })
  used.use()
  expect(() => used.identify('secret')).toThrow(/used/)
  expect(() => used.use()).toThrow(/used/)
  const late = link()
  now = 600_000
  expect(() => late.identify('secret')).toThrow(/expired/)
})

test('a malformed authorization is refused as such, and other schemes are for others', () => {
  expect(readAuthorization('Bearer a.b.c')).toEqual({ scheme: 'bearer', token: 'a.b.c' })
  expect(readAuthorization(` BASIC   ${btoa('foo:b:r')} `)).toEqual({ scheme: 'basic', login: 'foo', password: 'b:r' })
  for (const other of [undefined, '', ' ', 'Negotiate abc', 'Digest username="a"', 'Bearer:a'])
    expect(readAuthorization(other), other).toBeUndefined()
  for (const [odd, said] of [
    ['Bearer', /one token without blanks/],
    ['Bearer a b', /one token without blanks/],
    ['Basic', /login:password in base64/],
    ['Basic foo:bar', /base64/],
    ['Basic Zm9v', /no colon/],
    [`Basic ${btoa('f\u00f6\u00f6:b')}`, /UTF-8/],
    ['Basic Zm9vOmJhcg== Zm9v', /without blanks/],
  ] as const)
    expect(() => readAuthorization(odd), odd).toThrow(said)
})

test('any number of users may have a password in the clear, and one that stays is not hashed again', async () => {
  let hashed = 0
  const cheap = {
    randomBytes: (count: number) => new Uint8Array(count),
    scrypt: async (password: string) => {
      hashed++
      return new TextEncoder().encode(password.padEnd(32))
    },
  }
  const configured = Array.from({ length: 300 }, (_, at) => ({ login: `u${at}`, password: `p${at}`, grants: {} }))
  const attempts = new LoginLimiter(Date.now, [], 1)
  const users = new Users(configured, cheap, attempts)
  expect(await users.logIn('u299', 'p299', 'a')).toMatchObject({ owner: 'u299' })
  const before = hashed
  const others = new Users(
    [...configured.slice(0, 299), { ...configured[299]!, password: 'new' }],
    cheap,
    attempts,
    users,
  )
  expect(await others.logIn('u298', 'p298', 'a')).toMatchObject({ owner: 'u298' })
  await expect(others.logIn('u299', 'p299', 'a')).rejects.toMatchObject({ code: 'not_authenticated' })
  expect(await others.logIn('u299', 'new', 'a')).toMatchObject({ owner: 'u299' })
  expect(hashed - before, 'one password, and three tries').toBeLessThan(6)
})
