import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { readAddress, withoutPassword, writeAddress } from './address.ts'

test('readAddress() decodes the userinfo and leaves it out of the url to open', () => {
  const { url, login, passcode } = readAddress('wss://f%3Ao:b%40r@jobs.example/stomp?x=1#secret')
  expect([url.href, login, passcode]).toEqual(['wss://jobs.example/stomp?x=1', 'f:o', 'b@r'])
})

test('readAddress() takes a bare % as one', () => {
  expect(readAddress('stomp://foo:50%25@h').passcode).toBe('50%')
  expect(readAddress('stomp://foo:50%@h').passcode).toBe('50%')
})

test.for(['', 'localhost:61613', 'http://localhost', 'tcp://localhost:61613', 'stomp:', 'stomp:///x'])(
  'readAddress() refuses %j',
  text => expect(() => readAddress(text)).toThrow(expect.objectContaining({ code: 'config_invalid' })),
)

test('readAddress() keeps credentials out of its error', () => {
  expect(() => readAddress('tcp://foo:geheim@localhost')).toThrow(/^(?!.*geheim)/)
})

const passwords = [
  '50%off',
  'p/ss',
  'p?ss',
  'p#ss',
  'p@ss',
  'p:s:s',
  'p ss',
  'pä羊ss',
  'p\\ss',
  'p%zz',
  'p%40%',
  '%E4pss',
  '12/ss',
]
const secrets = [...passwords, `p${'ss'.repeat(50_000)}`, 'a/b@c#d', '[x]/ss', 'p"ss<>']

test('a password gives a working login, or a sentence about percent-encoding; it is never shown', () => {
  for (const secret of secrets) {
    for (const scheme of ['stomp', 'stomp+ssl', 'ws', 'wss', 'tcp']) {
      const text = `${scheme}://foo:${secret}@127.0.0.1:61613/stomp`
      expect(withoutPassword(text)).not.toContain(secret)
      try {
        const { url, passcode } = readAddress(text)
        expect([url.host, passcode]).toEqual(['127.0.0.1:61613', secret])
        expect(readAddress(writeAddress({ url, login: 'foo', passcode: secret })).passcode).toBe(secret)
        expect(URL.canParse(writeAddress({ url, login: 'foo', passcode: secret }))).toBe(true)
      } catch (error) {
        const { message } = error as Error
        expect(message).toMatch(/%25, \/ as %2F/)
        expect(message.replace('foo:bar@', '')).not.toContain('foo')
        expect(message).not.toContain(secret)
      }
      expect(readAddress(`stomp://foo:${encodeURIComponent(secret)}@h`).passcode).toBe(secret)
    }
  }
})

test('an address without its host shows no password either', () => {
  for (const secret of passwords.filter(one => one !== '12/ss' && one !== 'p@ss')) {
    // Those two read as a host
    for (const text of [
      `stomp://foo:${secret}`,
      `foo:${secret}@h`,
      `stomp:foo:${secret}@h`,
      `stomp:///foo:${secret}@h`,
    ]) {
      expect(withoutPassword(text)).not.toContain(secret)
      expect(() => readAddress(text)).toThrow(expect.objectContaining({ message: expect.not.stringContaining(secret) }))
    }
  }
})

test('a list says that one address is supported', async () => {
  const lines = (await readFile('test/cases/inputs/C15-addresses.txt', 'utf8')).trim().split('\n')
  const others = [
    'ws://foo:bar@a, ws://foo:bar@b',
    'failover://(tcp://foo:bar@a)?x=1',
    'stomp://foo:bar@a:1;stomp://foo:bar@b:1',
    'stomp://foo:bar@a:1 stomp://foo:bar@b:1',
    'stomp://foo:bar@a:1,b:1',
  ]
  for (const line of [...lines, ...others]) {
    expect(() => readAddress(line)).toThrow(/one address is supported(?!.*bar)/s)
  }
})

test.for([
  ['stomp://foo:b@r@h:1', 'stomp://foo:***@h:1'],
  ['stomp://f/o:b@h', 'stomp://…'],
  ['wss://h/stomp?token=x', 'wss://h/stomp'],
] as const)('withoutPassword(%j) is %j', ([text, shown]) => expect(withoutPassword(text)).toBe(shown))
