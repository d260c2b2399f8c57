import { copyFileSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterAll, expect, test } from 'vitest'
import { makeAuthority } from '../../../test/support/tls/authority.ts'
import { readTls } from './node-tls.ts'
import type { TlsOptions } from './tls-options.ts'

const authority = makeAuthority()
afterAll(() => authority[Symbol.dispose]())
const { ca } = authority
const { cert, key } = authority.sign('client')
const other = authority.sign('other')
const encrypted = authority.encrypt(key, 'phr4se')
const [empty, broken] = [`${ca}.empty`, `${ca}.broken`]
writeFileSync(empty, '')
writeFileSync(broken, readFileSync(cert, 'utf8').replace(/\n.{8}/, '\nAAAAAAAA'))
const broker = 'stomp+ssl://broker.test'

test.each<[TlsOptions, RegExp, string?]>([
  [{ ca: `${ca}.away` }, /ca \(--tls-ca\) cannot be read: ENOENT/],
  [{ ca: empty }, /ca \(--tls-ca\): \S+\.empty has no certificate in PEM/],
  [{ ca: key }, /ca \(--tls-ca\): \S+ has no certificate in PEM/],
  [{ ca: broken }, /has a certificate that cannot be read, number 1/],
  [{ cert }, /cert \(--tls-cert\) needs key \(--tls-key\) beside it/],
  [{ key }, /key \(--tls-key\) needs cert \(--tls-cert\) beside it/],
  [{ cert, key: other.key }, /is not the key of the certificate in/],
  [{ cert, key: cert }, /has no private key in PEM/],
  [{ cert, key: encrypted }, /is encrypted; give its passphrase by keyPassphrase \(DROVER_TLS_KEY_PASSPHRASE\)/],
  [{ cert, key: encrypted, keyPassphrase: 'guessed' }, /cannot be read by the passphrase that is given/],
  [{ ca, keyPassphrase: 'guessed' }, /opens key \(--tls-key\), which is not given/],
  [{ serverName: '127.0.0.1' }, /serverName \(--tls-server-name\) is "127\.0\.0\.1"; expected the name of a host/],
  [{ serverName: 'a b' }, /expected the name of a host/],
  [{ ca: '' }, /ca \(--tls-ca\) is empty/],
  [{ ca }, /would do nothing, since stomp:\/\/ has no TLS; take stomp\+ssl:\/\//, 'stomp://broker.test'],
  [{ ca }, /would do nothing, since ws:\/\/ has no TLS; take wss:\/\//, 'ws://broker.test'],
])('%o is told', (tls, sentence, address = broker) => {
  const error = (() => {
    try {
      readTls(tls, address)
    } catch (error) {
      return error as Error
    }
    return undefined
  })()
  expect(error).toMatchObject({ code: 'config_invalid', message: expect.stringMatching(sentence) })
  const { message, stack, cause } = error!
  expect(`${message}${stack}${String(cause)}`).not.toMatch(/guessed|phr4se|BEGIN ENCRYPTED/)
})

test('nothing given is nothing, for any address', () => {
  for (const tls of [undefined, {}, { ca: undefined }]) expect(readTls(tls, 'stomp://broker.test')).toBeUndefined()
})

test('a key with its passphrase, and PEM text in place of a file', () => {
  const text = readFileSync(cert, 'utf8')
  const read = readTls({ ca, cert: text, key: encrypted, keyPassphrase: 'phr4se', serverName: 'broker.test' }, broker)
  expect(read!()).toMatchObject({ cert: text, passphrase: 'phr4se', servername: 'broker.test' })
})

test('files that are replaced count from the next connection on, once they fit each other', () => {
  const [ownCert, ownKey] = [`${cert}.own`, `${key}.own`]
  copyFileSync(cert, ownCert)
  copyFileSync(key, ownKey)
  const read = readTls({ cert: ownCert, key: ownKey }, broker)!
  const before = read()
  expect(read()).toBe(before)
  copyFileSync(other.cert, ownCert)
  expect(read()).toBe(before)
  copyFileSync(other.key, ownKey)
  expect(read().cert).toBe(readFileSync(other.cert, 'utf8'))
  writeFileSync(ownCert, '')
  expect(read().cert).toBe(readFileSync(other.cert, 'utf8'))
  // A link to itself: not even its time can be read
  rmSync(ownKey)
  symlinkSync(ownKey, ownKey)
  expect(read().cert).toBe(readFileSync(other.cert, 'utf8'))
})
