/** In the header: how the connection stands, in a word, and how many jobs and workers there are. */
import { css, html, nothing, type TemplateResult } from 'lit'
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
      }`
  }
}
