/** Above jobs that no worker is there for: the command that starts one. Where there is no job yet, `<drover-jobs>` has it. */
import { css, html, nothing, type TemplateResult } from 'lit'
import {
  AnnouncerController,
  CopyController,
  JobsController,
  SecondsController,
  WorkersController,
} from '../controllers/mod.ts'
import { DroverElement } from '../element.ts'
import { icon, look } from '../look/mod.ts'

export class DroverNoWorker extends DroverElement {
  static override styles = [
    look,
    css`
      .note {
        margin-block-end: calc(var(--_space) * 4);
      }
      .text {
        min-width: 0;
        flex: 1;
      }
      strong {
        font-weight: 600;
      }
      .to-copy {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-start;
        gap: calc(var(--_space) * 2);
        margin-block: calc(var(--_space) * 2);
      }
      .to-copy code {
        flex: 1 1 16rem;
        min-width: 0;
        padding: calc(var(--_space) * 1.5) calc(var(--_space) * 3);
        border: 1px solid var(--_border);
        border-radius: var(--_radius);
        background: var(--_surface);
        overflow-wrap: anywhere;
      }
    `,
  ]
  readonly #workers = new WorkersController(this, this.source)
  readonly #jobs = new JobsController(this, this.source)
  readonly #announcer = new AnnouncerController(this, this.source.clock)
  readonly #copies = new CopyController(this, this.source.clock, this.#announcer)

  constructor() {
    super()
    new SecondsController(this, this.source.clock, () => this.#jobs.total > 0)
  }

  protected override render(): TemplateResult | typeof nothing {
    if (!this.#workers.isDeserted || this.#jobs.total === 0) return nothing
    const command = workerCommand()
    return html`<div class="note" data-tone="info">
      ${icon('worker')}
      <div class="text">
        <p><strong>No worker is connected.</strong> Start one in a terminal, in the folder of the project:</p>
        <div class="to-copy">
          <code>${command}</code>
          <button class="button" @click=${() => this.#copies.copy(command, 'The command')}>${this.#copies.face('The command', 'Copy')}</button>
        </div>
        ${this.#copies.failure()}${this.#announcer.render()}
        <p class="muted">
          Put your own login in place of <code>foo:bar</code>. Jobs that you dispatch meanwhile wait for it.
        </p>
      </div>
    </div>`
  }
}

/** The command that starts a worker with the example tasks, through the bridge that this page came from. */
export function workerCommand(): string {
  const { protocol, host, pathname } = location
  return `npx drover worker examples/tasks/mod.ts --url ${protocol === 'https:' ? 'wss' : 'ws'}://foo:bar@${host}${pathname}stomp`
}
