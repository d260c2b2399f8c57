/** The dead letters that a widget shows: read when it is connected, after each change and on demand. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { DeadFilter, DeadLetter, DeadList, DeadResult, Master } from '../../shared/master/mod.ts'
import type { MasterController, MasterListener } from '../controllers/master.ts'
import { count } from '../look/mod.ts'

/** Which letters a widget wants to show. */
export interface Wish {
  readonly filter: DeadFilter
  readonly limit: number
}

export class LettersController implements ReactiveController, MasterListener {
  readonly #host: ReactiveControllerHost
  readonly #source: MasterController
  readonly #wish: () => Wish
  #stop: (() => void) | undefined
  #turn = 0
  #isRead = false
  /** Another reading was asked for while something was under way. */
  #isDue = false
  /** The letters; absent until they were read. */
  list: DeadList | undefined
  /** Why they could not be read, or changed. */
  problem: string | undefined
  isBusy = false

  /** @param wish asked at each reading */
  constructor(host: ReactiveControllerHost, source: MasterController, wish: () => Wish) {
    this.#host = host
    this.#source = source
    this.#wish = wish
    host.addController(this)
  }

  hostConnected(): void {
    this.#stop = this.#source.listen(this)
  }

  hostDisconnected(): void {
    this.#stop?.()
    this.#turn++
  }

  masterChanged(): void {
    this.#turn++
    this.list = undefined
    this.problem = undefined
    this.isBusy = false
    this.#isRead = false
    this.changed()
  }

  changed(): void {
    if (this.#isRead || this.#source.session === undefined) return
    this.#isRead = true
    void this.read()
  }

  /** Reads them again, as the widget wants them by then. */
  async read(): Promise<void> {
    if (this.isBusy) this.#isDue = true
    else await this.#act(async () => undefined)
  }

  /** @returns a sentence about how it went; `undefined` where it failed, which shows */
  async retry(letters: readonly DeadLetter[]): Promise<string | undefined> {
    return await this.#change('sent again', (master, id) => master.dead.retry({ id }, { limit: id.length }), letters)
  }

  /** @returns as `retry` */
  async drop(letters: readonly DeadLetter[]): Promise<string | undefined> {
    return await this.#change('dropped', (master, id) => master.dead.drop({ id }, { limit: id.length }), letters)
  }

  async #change(
    what: string,
    change: (master: Master, ids: readonly string[]) => Promise<DeadResult>,
    letters: readonly DeadLetter[],
  ): Promise<string | undefined> {
    let said: string | undefined
    await this.#act(async master => {
      const ids = letters.map(({ id }) => id)
      const { done, left } = await change(master, ids)
      said = `${count(done.length, 'dead letter')} ${what}.`
      if (done.length + left.length === 0) return 'It is gone: somebody else took it, or reads it now.'
      return left[0] && `${count(left.length, 'letter stays', 'letters stay')}: ${left[0].why}`
    })
    return said
  }

  /**
   * Does something, and reads the letters after it. One at a time. The result counts no more once there is
   * another master.
   * @param act resolves with a problem that is no failure
   */
  async #act(act: (master: Master) => Promise<string | undefined>): Promise<void> {
    const { master } = this.#source
    if (master === undefined || this.isBusy) return
    const turn = ++this.#turn
    this.isBusy = true
    this.problem = undefined
    this.#host.requestUpdate()
    let problem: string | undefined
    let { list } = this
    try {
      problem = await act(master)
      do {
        this.#isDue = false
        const { filter, limit } = this.#wish()
        list = await master.dead.list(filter, { limit })
      } while (this.#isDue)
    } catch (error) {
      problem ??= error instanceof Error ? error.message : String(error)
    }
    if (turn !== this.#turn) return
    this.list = list
    this.problem = problem
    this.isBusy = false
    this.#host.requestUpdate()
  }
}
