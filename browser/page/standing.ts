/** In the header: how the connection stands, in a word, and how many jobs and workers there are. */
import { css, html, nothing, type TemplateResult } from 'lit'
import { type Discards, unreadOf } from '../../shared/master/mod.ts'
import { WorkersController } from '../controllers/mod.ts'
import { DroverElement } from '../element.ts'
import { badge, count, type Look, look } from '../look/mod.ts'

const looks: { readonly [at: string]: Look } = {
  none: { word: 'Starting', icon: 'queued', tone: 'neutral' },
  connecting: { word: 'Connecting', icon: 'running', tone: 'neutral' },
  open: { word: 'Connected', icon: 'connected', tone: 'success' },
  waiting: { word: 'Away', icon: 'away', tone: 'warning' },
  closed: { word: 'Disconnected', icon: 'away', tone: 'danger' },
}

const whyUnread = ({ invalid, unknown_type, mismatched }: Discards): string =>
  `Some program sends messages that are none of Drover’s. ${invalid} named no job or were broken, ${unknown_type} had an unknown type, ${mismatched} named another job in their header. Nothing of them shows in a job.`

export class DroverStanding extends DroverElement {
  static override styles = [
    look,
    css`
      :host {
        display: flex;
        align-items: center;
        gap: calc(var(--_space) * 3);
        white-space: nowrap;
      }
      @media (max-width: 480px) {
        .workers {
          display: none;
        }
      }
    `,
  ]
  readonly #workers = new WorkersController(this, this.source)

  #stop: (() => void) | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    this.#stop = this.source.listen({
      changed: ({ type }) => {
        if (type === 'discards') this.requestUpdate()
      },
    })
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#stop?.()
  }

  protected override render(): TemplateResult {
    const at = this.source.connection?.at ?? 'none'
    const present = this.#workers.workers.filter(({ state }) => state !== 'gone').length
    return html`${badge(looks[at] ?? looks.none!)}
      ${
        at === 'open'
          ? html`<span class="workers small muted numbers">${
              this.#workers.isLooking ? 'looking for workers…' : count(present, 'worker')
            }</span>`
          : nothing
      }${this.#unread()}`
  }

  #unread(): TemplateResult | typeof nothing {
    const discards = this.source.master?.discards
    const unread = discards === undefined ? 0 : unreadOf(discards)
    if (discards === undefined || unread === 0) return nothing
    return html`<span class="unread small muted numbers" title=${whyUnread(discards)}>${count(
      unread,
      'message',
    )} could not be read</span>`
  }
}
