/**
 * Copies text, where a person sees that it did: a tick in the button for a moment. A refusal of the browser stands
 * in sight until the next try, since nothing else would happen.
 */
import { html, nothing, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import type { Clock } from '../../shared/clock.ts'
import { type Copying, copyText, icon } from '../look/mod.ts'
import type { AnnouncerController } from './announcer.ts'

const shownMs = 1500

export class CopyController implements ReactiveController, Copying {
  readonly #host: ReactiveControllerHost
  readonly #clock: Clock
  readonly #announcer: AnnouncerController
  #copied: string | undefined
  #failed: { readonly thing: string; readonly sentence: string } | undefined
  #stopTimer: (() => void) | undefined

  constructor(host: ReactiveControllerHost, clock: Clock, announcer: AnnouncerController) {
    this.#host = host
    this.#clock = clock
    this.#announcer = announcer
    host.addController(this)
  }

  hostDisconnected(): void {
    this.reset()
  }

  /** Another thing is shown: a tick or a refusal belongs to the one before. */
  reset(): void {
    this.#stopTimer?.()
    this.#copied = undefined
    this.#failed = undefined
  }

  copy(text: string | undefined, thing: string): void {
    void (text === undefined ? Promise.resolve(tooDeep(thing)) : copyText(text, thing)).then(sentence => {
      this.reset()
      if (sentence === undefined) {
        this.#copied = thing
        this.#stopTimer = this.#clock.timer(shownMs, () => {
          this.#copied = undefined
          this.#host.requestUpdate()
        })
      } else {
        this.#failed = { thing, sentence }
      }
      this.#announcer.say('copy', sentence ?? `${thing} copied.`)
      this.#host.requestUpdate()
    })
  }

  face(thing: string, word = ''): TemplateResult {
    return this.#copied === thing
      ? html`${icon('tick')}${word === '' ? '' : ' Copied'}`
      : html`${icon('copy')}${word === '' ? '' : ` ${word}`}`
  }

  failure(thing?: string): TemplateResult | typeof nothing {
    const failed = this.#failed
    if (failed === undefined || (thing !== undefined && failed.thing !== thing)) return nothing
    return html`<p class="note" part="note" data-tone="warning">${icon('warning')}<span>${failed.sentence}</span></p>`
  }
}

const tooDeep = (thing: string): string => `${thing} is nested too deep to be copied.`
