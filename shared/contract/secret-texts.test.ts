import { expect, test } from 'vitest'
import { redactTexts, secretTexts } from './secret-texts.ts'

const schema = {
  properties: {
    user: { type: 'string' },
    password: { type: 'string', format: 'password' },
    pin: { type: 'integer', writeOnly: true },
    keys: { type: 'array', items: { 'x-secret': true } },
  },
}

test.for([
  ['password', 'hunter2', 'Expected number but received "hunter2"', 'Expected number but received "••••••"'],
  ['password', 'hunter2', 'hunter2, hunter2 and hunter20', '••••••, •••••• and ••••••0'],
  ['password', 'a"b\\c\n', 'was "a\\"b\\\\c\\n"', 'was "••••••"'],
  ['password', 'a"b\\c\n', 'was a"b\\c\n', 'was ••••••'],
  ['password', 'é$&(x', 'was é$&(x', 'was ••••••'],
  ['password', 'at', 'at least 8 letters, what was "at"', '•••••• least 8 letters, what was "••••••"'],
  ['password', '', 'expected 8 letters', 'expected 8 letters'],
  ['pin', 1234, 'expected less than 1000 (was 1234)', 'expected less than 1000 (was ••••••)'],
  ['pin', 7, 'expected 17 (was 7)', 'expected 17 (was ••••••)'],
  ['keys', ['one-key', { id: 'two-key' }], 'one-key and two-key', '•••••• and ••••••'],
  ['user', 'hunter2', 'was "hunter2"', 'was "hunter2"'],
] as const)('of %s %j no word is left in %j', ([name, value, text, shown]) => {
  expect(redactTexts(text, secretTexts(schema, { user: 'ada', [name]: value }))).toBe(shown)
})

test('of two secrets the longer one is looked for first, and an input that is secret as a whole is one', () => {
  const texts = secretTexts({ 'x-sensitive': true }, { one: 'pass', two: 'password' })
  expect(redactTexts('password or pass', texts)).toBe('•••••• or ••••••')
})

test('a schema without secrets costs nothing and says nothing', () => {
  expect(secretTexts({ type: 'object' }, { password: 'hunter2' })).toEqual([])
  expect(secretTexts(undefined, { password: 'hunter2' })).toEqual([])
})

test('no secret is a pattern', () => {
  const every = Array.from({ length: 128 }, (_, at) => String.fromCharCode(at)).join('')
  for (const secret of [every, '.', '(', '\\', '[^a]', 'a-z]', '\ud800 half']) {
    expect(redactTexts(`<${secret}>`, [secret])).toBe('<••••••>')
    expect(redactTexts('<x>', [secret])).toBe('<x>')
  }
})
