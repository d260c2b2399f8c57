/**
 * Room for the heads and frames that the bridge writes: cut from larger pieces, because asking for a few hundred bytes at
 * a time costs more than filling them. Nothing is used twice; a piece goes when the last of its parts is sent.
 */
const slabBytes = 65_536
let slab = new ArrayBuffer(slabBytes)
let used = 0

/** @returns `length` bytes that nobody else has; the caller fills all of them */
export function allocate(length: number): Uint8Array {
  if (length > slabBytes / 8) return new Uint8Array(length)
  if (used + length > slabBytes) {
    slab = new ArrayBuffer(slabBytes)
    used = 0
  }
  const room = new Uint8Array(slab, used, length)
  used += length
  return room
}
