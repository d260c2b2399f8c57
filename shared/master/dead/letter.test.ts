import { expect, test } from 'vitest'
import { fits, readLetter } from './letter.ts'

const session = {} as Parameters<typeof readLetter>[1]

test('an empty id means no letter, those that have no request_id neither', () => {
  const letter = readLetter({ headers: {}, body: 'of another program' }, session)
  expect(letter.request_id).toBeUndefined()
  expect(fits(letter, { id: '' }, 0)).toBe(false)
  expect(fits(letter, { id: [''] }, 0)).toBe(false)
  expect(fits(letter, { id: letter.id.toUpperCase() }, 0)).toBe(true)
})
