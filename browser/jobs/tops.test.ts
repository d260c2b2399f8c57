import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstIn, rangeIn, revealing, rowAt, type Tops, topsOf } from './tops.ts'

const key = (place: number) => `job-${place}`
const placesOf = (n: number) => new Map(Array.from({ length: n }, (_, place) => [key(place), place]))
const of = (...heights: number[]): Tops =>
  topsOf(placesOf(heights.length), new Map(heights.map((height, place) => [key(place), height])), 1)

test('a row is as high as it was measured, or else as is estimated', () => {
  const tops = topsOf(
    placesOf(4),
    new Map([
      [key(1), 70.25],
      [key(3), 90],
      ['gone', 1000],
    ]),
    50,
  )
  expect([...tops]).toEqual([0, 50, 120.25, 170.25, 260.25])
})

test('no row at all is a list that is 0 px high', () => {
  const tops = of()
  expect([...tops]).toEqual([0])
  expect(rowAt(tops, 100)).toBe(0)
  expect(firstIn(tops, 100)).toBe(0)
  expect(rangeIn(tops, 0, 600, 4)).toEqual({ first: 0, end: 0 })
})

test('a row reaches from its top to just before the next', () => {
  const tops = of(50, 70, 50)
  expect([-1, 0, 49.9, 50, 119, 120, 169, 170, 9999].map(y => rowAt(tops, y))).toEqual([0, 0, 0, 1, 1, 2, 2, 2, 2])
})

test('the first row in view is one that begins there; the last row where none does', () => {
  const tops = of(50, 70, 50)
  expect([0, 1, 50, 51, 120, 121, 169].map(top => firstIn(tops, top))).toEqual([0, 1, 1, 2, 2, 2, 2])
})

test('the rendered rows are those in view and some more on both sides, as far as there are any', () => {
  const tops = of(...Array.from({ length: 100 }, () => 50))
  expect(rangeIn(tops, 1000, 200, 0)).toEqual({ first: 20, end: 25 })
  expect(rangeIn(tops, 1000, 200, 4)).toEqual({ first: 16, end: 29 })
  expect(rangeIn(tops, 0, 200, 4)).toEqual({ first: 0, end: 9 })
  expect(rangeIn(tops, 4800, 200, 4)).toEqual({ first: 92, end: 100 })
  expect(rangeIn(tops, 0, 0, 4)).toEqual({ first: 0, end: 5 })
})

test('a row comes into view by the shortest way; one that is higher than the view by its beginning', () => {
  const tops = of(50, 50, 50, 300, 50)
  expect(revealing(tops, 1, 20, 100)).toBe(20)
  expect(revealing(tops, 0, 20, 100)).toBe(0)
  expect(revealing(tops, 2, 0, 100)).toBe(50)
  expect(revealing(tops, 3, 0, 100)).toBe(150)
  expect(revealing(tops, 4, 0, 100)).toBe(400)
})

const anyList = fc.array(fc.double({ min: 1, max: 500, noNaN: true }), { minLength: 1, maxLength: 60 })

test('for any heights, a range has each row that can be seen and no more than the overscan beside them', () =>
  fc.assert(
    fc.property(anyList, fc.nat(20_000), fc.nat(800), fc.nat(6), (heights, top, height, overscan) => {
      const tops = of(...heights)
      const { first, end } = rangeIn(tops, top, height, overscan)
      const seen = heights.flatMap((_, row) => (tops[row + 1]! > top && tops[row]! < top + height ? [row] : []))
      for (const row of seen) expect(row >= first && row < end).toBe(true)
      expect(end - first).toBeLessThanOrEqual(seen.length + 2 + 2 * overscan)
      expect(end).toBeGreaterThan(first)
    }),
  ))

test('for any heights, a row that was revealed is in view, and then stays where it is', () =>
  fc.assert(
    fc.property(anyList, fc.nat(59), fc.nat(20_000), fc.integer({ min: 1, max: 800 }), (heights, nth, from, height) => {
      const tops = of(...heights)
      const row = nth % heights.length
      const top = revealing(tops, row, from, height)
      expect(tops[row]!).toBeGreaterThanOrEqual(top)
      expect(tops[row]!).toBeLessThan(top + height)
      if (heights[row]! <= height) expect(tops[row + 1]!).toBeLessThanOrEqual(top + height + 1e-6)
      expect(revealing(tops, row, top, height)).toBeCloseTo(top, 6)
    }),
  ))
