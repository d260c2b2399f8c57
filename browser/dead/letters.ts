/** The dead letters that a widget shows: read when it is connected, after each change and on demand. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { DeadFilter, DeadLetter, DeadList, DeadResult, Master } from '../../shared/master/mod.ts'
import type { MasterController, MasterListener } from '../controllers/master.ts'
import { count } from '../look/mod.ts'

export class LettersController implements ReactiveController, MasterListener {
  readonly #host: ReactiveControllerHost
  readonly #source: MasterController
  readonly #filter: () => { readonly filter: DeadFilter; readonly limit: number }
  #stop: (() => void) | undefined
  #turn = 0
  #isRead = false
  /** The letters; absent until they were read. */
  list: DeadList | undefined
  /** Why they could not be read, or changed. */
  problem: string | undefined
  isBusy = false

  /** @param filter asked at each reading */
  constructor(host: ReactiveControllerHost, source: MasterController, filter: LettersController['filter']) {
    this.#host = host
    this.#source = source
    this.#filter = filter
    host.addController(this)
  }

  get filter(): () => { readonly filter: DeadFilter; readonly limit: number } {
    return this.#filter
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

  /** Reads them again. */
  async read(): Promise<void> {
    const { filter, limit } = this.#filter()
    await this.#act(async master => {
      this.list = await master.dead.list(filter, { limit })
    })
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
    let stays: string | undefined
    await this.#act(async master => {
      const ids = letters.map(({ id }) => id)
      const { done, left } = await change(master, ids)
      said = `${count(done.length, 'dead letter')} ${what}.`
      stays =
        left[0] === undefined ? undefined : `${count(left.length, 'letter stays', 'letters stay')}: ${left[0].why}`
      if (done.length + left.length === 0) stays = 'It is gone: somebody else took it, or reads it now.'
      const { filter, limit } = this.#filter()
      this.list = await master.dead.list(filter, { limit })
    })
    if (stays !== undefined) this.problem = stays
    this.#host.requestUpdate()
    return said
  }

  /** One at a time. The result of an earlier one counts no more. */
  async #act(act: (master: Master) => Promise<void>): Promise<void> {
    const { master } = this.#source
    if (master === undefined || this.isBusy) return
    const turn = ++this.#turn
    this.isBusy = true
    this.problem = undefined
    this.#host.requestUpdate()
    let problem: string | undefined
    try {
      await act(master)
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error)
    }
    if (turn !== this.#turn) return
    this.problem = problem
    this.isBusy = false
    this.#host.requestUpdate()
  }
}
