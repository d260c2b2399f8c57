/** Tells assistive technology of events, politely and rationed: one live region, at most one message in two seconds. */
import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import type { Clock } from '../../shared/clock.ts'
import { callEach } from '../../shared/stomp/mod.ts'
import { plain } from '../look/plain.ts'

const gapMs = 2000

export class AnnouncerController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #clock: Clock
  readonly #waiting = new Map<string, string | (() => string)>()
  #text = ''
  #saidAt = Number.NEGATIVE_INFINITY
  #stopTimer: (() => void) | undefined

  constructor(host: ReactiveControllerHost, clock: Clock) {
    this.#host = host
    this.#clock = clock
    host.addController(this)
  }

  /**
   * Says something now, or together with the other waiting texts when two seconds have passed since the last message.
   * @param about the subject: a later message about the same takes its place while it waits
   * @param text asked when it is said, where it is a function; nothing is said for ''
   */
  say(about: string, text: string | (() => string)): void {
    this.#waiting.set(about, text)
    const waitMs = Math.max(0, this.#saidAt + gapMs - this.#clock.steady())
    this.#stopTimer ??= this.#clock.timer(waitMs, () => this.#flush())
  }

  hostDisconnected(): void {
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#waiting.clear()
  }

  /** The live region. Has to be in the page from the first render on: text that is there at once is not announced. */
  render(): TemplateResult {
    return html`<div class="visually-hidden" role="status" part="announcement">${this.#text}</div>`
  }

  #flush(): void {
    this.#stopTimer = undefined
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    const texts: string[] = []
    callEach(waiting.map(one => () => void texts.push(typeof one === 'string' ? one : one())))
    const text = plain(texts.filter(Boolean).join(' '))
    if (text === '') return
    // The same words again are no change, so nothing would be read: a no-break space makes one.
    this.#text = text === this.#text ? `${text}\u00a0` : text
    this.#saidAt = this.#clock.steady()
    this.#host.requestUpdate()
  }
}
