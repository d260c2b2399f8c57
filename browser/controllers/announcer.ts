/** Tells assistive technology what happened, politely and rationed: one live region, at most one message in two seconds. */
import { html, type ReactiveController, type ReactiveControllerHost, type TemplateResult } from 'lit'
import { callEach } from '../../shared/stomp/mod.ts'
import { plain } from '../look/plain.ts'

const gapMs = 2000

export class AnnouncerController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #waiting = new Map<string, string | (() => string)>()
  #text = ''
  #saidAt = Number.NEGATIVE_INFINITY
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  /**
   * Says something now, or with whatever else waits when two seconds have passed since the last message.
   * @param about what it is about: a later message about the same takes its place while it waits
   * @param text asked when it is said, where it is a function; nothing is said for ''
   */
  say(about: string, text: string | (() => string)): void {
    this.#waiting.set(about, text)
    this.#timer ??= setTimeout(() => this.#flush(), Math.max(0, this.#saidAt + gapMs - Date.now()))
  }

  hostDisconnected(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#waiting.clear()
  }

  /** The live region. Has to be in the page from the first render on: what is there at once is not announced. */
  render(): TemplateResult {
    return html`<div class="visually-hidden" role="status" part="announcement">${this.#text}</div>`
  }

  #flush(): void {
    this.#timer = undefined
    const waiting = [...this.#waiting.values()]
    this.#waiting.clear()
    const texts: string[] = []
    callEach(waiting.map(one => () => void texts.push(typeof one === 'string' ? one : one())))
    const text = plain(texts.filter(Boolean).join(' '))
    if (text === '') return
    // The same words again are no change, so nothing would be read: a no-break space makes one.
    this.#text = text === this.#text ? `${text}\u00a0` : text
    this.#saidAt = Date.now()
    this.#host.requestUpdate()
  }
}
