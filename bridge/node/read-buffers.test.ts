import { expect, it, vi } from 'vitest'
import { countRead } from './read-buffers.ts'

const MiB = 1024 * 1024
const bufferBytes = (): number => process.memoryUsage().arrayBuffers

/** Reads that nobody keeps: far fewer than after which V8 would look by itself. */
function read(pieces: number, count: (piece: Uint8Array) => void): void {
  for (let n = 0; n < pieces; n++) count(Buffer.allocUnsafeSlow(64 * 1024))
}

it('collects what was read, once there are some MiB of it', async () => {
  read(64, countRead) // so that nothing of before is left
  await new Promise(setImmediate)
  const before = bufferBytes()
  read(160, () => {})
  expect(bufferBytes() - before).toBeGreaterThan(9 * MiB)
  read(64, countRead)
  await vi.waitFor(() => expect(bufferBytes() - before).toBeLessThan(2 * MiB))
})
