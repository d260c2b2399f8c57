import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { redact, secretsIn, withoutSecrets } from './secrets.ts'

const password = { type: 'string', format: 'password' }
const of = (schema: unknown, value: unknown) => redact(value, secretsIn(schema, value))

test('a password is found wherever the schema has it', () => {
  const given = JSON.parse(readFileSync('test/cases/inputs/C08.json', 'utf8')) as unknown
  expect(of(given, { host: 'sw1', snmp_community: 'hunter2' })).toEqual({ host: 'sw1', snmp_community: '••••••' })
  const $defs = { secret: password, anchored: { $anchor: 'token', writeOnly: true } }
  const schemas: [unknown, unknown][] = [
    [{ properties: { a: { properties: { b: password } } } }, { a: { b: 'hunter2' } }],
    [{ properties: { a: { items: password } } }, { a: ['hunter2', 'hunter2'] }],
    [{ prefixItems: [{}, password] }, ['x', 'hunter2']],
    [{ $defs, properties: { a: { $ref: '#/$defs/secret' } } }, { a: 'hunter2' }],
    [{ $defs, properties: { a: { $ref: '#token' } } }, { a: 'hunter2' }],
    [{ $defs, properties: { a: { allOf: [{ $ref: '#/$defs/secret' }] } } }, { a: 'hunter2' }],
    [{ allOf: [{ properties: { a: password } }] }, { a: 'hunter2' }],
    [{ anyOf: [{ properties: { a: password } }, { properties: { b: {} } }] }, { a: 'hunter2' }],
    [JSON.parse('{"if":{},"then":{"properties":{"a":{"x-secret":true}}}}'), { a: 'hunter2' }],
    [{ additionalProperties: password }, { any: 'hunter2' }],
    [{ properties: { a: { writeOnly: true, properties: { b: {} } } } }, { a: { b: 'hunter2' } }],
    [password, 'hunter2'],
    // Of older drafts, in a text that is JSON itself, as a name.
    [{ dependencies: { a: { properties: { b: password } } } }, { a: 1, b: 'hunter2' }],
    [{ properties: { a: password, more: { $recursiveRef: '#' } } }, { more: { a: 'hunter2' } }],
    [{ properties: { a: { contentSchema: { properties: { b: password } } } } }, { a: '{"b":"hunter2"}' }],
    [{ propertyNames: password }, { hunter2: 1 }],
    // References in a part with an id of its own begin at that part.
    [{ $defs: { secret: {}, part: { $id: 'p', $ref: '#/$defs/secret', $defs } }, $ref: 'p' }, 'hunter2'],
  ]
  for (const [schema, value] of schemas) expect(JSON.stringify(of(schema, value))).not.toContain('hunter2')
})

test('an open value stays as it is, and one whose schema cannot be looked through counts as a secret', () => {
  const schema = { properties: { host: {}, password } }
  expect(of(schema, { host: 'sw1' })).toEqual({ host: 'sw1' })
  expect(of(schema, { host: 'sw1', password: null })).toEqual({ host: 'sw1', password: null })
  const loop = { $ref: '#', properties: { password } }
  expect(of(loop, { password: 'hunter2' })).toBe('••••••')
  // No schema is known for these references.
  for (const $ref of ['#/nowhere', 'https://elsewhere.example/x', 'root.json#/$defs/x']) {
    expect(of({ properties: { a: { $ref }, password } }, { a: 'hunter2', b: 1 })).toEqual({ a: '••••••', b: 1 })
    expect(of({ properties: { a: { $ref } } }, { a: 'open' })).toEqual({ a: 'open' })
  }
  expect(of(undefined, 'open')).toBe('open')
})

test('to be filled in again it is left out', () => {
  expect(withoutSecrets({ host: 'sw1', password: 'x' }, [['password']])).toEqual({ host: 'sw1' })
  expect(withoutSecrets(['a', 'b'], [['1']])).toEqual(['a', ''])
})
