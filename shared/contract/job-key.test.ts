import { createHash } from 'node:crypto'
import { v5 } from 'uuid'
import { expect, test } from 'vitest'
import { checkKey, requestIdOfKey } from './job-key.ts'

const ofDns = '6ba7b810-9dad-11d1-80b4-00c04fd430c8'
const ofKeys = '0c8d9c55-8c7c-4f2c-9f0e-3a1f8f1d7b42'

/** RFC 9562, section 5.5, step by step. */
function version5(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name, 'utf8')
    .digest()
    .subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

test('the vector of RFC 9562, appendix A.4', () => {
  const expected = '2ed6657d-e927-568b-95e1-2665a8aea6a2'
  expect([v5('www.example.com', ofDns), version5(ofDns, 'www.example.com')]).toEqual([expected, expected])
})

test.each([
  ['ada', 'invoice.send', 'order 17'],
  ['_41da', 'a.b', 'Größe/€/👍'],
])('a key is named by owner, task and key, in UTF-8: %s %s %s', (owner, task, key) => {
  expect(requestIdOfKey(owner, task, key)).toBe(version5(ofKeys, `${owner}/${task}/${key}`))
})

test.each([[''], ['x'.repeat(201)], ['\ud800'], [7 as unknown as string]])('a key that cannot be used: %j', key => {
  expect(() => checkKey(key)).toThrow(expect.objectContaining({ code: 'config_invalid' }))
})
