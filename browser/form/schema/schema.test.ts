import fc from 'fast-check'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { check } from './check.ts'
import { emptyDraft, initialDraft, toDraft, toValue } from './draft.ts'
import type { Field } from './field.ts'
import { type Json, sameJson } from './json.ts'
import { readSchema } from './read.ts'
import { fieldOf, only } from './testing.ts'

const ofZod = (schema: z.ZodType): Field => fieldOf(z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }))

test('a schema of zod becomes fields, with labels from names and bounds that tell something', () => {
  const field = ofZod(
    z.object({
      source_path: z.string().min(1).max(1000).describe('below the folder'),
      width: z.int().min(16).default(320),
      format: z.enum(['webp', 'png']).default('webp'),
      tags: z.array(z.string()).max(4).optional(),
    }),
  )
  expect(field).toMatchObject({
    kind: 'object',
    fields: [
      { kind: 'text', key: 'source_path', label: 'Source path', description: 'below the folder', isRequired: true },
      { kind: 'number', isInteger: true, min: 16, isRequired: false, initial: 320 },
      { kind: 'choice', options: [{ value: 'webp' }, { value: 'png' }], initial: 'webp' },
      { kind: 'list', item: { kind: 'text' }, maxItems: 4, isRequired: false },
    ],
  })
  expect(field).toMatchObject({ fields: [{}, { max: undefined }, {}, {}] })
})

test.each([
  ['email', z.email()],
  ['uri', z.url()],
  ['uuid', z.uuid()],
  ['date', z.iso.date()],
  ['date-time', z.iso.datetime()],
] as const)('format %s is kept, without the pattern beside it', (format, schema) => {
  const field = ofZod(z.object({ one: schema }))
  expect(field).toMatchObject({ fields: [{ kind: 'text', format, pattern: undefined }] })
})

test('null beside another type makes a field nullable, however it is said', () => {
  for (const schema of [
    { type: ['string', 'null'] },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    { oneOf: [{ type: 'null' }, { type: 'string' }], title: 'One' },
  ]) {
    expect(only(schema)).toMatchObject({ kind: 'text', isNullable: true, label: 'One' })
  }
  expect(only({ enum: ['a', null] })).toMatchObject({ kind: 'choice', isNullable: true, options: [{ value: 'a' }] })
})

test('alternatives are a choice of values or of shapes, named by the constant that tells them apart', () => {
  expect(only({ oneOf: [{ const: 1, title: 'Low' }, { const: 9 }] })).toMatchObject({
    kind: 'choice',
    options: [
      { label: 'Low', value: 1 },
      { label: '9', value: 9 },
    ],
  })
  expect(only({ type: ['string', 'integer'] })).toMatchObject({
    kind: 'variant',
    variants: [{ label: 'Text' }, { label: 'Whole number' }],
  })
  const shape = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('crop'), width: z.int() }),
    z.object({ kind: z.literal('turn'), degrees: z.int() }),
  ])
  expect(ofZod(z.object({ step: shape }))).toMatchObject({
    fields: [{ kind: 'variant', variants: [{ label: 'crop' }, { label: 'turn' }] }],
  })
})

test('a schema without fields is written as JSON: records, tuples, remote and circular references', () => {
  for (const schema of [
    {},
    true,
    { type: 'object', additionalProperties: { type: 'number' } },
    { type: 'array', prefixItems: [{ type: 'string' }] },
    { $ref: 'https://evil.example/schema.json' },
    { $ref: '#/nowhere' },
    { $ref: '#/%' },
    { type: 'nonsense' },
    { $ref: '#/properties/one' },
  ]) {
    expect(only(schema).kind).toBe('json')
  }
  const tree = {
    $defs: {
      node: {
        type: 'object',
        properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
      },
    },
    $ref: '#/$defs/node',
  }
  expect(fieldOf(tree)).toMatchObject({ fields: [{ kind: 'text' }, { kind: 'list', item: { kind: 'json' } }] })
})

test('an intersection of objects is one object', () => {
  const field = ofZod(z.intersection(z.object({ a: z.string() }), z.object({ b: z.int().optional() })))
  expect(field).toMatchObject({
    fields: [
      { key: 'a', isRequired: true },
      { key: 'b', isRequired: false },
    ],
  })
})

