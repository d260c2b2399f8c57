import { expect, test } from 'vitest'
import { Entry } from './entry.ts'
import type { Draft } from './schema/mod.ts'

const schema = {
  type: 'object',
  properties: {
    path: { type: 'string' },
    width: { type: 'integer', default: 320 },
    tags: { type: 'array', items: { type: 'string' } },
  },
  required: ['path'],
}
const text = (value: string) => () => ({ is: 'text', text: value }) as const
const put = (entry: Entry, index: number, value: string): void => {
  entry.edit(
    whole =>
      whole.is === 'object'
        ? { ...whole, fields: whole.fields.map((old, i) => (i === index ? text(value)() : old)) }
        : whole,
    ['path', 'width'][index]!,
  )
}

test('the JSON view has the same value, both ways', () => {
  const entry = new Entry(schema)
  put(entry, 0, 'a.png')
  entry.showJson()
  expect(JSON.parse(entry.text)).toEqual({ path: 'a.png', width: 320 })
  entry.editText('{"path": "b.png", "width": "wide", "more": 1}')
  expect(entry.showFields()).toBe(true)
  expect(entry.value).toEqual({ path: 'b.png', width: 'wide', more: 1 })
  entry.showJson()
  expect(JSON.parse(entry.text)).toEqual({ path: 'b.png', width: 'wide', more: 1 })
})

test('text that is no JSON stays in the JSON view, with the place of the mistake', () => {
  const entry = new Entry(schema)
  entry.showJson()
  entry.editText('{\n  "path": nope\n}')
  expect([entry.showFields(), entry.isJson, entry.value]).toEqual([false, true, undefined])
  expect(entry.textIssues).toEqual([{ message: 'expected a value', line: 2, from: 12, to: 13 }])
  expect(entry.check([])).toBe(false)
})

test('looking at the JSON view changes nothing that is unfinished', () => {
  const entry = new Entry(schema)
  put(entry, 1, 'not a number')
  const { draft } = entry
  entry.showJson()
  entry.showFields()
  expect(entry.draft).toBe(draft)
})

test('faults that the browser found come before those found here, and an edit takes them away', () => {
  const entry = new Entry(schema)
  put(entry, 1, '1.5')
  expect(entry.check([{ path: 'path', message: 'Bitte ausfüllen' }])).toBe(false)
  expect(entry.issues).toEqual([
    { path: 'path', message: 'Bitte ausfüllen' },
    { path: 'width', message: 'Expected a whole number.' },
  ])
  expect(entry.firstPath).toBe('path')
  put(entry, 0, 'a.png')
  expect([entry.firstPath, entry.issuesAt('path'), entry.issuesAt('width')]).toEqual([
    'width',
    [],
    ['Expected a whole number.'],
  ])
  put(entry, 1, '2')
  expect(entry.check([])).toBe(true)
})

test('checkAt() looks at one place only', () => {
  const entry = new Entry(schema)
  put(entry, 1, '1.5')
  entry.checkAt('width', undefined)
  expect(entry.issues).toEqual([{ path: 'width', message: 'Expected a whole number.' }])
  entry.checkAt('width', 'native words')
  expect(entry.issuesAt('width')).toEqual(['native words'])
})

test('issues of a worker are shown in the JSON view at their lines', () => {
  const entry = new Entry(schema, { path: 'a', tags: ['x', 'y'] })
  entry.showJson()
  entry.say([
    { path: 'tags.1', message: 'unknown tag' },
    { path: 'other', message: 'is missing' },
  ])
  expect(entry.textIssues.map(({ line, message, from, to }) => [line, message, entry.text.slice(from, to)])).toEqual([
    [5, 'tags.1: unknown tag', '"y"'],
    [1, 'other: is missing', entry.text],
  ])
})

test('without fields the value is JSON from the beginning, and nothing but JSON is asked for', () => {
  const entry = new Entry(undefined)
  expect([entry.isJson, entry.text, entry.value, entry.check([])]).toEqual([true, '{}', {}, true])
  entry.showJson()
  expect(entry.showFields()).toBe(false)
  entry.editText('[1')
  expect(entry.check([])).toBe(false)
  entry.value = [2]
  expect([entry.value, entry.isEdited]).toEqual([[2], false])
})

test.each([
  [undefined, '{"id": 12345678901234567890}'],
  [{ type: 'object', properties: { any: {} } }, '{"any": {"id": 12345678901234567890}}'],
  [{ type: 'object', properties: { n: { type: 'number' } } }, '{"n": 0.12345678901234567890123}'],
] as const)('a number that would change on the way is refused: %j', (schema, text) => {
  const entry = new Entry(schema)
  entry.showJson()
  entry.editText(text)
  expect([entry.check([]), entry.value]).toEqual([false, undefined])
  expect(entry.textIssues[0]).toMatchObject({ line: 1, message: expect.stringMatching(/would be sent as/) })
  expect(entry.showFields()).toBe(false)
})

test('in a box for JSON and in an input for a number, too; a value that is given comes out as it was', () => {
  const given = { any: { id: 2 ** 64 }, n: 2 ** 64 }
  const entry = new Entry({ type: 'object', properties: { any: {}, n: { type: 'number' } } }, given)
  expect([entry.check([]), entry.value]).toEqual([true, given])
  const { draft } = entry
  const type = (index: number, part: Draft) =>
    entry.edit(
      () => ({
        ...(draft as Draft & { is: 'object' }),
        fields: draft.is === 'object' ? draft.fields.with(index, part) : [],
      }),
      '',
    )
  type(0, { is: 'json', text: '{"a": [12345678901234567890]}' })
  expect(entry.check([])).toBe(false)
  expect(entry.issuesAt('any')).toEqual([expect.stringMatching(/^a.0: 12345678901234567890 would be sent as/)])
  type(0, { is: 'json', text: '{"a": 1, "a": 2}' })
  entry.check([])
  expect(entry.issuesAt('any')).toEqual([expect.stringMatching(/stands twice/)])
  type(1, { is: 'text', text: '12345678901234567890' })
  entry.check([])
  expect(entry.issuesAt('n')).toEqual([expect.stringMatching(/^This number would be sent as/)])
})

test('null is a value of a task that takes any input', () => {
  for (const schema of [{}, true, undefined]) expect(new Entry(schema, null).value).toBe(null)
})

test('a value that is given starts it anew, in either view', () => {
  const entry = new Entry(schema)
  put(entry, 0, 'x')
  entry.value = undefined
  expect([entry.value, entry.isEdited]).toEqual([{ width: 320 }, false])
  entry.showJson()
  entry.value = { path: 'y' }
  expect(JSON.parse(entry.text)).toEqual({ path: 'y' })
})
