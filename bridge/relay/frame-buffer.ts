/** The frames of a browser that came before they could be passed on; bounded, and counted as they come. */
import type { ScannedFrame } from '../../shared/frames/mod.ts'
import { LimitReached } from '../limit-reached.ts'

export class FrameBuffer {
  readonly frames: ScannedFrame[] = []
  readonly #maxBytes: number
  #bytes = 0

  /** Of its frames alone. */
  get frameBytes(): number {
    return this.#bytes - this.frames.length * frameOverheadBytes
  }

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** @throws {DroverError} `frame_too_large` */
  add(frame: ScannedFrame): void {
    this.#bytes += frame.length + frameOverheadBytes
    if (this.#bytes > this.#maxBytes) {
      throw new LimitReached(
        'maxHeldBytes',
        'frame_too_large',
        `More than ${this.#maxBytes} bytes came before CONNECTED, or before the RECEIPT of a SUBSCRIBE to replies; wait for it`,
      )
    }
    this.frames.push(frame)
  }
}

/** The cost of a frame besides its bytes, so that many small ones are bounded too. */
const frameOverheadBytes = 200
