import { expect, test } from 'vitest'
import * as z from 'zod'
import type { Field } from './field.ts'
import { readSchema } from './read.ts'
import { fieldOf, only } from './testing.ts'

const _ofZod = (schema: z.ZodType): Field => fieldOf(z.toJSONSchema(schema, { io: 'input', target: 'draft-2020-12' }))
const _only = (schema: unknown): Field => {
  const field = fieldOf({ type: 'object', properties: { one: schema }, required: ['one'] })
  if (field.kind !== 'object') throw new Error('no object')
  return field.fields[0]!
}

test('a schema that is absent, too deep or too large says so in a sentence', () => {
  const nested = (depth: number): unknown =>
    depth === 0 ? {} : { type: 'object', properties: { a: nested(depth - 1) } }
  const wide = { type: 'object', properties: Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`p${i}`, {}])) }
  const laughs: Record<string, unknown> = { l0: { type: 'string' } }
  for (let i = 1; i < 8; i++) {
    const twice = { $ref: `#/$defs/l${i - 1}` }
    laughs[`l${i}`] = {
      type: 'object',
      properties: Object.fromEntries('abcdefghij'.split('').map(key => [key, twice])),
    }
  }
  const around: Record<string, unknown> = { type: 'object', properties: {} }
  ;(around.properties as Record<string, unknown>).self = around
  expect(readSchema(undefined).problem).toMatch(/No input schema is announced/)
  expect(readSchema(true).problem).toMatch(/any input/)
  expect(readSchema(nested(100)).problem).toMatch(/more than 10 levels/)
  expect(readSchema(around).problem).toMatch(/more than 10 levels/)
  expect(readSchema(wide).problem).toMatch(/more than 300 fields/)
  expect(readSchema({ $defs: laughs, $ref: '#/$defs/l7' }).problem).toMatch(/more than 300 fields/)
})

test('JSON that is nested deeper than the stack is refused in a sentence, wherever it stands', () => {
  const deep = JSON.parse('['.repeat(30_000) + ']'.repeat(30_000))
  for (const part of [{ default: deep }, { const: deep }, { enum: [deep] }, { items: deep }, { examples: deep }]) {
    expect(readSchema({ type: 'object', properties: { one: { ...part, type: 'string' } } }).problem).toMatch(
      /levels deep/,
    )
  }
  let shared: unknown = 'x'
  for (let i = 0; i < 60; i++) shared = [shared, shared]
  expect(readSchema({ type: 'string', default: shared }).problem).toMatch(/levels deep/)
})

test('words of a schema are cut, and cannot turn the text around them', () => {
  const field = only({ type: 'string', title: `a\u202e\u0000b${'x'.repeat(100_000)}`, description: ' \n ' })
  expect(field.label).toMatch(/^a b/)
  expect(field.label.length).toBeLessThanOrEqual(120)
  expect(field.description).toBeUndefined()
})

test('a keyword that should be text and is something else says nothing', () => {
  const odd = { toString: 1 }
  expect(only({ type: 'string', contentMediaType: odd, format: odd, title: odd, description: odd })).toMatchObject({
    format: 'plain',
    label: 'One',
    description: undefined,
  })
})
