import { validate, version } from 'uuid'
import { expect, test, vi } from 'vitest'
import { v4 } from './uuid.ts'

test.for(['with TLS', 'without TLS'])('v4() makes ids of version 4, each another, %s', where => {
  const real = crypto
  const spy = where === 'with TLS' ? undefined : vi.spyOn(globalThis, 'crypto', 'get')
  spy?.mockReturnValue({ getRandomValues: real.getRandomValues.bind(real) } as Crypto)
  const ids = Array.from({ length: 2000 }, v4)
  spy?.mockRestore()
  expect(ids.filter(id => !validate(id) || version(id) !== 4 || id !== id.toLowerCase())).toEqual([])
  expect(new Set(ids).size).toBe(2000)
})
