import { expect, test } from 'vitest'
import * as z from 'zod'
import * as mini from 'zod/mini'
import { defineTask } from '../../shared/contract/mod.ts'
import { announcedSchema } from './input-schema.ts'

test('announcedSchema() gives the input side, from zod, from zod mini and from the task itself', async () => {
  const input = { type: 'object', properties: { a: { type: 'string' } } }
  const full = defineTask('a', { input: z.object({ a: z.string().transform(Number) }) })
  const small = defineTask('a', { input: mini.object({ a: mini.string() }) })
  const own = defineTask('a', { input: mini.object({ a: mini.string() }), inputJsonSchema: { const: 1 } })
  expect(await announcedSchema(full)).toMatchObject(input)
  expect(await announcedSchema(small)).toMatchObject(input)
  expect(await announcedSchema(own)).toEqual({ const: 1 })
})

test("announcedSchema() takes the task's description in, cut to 500 characters, unless the schema has one of its own", async () => {
  const describe = async (input: z.ZodType, description: string): Promise<unknown> =>
    ((await announcedSchema(defineTask('a', { input, description }))) as { description?: unknown }).description
  expect(await describe(z.object({}), 'Counts sheep')).toBe('Counts sheep')
  expect(await describe(z.object({}).describe('Its own'), 'Counts sheep')).toBe('Its own')
  expect(await describe(z.object({}), '🐑'.repeat(500))).toBe('🐑'.repeat(500))
  expect(await describe(z.object({}), '🐑'.repeat(501))).toBe(`${'🐑'.repeat(499)}…`)
  expect(await describe(z.object({}), 'x'.repeat(70_000))).toBe(`${'x'.repeat(499)}…`)
  expect(await announcedSchema(defineTask('a', { input: z.any(), inputJsonSchema: { a: 1 } }))).toEqual({ a: 1 })
})

test('announcedSchema() gives none for a schema that has none or is too large', async () => {
  const bare = { '~standard': { version: 1, vendor: 'x', validate: (value: unknown) => ({ value }) } } as const
  expect(await announcedSchema(defineTask('a', { input: bare }))).toBeUndefined()
  const large = { description: 'x'.repeat(70_000) }
  expect(await announcedSchema(defineTask('a', { input: bare, inputJsonSchema: large }))).toBeUndefined()
})

test('announcedSchema() leaves types open that JSON Schema has no words for, names them once, and shows the rest', async () => {
  const announced = async (input: z.ZodType): Promise<{ schema: unknown; problems: string[] }> => {
    const problems: string[] = []
    const schema = await announcedSchema(defineTask('a', { input }), message => void problems.push(message))
    return { schema, problems }
  }
  const dated = await announced(z.object({ path: z.string(), since: z.coerce.date(), until: mini.optional(z.date()) }))
  expect(dated).toMatchObject({
    schema: {
      properties: { path: { type: 'string' }, since: { format: 'date-time' }, until: { type: 'string' } },
      required: ['path', 'since'],
    },
    problems: [],
  })
  for (const [input, property] of [
    [z.object({ id: z.bigint() }), { id: {} }],
    [z.object({ a: z.string().or(z.undefined()) }), { a: { anyOf: [{ type: 'string' }, {}] } }],
    [z.object({ f: z.instanceof(Uint8Array) }), { f: {} }],
    [z.object({ m: z.map(z.string(), z.number()) }), { m: {} }],
    [z.object({ s: z.set(z.string()), t: z.string() }), { s: {}, t: { type: 'string' } }],
    [z.object({ n: z.int64() }), { n: {} }],
  ] as const) {
    const [name] = Object.keys(property)
    expect(await announced(input)).toMatchObject({
      schema: { type: 'object', properties: property },
      problems: [expect.stringContaining(`"${name}" (`)],
    })
  }
  const deep = z.object({ list: z.array(z.object({ at: z.date(), id: z.bigint() })) })
  expect((await announced(deep)).problems).toEqual([expect.stringContaining('"list.items.id" (bigint)')])
})
