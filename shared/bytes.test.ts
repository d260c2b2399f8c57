import { expect, test } from 'vitest'
import { joinBytes } from './bytes.ts'

test('joinBytes() puts pieces one behind the other', () => {
  const pieces = [[1, 2], [], [3]].map(bytes => Uint8Array.from(bytes))
  expect([...joinBytes(pieces)]).toEqual([1, 2, 3])
  expect(joinBytes([]).length).toBe(0)
})
