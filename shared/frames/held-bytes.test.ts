import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrame, FrameScanner } from './mod.ts'

const body = Uint8Array.from({ length: 150_000 }, (_, at) => at % 251)
const bytes = encodeFrame('SEND', [['destination', '/queue/a']], body)

test('a large frame is the same wherever it is cut', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), cuts => {
      const ends = [...cuts.toSorted((a, b) => a - b), bytes.length]
      const scanner = new FrameScanner()
      const [frame, ...others] = ends.flatMap((end, at) => scanner.push(bytes.slice(ends[at - 1] ?? 0, end)))
      expect(others).toEqual([])
      expect(frame!.length).toBe(bytes.length)
      expect(frame!.header('destination')).toBe('/queue/a')
      expect(Buffer.compare(frame!.bytes, bytes)).toBe(0)
      expect(Buffer.compare(frame!.body, body)).toBe(0)
      expect(Buffer.compare(Buffer.concat([frame!.head.bytes, ...frame!.bodyParts]), bytes)).toBe(0)
    }),
    { numRuns: 200 },
  )
})

test('a frame that comes byte by byte is kept in one part, and no large memory is kept for a few bytes of it', () => {
  const scanner = new FrameScanner()
  const [frame] = Array.from(bytes.subarray(0, bytes.length), byte => Uint8Array.of(byte)).flatMap(one =>
    scanner.push(one),
  )
  expect(frame!.rest).toEqual([])
  const memory = new Uint8Array(10 * bytes.length)
  memory.set(bytes)
  const another = new FrameScanner()
  another.push(memory.subarray(0, 100_000))
  const [held] = another.push(memory.subarray(100_000, bytes.length))
  expect([held!.source, ...held!.rest].map(part => part.buffer)).not.toContain(memory.buffer)
})
