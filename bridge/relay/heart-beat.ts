/**
 * Heart-beats of one connection, which end at each hop. It is told of each event and of the time that passed, and asks no
 * clock, so that sending a frame costs nothing here.
 */
export class HeartBeat {
  readonly #sendMs: number
  readonly #deadMs: number
  #hasSent = true
  #hasHeard = true
  #unsentMs = 0
  #unheardMs = 0

  /**
   * @param sendMs the peer wants something this often; 0: nothing
   * @param hearMs the peer promised something this often; 0: nothing
   * @param quietMs the peer may be silent that long in any case
   */
  constructor(sendMs: number, hearMs: number, quietMs: number) {
    this.#sendMs = sendMs
    this.#deadMs = hearMs === 0 ? Number.POSITIVE_INFINITY : Math.max(2 * hearMs, quietMs)
  }

  sent(): void {
    this.#hasSent = true
  }

  heard(): void {
    this.#hasHeard = true
  }

  /**
   * @param elapsedMs since the last call
   * @returns `beat` when a heart-beat is due, `dead` when the peer was silent for too long
   */
  tick(elapsedMs: number): 'beat' | 'dead' | undefined {
    this.#unheardMs = this.#hasHeard ? 0 : this.#unheardMs + elapsedMs
    this.#hasHeard = false
    if (this.#unheardMs >= this.#deadMs) return 'dead'
    this.#unsentMs = this.#hasSent ? 0 : this.#unsentMs + elapsedMs
    this.#hasSent = false
    if (this.#sendMs === 0 || this.#unsentMs + 2 * elapsedMs < this.#sendMs) return undefined
    this.#unsentMs = 0
    return 'beat'
  }
}

/** Whether bytes are a heart-beat by themselves. */
export const isEol = (chunk: Uint8Array): boolean => chunk.length === 1 && chunk[0] === 10
