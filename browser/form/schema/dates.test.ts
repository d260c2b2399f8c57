import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fromLocal, fromLocalTime, isDateTime, toLocal, toLocalTime } from './dates.ts'

test('a moment goes into a native input and comes out as the same moment', () => {
  const seconds = fc.integer({ min: 0, max: 4e9 })
  fc.assert(
    fc.property(seconds, second => {
      const text = new Date(second * 1000).toISOString().replace('.000Z', 'Z')
      const local = toLocal(text)!
      // In the hour that a clock runs twice, a local time means the first of the two.
      expect(toLocal(fromLocal(local))).toBe(local)
      expect(Math.abs(Date.parse(fromLocal(local)) - second * 1000) % 3_600_000).toBe(0)
    }),
  )
})

test('a time that an input cannot show stays text', () => {
  expect([toLocal('2027-03-31T09:30:00.123Z'), toLocal('tomorrow'), toLocalTime('09:30:00+02:00')]).toEqual([
    undefined,
    undefined,
    undefined,
  ])
  expect([isDateTime('2027-03-31T09:30Z'), isDateTime('2027-13-31T09:30Z')]).toEqual([true, false])
})

test('a time of day is UTC', () => {
  expect([fromLocalTime('09:30'), toLocalTime('09:30:00Z'), fromLocal('')]).toEqual(['09:30:00Z', '09:30:00', ''])
})
