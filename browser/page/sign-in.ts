/** The form to sign in by password; and the sentence that says why it is there. */
import { html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { DroverError } from '../../shared/contract/errors.ts'
import { icon, look } from '../look/mod.ts'
import type { SignedIn, SignInSession, Ways } from './sign-in-session.ts'
import { signInStyles } from './sign-in-styles.ts'

/** Somebody has signed in. */
export class SignedInEvent extends Event {
  static readonly type = 'signed-in'
  readonly signedIn: SignedIn

  constructor(signedIn: SignedIn) {
    super(SignedInEvent.type)
    this.signedIn = signedIn
  }
}

export class DroverSignIn extends LitElement {
  static override properties: PropertyDeclarations = {
    session: { attribute: false },
    reason: { type: String },
    ways: { state: true },
    isBusy: { state: true },
    problem: { state: true },
  }
  static override styles = [look, signInStyles]
  declare session: SignInSession
  /** Why signing in is needed, where it is not plain. */
  declare reason: string
  declare ways: Ways
  declare isBusy: boolean
  declare problem: string

  constructor() {
    super()
    this.reason = ''
    this.ways = {}
    this.isBusy = false
    this.problem = ''
  }

  protected override firstUpdated(): void {
    void this.session.ways().then(ways => {
      this.ways = ways
    })
  }

  protected override render(): TemplateResult {
    const { sign_in_link, default_password } = this.ways
    const said = this.problem || this.reason
    return html`<form @submit=${this.#onSubmit} aria-labelledby="title">
      <h1 id="title">Sign in to Drover</h1>
      <p class="muted">Dispatch jobs to workers, and watch them.</p>
      <div role="alert">
        ${said === '' ? nothing : html`<p class="note" data-tone="danger">${icon('warning')}<span>${said}</span></p>`}
      </div>
      <label>
        <span>Login</span>
        <input class="field" name="login" autocomplete="username" autocapitalize="none" spellcheck="false" required>
      </label>
      <label>
        <span>Password</span>
        <input class="field" name="password" type="password" autocomplete="current-password" required>
      </label>
      <button class="button primary" ?disabled=${this.isBusy}>${this.isBusy ? 'Signing in…' : 'Sign in'}</button>
      <p class="muted small" ?hidden=${!sign_in_link && !default_password}>
        ${sign_in_link ? 'Or open the sign-in link that the bridge printed at its start.' : nothing}
        ${default_password ? html`Here the login is <code>foo</code> and the password <code>bar</code>.` : nothing}
      </p>
    </form>`
  }

  readonly #onSubmit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault()
    const form = event.target as HTMLFormElement
    const data = new FormData(form)
    this.isBusy = true
    this.problem = ''
    try {
      const signedIn = await this.session.byPassword(String(data.get('login')), String(data.get('password')))
      form.reset()
      this.dispatchEvent(new SignedInEvent(signedIn))
    } catch (error) {
      this.problem = whyNot(error)
      const password = form.elements.namedItem('password') as HTMLInputElement
      password.select()
      password.focus()
    } finally {
      this.isBusy = false
    }
  }
}

/** Why signing in failed, and how to go on. */
export function whyNot(error: unknown): string {
  if (!(error instanceof DroverError)) return `Signing in failed: ${String(error)}`
  switch (error.code) {
    case 'not_authenticated':
      return /link/.test(error.message)
        ? sentence(error.message)
        : 'This login and password do not fit. Check both and try again.'
    case 'too_many_attempts':
      return sentence(error.message)
    case 'broker_unreachable':
      return `${sentence(error.message)} Start it again, then try again.`
    default:
      return sentence(error.message)
  }
}

const sentence = (text: string): string => (/[.!?]$/.test(text) ? text : `${text}.`)
