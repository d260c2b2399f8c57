import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOf } from './lines.ts'

async function* cut(text: string, at: number): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text)
  yield bytes.subarray(0, at)
  yield bytes.subarray(at)
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const collected: T[] = []
  for await (const item of items) collected.push(item)
  return collected
}

test('linesOf() gives the same lines wherever the bytes are cut', () =>
  fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('a', 'é', '\n', '\r\n', '🐑', '')), fc.nat(20), async (parts, at) => {
      const text = parts.join('')
      const expected = text.split(/\r?\n/)
      if (expected.at(-1) === '') expected.pop()
      expect(await collect(linesOf(cut(text, at), 1000))).toEqual(expected)
    }),
  ))

test('linesOf() keeps no more of a line than it may', async () => {
  const lines = await collect(linesOf(cut(`${'x'.repeat(100)}\nnext`, 40), 10))
  expect(lines).toEqual(['xxxxxxxxxx', 'next'])
})
