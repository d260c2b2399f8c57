/** The frames that a connection is about to send. Those of one tick leave in one piece. */
import type { ByteLink } from '../shared/frames/byte-link.ts'

/** A piece of a frame: bytes, or text that is ASCII. */
export type Piece = Uint8Array | string

export class WriteBuffer {
  readonly #link: ByteLink
  readonly #onFlush: () => void
  #pieces: Piece[] = []
  #bytes = 0
  #isScheduled = false
  #givenBytes = 0

  /** @param onFlush called after bytes were given to the link */
  constructor(link: ByteLink, onFlush: () => void) {
    this.#link = link
    this.#onFlush = onFlush
  }

  /** Bytes that the peer's side has not taken. */
  get unsentBytes(): number {
    return this.#bytes + this.#link.unsentBytes
  }

  /** Bytes that the peer's side has taken since the beginning. */
  get takenBytes(): number {
    return this.#givenBytes - this.#link.unsentBytes
  }

  add(...frame: Piece[]): void {
    for (const piece of frame) {
      this.#pieces.push(piece)
      this.#bytes += piece.length
    }
    if (this.#link.oneFrameASend) this.flush()
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      queueMicrotask(() => {
        this.#isScheduled = false
        this.flush()
      })
    }
  }

  flush(): void {
    if (this.#bytes === 0) return
    const pieces = this.#pieces
    const bytes = pieces.length === 1 && typeof pieces[0] !== 'string' ? pieces[0]! : join(pieces, this.#bytes)
    this.#pieces = []
    this.#bytes = 0
    this.#givenBytes += bytes.length
    this.#link.send(bytes)
    this.#onFlush()
  }
}

function join(pieces: readonly Piece[], length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let at = 0
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      for (let char = 0; char < piece.length; char++) bytes[at++] = piece.charCodeAt(char)
    } else {
      bytes.set(piece, at)
      at += piece.length
    }
  }
  return bytes
}
