/** A button that asks once more before it does something for good: for some seconds, or until the focus leaves it. */
import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import type { Clock } from '../../shared/clock.ts'
import type { AnnouncerController } from '../controllers/mod.ts'

const askedForMs = 6000

export class ConfirmButtons implements ReactiveController {
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

  /**
   * @param key tells it from the others
   * @param button its word, the thing that it is about, and its part
   */
  render(
    key: string,
    { word, of, part, isDisabled }: { word: string; of?: string; part: string; isDisabled: boolean },
    act: () => void,
  ): TemplateResult {
    const isAsked = this.#asked === key
    const really = `Really ${word.charAt(0).toLowerCase()}${word.slice(1)}`
    return html`<button class=${isAsked ? 'button danger' : 'button'} part=${`button ${part}`} type="button" ?disabled=${isDisabled}
      aria-label=${[isAsked ? really : word, of].filter(Boolean).join(' ')}
      @click=${({ detail }: UIEvent) => {
        if (detail > 1) return // of a double click
        if (isAsked) {
          this.drop()
          act()
        } else this.#ask(key, [word, of].filter(Boolean).join(' '))
      }}
      @keydown=${(event: KeyboardEvent) => {
        if (event.repeat && event.key === 'Enter') event.preventDefault()
      }}
      @focusout=${this.drop}>${isAsked ? really : word}</button>`
  }

  #ask(key: string, name: string): void {
    this.drop()
    this.#asked = key
    this.#stopTimer = this.#clock.timer(askedForMs, this.drop)
    this.#announcer.say('action', `Press once more: ${name}.`)
  }

  readonly drop = (): void => {
    this.#stopTimer?.()
    this.#asked = undefined
    queueMicrotask(() => this.#host.requestUpdate())
  }

  hostDisconnected(): void {
    this.drop()
  }
}
