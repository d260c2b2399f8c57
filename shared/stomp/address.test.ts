import { expect, test } from 'vitest'
import { readAddress } from './address.ts'

test('readAddress() decodes the userinfo and leaves it out of what is opened', () => {
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
