/**
 * Asks a person once more before something is done for good: for some seconds, or until the focus leaves the button. Neither a
 * double click nor a key held down is a second answer.
 */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Clock } from '../../shared/clock.ts'
import type { AnnouncerController } from './announcer.ts'

const askedForMs = 6000

export class SecondPress implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #clock: Clock
  readonly #announcer: AnnouncerController
  #asked: string | undefined
  #stopTimer: (() => void) | undefined

  constructor(host: ReactiveControllerHost, clock: Clock, announcer: AnnouncerController) {
    this.#host = host
    this.#clock = clock
    this.#announcer = announcer
    host.addController(this)
  }

  isAsked(key: string): boolean {
    return key === this.#asked
  }

  /**
   * For the `click` events of a button.
   * @param key tells it from the others
   * @param act is called by the second press; by the first where there is no question. Returns a text for assistive technology
   * @param question for assistive technology; absent where nothing is lost by it
   */
  press(key: string, { detail }: UIEvent, act: () => string | undefined, question?: string): void {
    if (detail > 1) return
    const isSure = question === undefined || this.isAsked(key)
    this.drop()
    if (!isSure) {
      this.#asked = key
      this.#stopTimer = this.#clock.timer(askedForMs, this.drop)
    }
    const said = isSure ? act() : question
    if (said !== undefined) this.#announcer.say('action', said)
  }

  /** For its `keydown` events. */
  readonly onKey = (event: KeyboardEvent): void => {
    if (event.repeat && event.key === 'Enter') event.preventDefault()
  }

  /** Asks no more: for its `focusout` events, of which one may come in the midst of an update. */
  readonly drop = (): void => {
    this.#stopTimer?.()
    this.#asked = undefined
    queueMicrotask(() => this.#host.requestUpdate())
  }

  hostDisconnected(): void {
    this.drop()
  }
}
