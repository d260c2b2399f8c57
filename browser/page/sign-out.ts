/** The button that signs out, which asks whether the jobs that this browser keeps stay. */
import { css, html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { icon, look } from '../look/mod.ts'

/** Somebody wants to sign out; jobs are forgotten by then, where that was asked for. */
class SignOutEvent extends Event {
  static readonly type = 'sign-out'

  constructor() {
    super(SignOutEvent.type)
  }
}

const styles = css`
  :host {
    font-size: var(--_small);
  }
  dialog {
    width: min(30rem, calc(100vw - 2rem));
    padding: calc(var(--_space) * 6);
    border: 1px solid var(--_border);
    border-radius: calc(var(--_radius) * 2);
    background: var(--_surface);
    color: var(--_text);
    font-size: 0.9375rem;
    overflow-wrap: anywhere;
  }
  dialog::backdrop {
    background: rgb(0 0 0 / 50%);
  }
  h2 {
    margin-block-end: calc(var(--_space) * 2);
    font-size: 1.0625rem;
    font-weight: 650;
  }
  dialog p + p {
    margin-block-start: calc(var(--_space) * 2);
  }
  .choices {
    display: grid;
    gap: calc(var(--_space) * 2);
    margin-block-start: calc(var(--_space) * 5);
  }
  .choices .button {
    min-height: 44px;
    white-space: normal;
  }
  [role='alert']:not(:empty) {
    margin-block-start: calc(var(--_space) * 4);
  }
`

export class DroverSignOut extends LitElement {
  static override properties: PropertyDeclarations = {
    forget: { attribute: false },
    problem: { state: true },
    isBusy: { state: true },
  }
  static override styles = [look, styles]
  /** Lets go of the jobs that this browser keeps of the person who is signed in. */
  declare forget: () => Promise<void>
  /** Why the jobs were not forgotten. */
  declare problem: string
  declare isBusy: boolean

  constructor() {
    super()
    this.problem = ''
    this.isBusy = false
  }

  protected override render(): TemplateResult {
    return html`<button class="button quiet" aria-haspopup="dialog" @click=${this.#ask}>Sign out</button>
      <dialog aria-labelledby="title" aria-describedby="about">
        <h2 id="title">Sign out of Drover?</h2>
        <div id="about" class="muted">
          <p>This browser keeps your jobs, with their inputs and results, for when you sign in again.</p>
          <p>Forgotten, they are gone from every tab of this browser: jobs that were not sent yet are never sent. Jobs that run go on; their outcomes are not seen here.</p>
        </div>
        <div role="alert">${
          this.problem === ''
            ? nothing
            : html`<p class="note" data-tone="danger">${icon('warning')}<span>The jobs were not forgotten, and you are still signed in: ${this.problem}. Clear the data of this site in the browser’s settings, or sign out without.</span></p>`
        }</div>
        <div class="choices">
          <button class="button primary" autofocus @click=${this.#leave}>Sign out</button>
          <button class="button danger" aria-disabled=${this.isBusy ? 'true' : 'false'} @click=${this.#forgetAndLeave}>Sign out and forget jobs kept in this browser</button>
          <button class="button quiet" @click=${this.#close}>Stay signed in</button>
        </div>
      </dialog>`
  }

  get #dialog(): HTMLDialogElement {
    return this.renderRoot.querySelector('dialog')!
  }

  readonly #ask = (): void => {
    this.problem = ''
    this.#dialog.showModal()
  }

  readonly #close = (): void => this.#dialog.close()

  readonly #leave = (): void => {
    this.#close()
    this.dispatchEvent(new SignOutEvent())
  }

  readonly #forgetAndLeave = async (): Promise<void> => {
    if (this.isBusy) return
    this.isBusy = true
    try {
      await this.forget()
      this.#leave()
    } catch (error) {
      this.problem = (error as Error).message
    } finally {
      this.isBusy = false
    }
  }
}
