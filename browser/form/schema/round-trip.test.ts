import fc from 'fast-check'
import { expect, test } from 'vitest'
import { check } from './check.ts'
import { toDraft, toValue } from './draft.ts'
import { type Json, sameJson } from './json.ts'
import { fieldOf, only } from './testing.ts'

/** A schema beside values that it allows. */
const { pair } = fc.letrec<{ pair: { schema: unknown; value: Json } }>(tie => ({
  pair: fc.oneof(
    { depthSize: 'small' },
    fc.string().map(value => ({ schema: { type: 'string' }, value: value as Json })),
    fc.integer().map(value => ({ schema: { type: 'integer' }, value: value as Json })),
    fc
      .double({ noNaN: true, noDefaultInfinity: true })
      .map(value => ({ schema: { type: 'number' }, value: (value === 0 ? 0 : value) as Json })),
    fc.boolean().map(value => ({ schema: { type: 'boolean' }, value: value as Json })),
    fc.constantFrom('a', 'b').map(value => ({ schema: { enum: ['a', 'b', 'c'] }, value: value as Json })),
    fc.constant({ schema: { type: ['string', 'null'] }, value: null as Json }),
    fc.jsonValue().map(value => ({ schema: {}, value: JSON.parse(JSON.stringify(value)) as Json })),
    fc.tuple(tie('pair'), fc.boolean()).map(([{ schema, value }, isText]) => ({
      schema: { anyOf: [{ type: 'string' }, schema] },
      value: isText ? 'text' : value,
    })),
    fc.tuple(tie('pair'), fc.nat(3)).map(([{ schema, value }, n]) => ({
      schema: { type: 'array', items: schema },
      value: Array.from({ length: n }, () => value),
    })),
    fc
      .dictionary(fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor')), tie('pair'), { maxKeys: 4 })
      .map(pairs => ({
        schema: {
          type: 'object',
          properties: Object.fromEntries(Object.entries(pairs).map(([key, one]) => [key, one.schema])),
          required: Object.keys(pairs),
        },
        value: Object.fromEntries(Object.entries(pairs).map(([key, one]) => [key, one.value])) as Json,
      })),
  ),
}))

test('a value that its schema allows goes into fields and comes out as it was, with nothing to find fault with', () => {
  fc.assert(
    fc.property(pair, ({ schema, value }) => {
      const field = only(schema)
      const draft = toDraft(field, value)
      expect(sameJson(toValue(field, draft), value)).toBe(true)
      if (field.kind !== 'json' && value !== undefined) expect(check(field, draft)).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('any other value goes through as well, and its place is named', () => {
  const field = fieldOf({
    type: 'object',
    properties: { n: { type: 'integer' }, list: { type: 'array', items: { type: 'string' } } },
    required: ['n'],
  })
  const value = { n: 'seven', list: ['a', 2], extra: true }
  const draft = toDraft(field, value)
  expect(toValue(field, draft)).toEqual(value)
  expect(check(field, draft)).toEqual([
    { path: 'n', message: 'Expected a whole number.' },
    { path: 'list.1', message: 'Expected text.' },
  ])
  expect(check(field, toDraft(field, []))).toEqual([{ path: '', message: 'Expected an object.' }])
  expect(check(field, toDraft(field, {}))).toEqual([{ path: 'n', message: 'Fill this in.' }])
})
