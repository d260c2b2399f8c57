import { expect, test } from 'vitest'
import { brief, isPicture, pictureIn, tableIn, toJson, viewsOf } from './kind.ts'

const png = 'data:image/png;base64,AAAA'

test('isPicture() takes raster data and nothing else', () => {
  for (const kind of ['png', 'jpeg', 'gif', 'webp', 'avif'])
    expect(isPicture(`data:image/${kind};base64,AA`)).toBe(true)
  for (const value of [
    'data:image/svg+xml;base64,AA',
    'data:image/png,AA',
    'data:image/png;charset=x;base64,AA',
    'DATA:IMAGE/PNG;base64,AA',
    ' data:image/png;base64,AA',
    'data:text/html;base64,AA',
    'javascript:alert(1)//data:image/png;base64,AA',
    'https://example.invalid/data:image/png;base64,AA',
    `data:image/png;base64,${'A'.repeat(33 * 1024 * 1024)}`,
    7,
    null,
    [png],
  ])
    expect(isPicture(value)).toBe(false)
})

test('pictureIn() finds the value itself or one of its own properties', () => {
  expect(pictureIn(png)).toEqual({ key: '', url: png })
  expect(pictureIn({ a: 1, data_url: png })).toEqual({ key: 'data_url', url: png })
  expect(pictureIn({ deep: { data_url: png } })).toBe(undefined)
  expect(pictureIn([png])).toBe(undefined)
})

test('tableIn() takes an array of flat objects; columns are those of any row', () => {
  expect(tableIn([{ a: 1 }, { b: null }])?.columns).toEqual(['a', 'b'])
  for (const value of [[], [1], [{ a: {} }], [{ a: 1 }, [1]], [{}], {}, 'x', null, [null]])
    expect(tableIn(value)).toBe(undefined)
  expect(tableIn([Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`c${i}`, i]))])).toBe(undefined)
})

test('viewsOf() puts the best first, and JSON is always one', () => {
  expect(viewsOf({ data_url: png })).toEqual(['picture', 'json'])
  expect(viewsOf([{ a: 1 }])).toEqual(['table', 'json'])
  expect(viewsOf('text')).toEqual(['text', 'json'])
  for (const value of [1, null, true, {}, [], [1]]) expect(viewsOf(value)).toEqual(['json'])
})

test('brief() is short for every value', () => {
  expect([
    brief('x'.repeat(500)).length,
    brief([1, 2]),
    brief({ a: 1 }),
    brief(null),
    brief(undefined),
    brief(7),
  ]).toEqual([121, '[ 2 ]', '{ 1 }', 'null', '', '7'])
})

test('toJson() fails rather than hangs on a value that is nested too deep', () => {
  let deep: unknown = 1
  for (let n = 0; n < 200_000; n++) deep = [deep]
  expect(() => toJson(deep)).toThrow(RangeError)
  expect(toJson({ a: 1 })).toBe('{\n  "a": 1\n}')
})
