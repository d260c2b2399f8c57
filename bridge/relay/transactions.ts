/** The transactions that a session has open. */
import { DroverError } from '../../shared/contract/errors.ts'
import { LazySet } from '../../shared/lazy-collections.ts'

export class Transactions {
  readonly #most: number
  readonly #open: LazySet<string> = new LazySet()

  /** @param most open at once */
  constructor(most: number) {
    this.#most = most
  }

  /**
   * Of a BEGIN.
   * @throws {DroverError} `frame_invalid` where it is open already, `forbidden` where it is one too many
   */
  begin(id: string): void {
    if (this.#open.has(id)) {
      throw new DroverError('frame_invalid', `A BEGIN has the transaction ${shown(id)}, which is open; end it first`)
    }
    if (this.#open.size >= this.#most) {
      throw new DroverError('forbidden', `BEGIN of one transaction too many: a session may have ${this.#most} open`)
    }
    this.#open.add(id)
  }

  /**
   * Of a COMMIT or an ABORT.
   * @throws {DroverError} `frame_invalid`
   */
  end(command: string, id: string): void {
    this.check(command, id)
    this.#open.delete(id)
  }

  /**
   * Of a frame that may be part of one.
   * @throws {DroverError} `frame_invalid` where it names one that is not open
   */
  check(command: string, id: string | undefined): void {
    if (id === undefined || this.#open.has(id)) return
    throw new DroverError(
      'frame_invalid',
      `The transaction ${shown(id)} of this ${command} is not open; BEGIN it first`,
    )
  }
}

const shown = (id: string): string => JSON.stringify(id.slice(0, 100))
