import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Deque } from './deque.ts'

test('a Deque does the same as an array', () => {
  const anyStep = fc.oneof(
    fc.record({ type: fc.constantFrom('push', 'unshift'), item: fc.nat() }),
    fc.record({ type: fc.constantFrom('shift', 'keep'), item: fc.nat(3) }),
  )
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 200, size: 'max' }), steps => {
      const deque = new Deque<number>()
      let array: number[] = []
      for (const { type, item } of steps) {
        if (type === 'push') {
          deque.push(item)
          array.push(item)
        } else if (type === 'unshift') {
          deque.unshift(item)
          array.unshift(item)
        } else if (type === 'shift') expect(deque.shift()).toBe(array.shift())
        else {
          deque.keep(other => other % 4 !== item)
          array = array.filter(other => other % 4 !== item)
        }
        expect(deque.length).toBe(array.length)
        expect(deque.first).toBe(array[0])
      }
      expect([...deque]).toEqual(array)
    }),
  )
})

test('a Deque shrinks after a burst and keeps its order', () => {
  const deque = new Deque<number>()
  for (let at = 0; at < 10_000; at++) deque.push(at)
  for (let at = 0; at < 9_990; at++) expect(deque.shift()).toBe(at)
  expect([...deque]).toEqual([9990, 9991, 9992, 9993, 9994, 9995, 9996, 9997, 9998, 9999])
})
