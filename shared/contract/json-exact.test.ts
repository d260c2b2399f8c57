import fc from 'fast-check'
import { expect, test } from 'vitest'
import { InexactJsonError, parseExactJson } from './json-exact.ts'

test.for([
  ['{"id":9007199254740993}', 'id', /^9007199254740993 would be sent as 9007199254740992: whole numbers/],
  ['{"id":3544790567247868102}', 'id', /^3544790567247868102 would be sent as/],
  ['{"a":[1,{"b":-9007199254740992}]}', 'a.1.b', /^-9007199254740992 could not be told from its neighbours: whole/],
  ['[[],{"x":[]},{"y z":1e400}]', '2.y z', /^1e400 is larger than any number/],
  ['-1e309', '', /larger/],
  ['[1e-400]', '0', /^1e-400 would be sent as 0;/],
  ['{"n":0.1234567890123456789}', 'n', /^0.1234567890123456789 would be sent as 0.12345678901234568;/],
  ['{"n":9007199254740993.0}', 'n', /would be sent as/],
  ['{"n":9007199254740993e0}', 'n', /would be sent as/],
  [`{"n":1.${'0'.repeat(120)}1}`, 'n', /^1\.0+… would be sent as 1;/],
  ['{"a":"{\\"b\\":1e400","c":18446744073709551615}', 'c', /^18446744073709551615/],
  ['{"a":{"b":1},"a":2}', 'a', /twice/],
  ['[{"a":1},{"b":{"a":1,"\\u0061":2}}]', '1.b.a', /twice/],
] as const)('parseExactJson(%s) names %j', ([text, path, message]) => {
  expect(() => parseExactJson(text)).toThrow(InexactJsonError)
  try {
    parseExactJson(text)
  } catch (error) {
    expect((error as InexactJsonError).issue).toEqual({ path, message: expect.stringMatching(message) })
  }
})

test.for([
  '9007199254740991',
  '-9007199254740991',
  '{"a":{"a":[{"a":1},{"a":2}]}}',
  '[1.0, 1.50, 1e3, 1E+3, 100e-2, 0, -0, 0.0, 0e9, 1e21, 1.5e300, 5e-324, 1.7976931348623157e308]',
  '[0.1, 0.30000000000000004, 0.10000000000000001, 0.1000000000000000055511151231257827]',
  '[-92718149837245.12, 92718149837245.13, 92718149837245.125]',
  '{"text":"9007199254740993, \\"1e400\\", {\\\\","ends":"\\\\"}',
  '["[", "]", "{", ":", ","]',
  ' null ',
])('parseExactJson(%s) gives the same as JSON.parse()', text => {
  expect(parseExactJson(text)).toEqual(JSON.parse(text))
})

test('parseExactJson() takes all that JSON.stringify() writes, and refuses all that JSON.parse() refuses', () => {
  const numbers = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.maxSafeInteger())
  const isTaken = (value: unknown): boolean => {
    const text = JSON.stringify(value)
    if (/\d{16}/.test(text.replace(/\.\d+/g, ''))) return true // whole, and possibly beyond
    expect(parseExactJson(text)).toEqual(JSON.parse(text))
    return true
  }
  fc.assert(fc.property(fc.jsonValue(), isTaken))
  fc.assert(fc.property(fc.array(numbers), isTaken))
  for (const text of ['', '{', '{"a":1,}', "{'a':1}", '01', 'NaN']) {
    expect(() => parseExactJson(text)).toThrow(SyntaxError)
  }
})

test('parseExactJson() takes a text that is large or deep', () => {
  const large = JSON.stringify(Array.from({ length: 100_000 }, (_, n) => ({ n, text: 'x"\\'.repeat(9) })))
  expect(parseExactJson(large)).toHaveLength(100_000)
  const deep = 5_000
  expect(() => parseExactJson('['.repeat(deep) + ']'.repeat(deep))).not.toThrow()
})