test('reading any schema ends in a field or a sentence', () => {
  const words = fc.constantFrom(
    'string',
    'number',
    'object',
    'array',
    'null',
    'boolean',
    'x',
    '#',
    '#/properties/a',
    '__proto__',
  )
  const { schema } = fc.letrec(tie => ({
    schema: fc.oneof(
      { depthSize: 'medium' },
      fc.jsonValue(),
      fc.dictionary(
        fc.constantFrom(
          'type',
          'properties',
          'items',
          'anyOf',
          'oneOf',
          'allOf',
          'enum',
          'const',
          '$ref',
          'default',
          'required',
          'pattern',
          'minItems',
          'minimum',
          'title',
        ),
        fc.oneof(
          words,
          fc.integer(),
          tie('schema'),
          fc.array(tie('schema'), { maxLength: 3 }),
          fc.array(words, { maxLength: 3 }),
          fc.dictionary(fc.constantFrom('a', 'b', '__proto__'), tie('schema'), { maxKeys: 3 }),
        ),
        { maxKeys: 5 },
      ),
    ),
  }))
  fc.assert(
    fc.property(schema, fc.jsonValue(), (given, value) => {
      const { field, problem } = readSchema(given)
      if (problem !== undefined)
        return void expect([field.kind, problem]).toEqual(['json', expect.stringMatching(/JSON\.$/)])
      check(field, initialDraft(field))
      check(field, emptyDraft(field))
      const json = JSON.parse(JSON.stringify(value)) as Json
      expect(sameJson(toValue(field, toDraft(field, json)), json)).toBe(true)
    }),
    { numRuns: 500 },
  )
})

test('a form begins with defaults, required fields, and nothing else', () => {
  const field = ofZod(
    z.object({
      text: z.string(),
      count: z.int().default(3),
      flag: z.boolean(),
      maybe: z.boolean().optional(),
      off: z.boolean().default(true),
      none: z.string().nullable(),
      inner: z.object({ a: z.string().default('x') }),
      outer: z.object({ a: z.string() }).optional(),
      list: z.array(z.int()).min(2),
      kind: z.literal('k'),
      step: z.union([z.object({ a: z.int().default(1) }), z.string()]),
    }),
  )
  expect(toValue(field, initialDraft(field))).toEqual({
    count: 3,
    flag: false,
    off: true,
    none: null,
    inner: { a: 'x' },
    list: [null, null],
    kind: 'k',
    step: { a: 1 },
  })
})

test.each([
  [{ type: 'integer', minimum: 1, maximum: 5 }, ['1', '5'], ['0', '6', '1.5', '', 'x', '1e400']],
  [{ type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }, ['0.5'], ['0', '1']],
  [{ type: 'number', multipleOf: 0.1 }, ['0.3', '1e2'], ['0.35']],
  [{ type: 'integer', minimum: 1, multipleOf: 5 }, ['5'], ['6']],
  [{ type: 'integer' }, ['9007199254740991'], ['9007199254740993']],
  [{ type: 'string', minLength: 2, maxLength: 3 }, ['🐎🐎', 'abc'], ['🐎', 'abcd']],
  [{ type: 'string', format: 'uuid' }, ['3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11'], ['3f0c']],
  [
    { type: 'string', format: 'date-time' },
    ['2027-03-31T09:30:00Z', '2027-03-31T09:30:00.5+02:00'],
    ['yesterday', '2027-99-31T09:30:00Z'],
  ],
  [{ type: 'string', format: 'date' }, ['2027-03-31'], ['31.3.2027']],
  [{ type: 'string', pattern: '^[a-z]+-\\d{2,4}$' }, ['ab-12'], ['AB-12']],
])('%j takes %j and finds fault with %j', (schema, good, bad) => {
  const field = only(schema)
  const faults = (text: string) => check(field, { is: 'text', text })
  for (const text of good) expect(faults(text), text).toEqual([])
  for (const text of bad) expect(faults(text), text).toHaveLength(1)
})

test('lists are checked for length and for items that are in them twice', () => {
  const field = only({ type: 'array', items: { type: 'integer' }, minItems: 2, maxItems: 3, uniqueItems: true })
  const faults = (value: Json) => check(field, toDraft(field, value))
  expect(faults([1, 2])).toEqual([])
  expect(faults([1])).toEqual([{ path: '', message: 'Expected 2 items at least; this has 1.' }])
  expect(faults([1, 2, 3, 4])).toEqual([{ path: '', message: 'Expected 3 items at most; this has 4.' }])
  expect(faults([1, 2, 1])).toEqual([{ path: '2', message: 'This is in the list already.' }])
})

test('a text that may be long has several lines, one with a format has not', () => {
  const formatOf = (schema: object) => {
    const { field } = readSchema({ type: 'string', ...schema })
    return field.kind === 'text' ? field.format : field.kind
  }
  expect([{ maxLength: 5000 }, { maxLength: 1000 }, {}, { maxLength: 5000, format: 'uri' }].map(formatOf)).toEqual([
    'long',
    'plain',
    'plain',
    'uri',
  ])
})
