/**
 * Signing in, then the app: connection, workers, form, jobs, one job.
 *
 *     checking ──cookie or link──▶ in ──sign-in ended──▶ out
 *         └────────nobody────────▶ out ──password──▶ in
 */
import { html, LitElement, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { keyed } from 'lit/directives/keyed.js'
import { systemClock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import type { Change, Master } from '../../shared/master/mod.ts'
import type { DroverDispatchedEvent, DroverEditEvent, DroverMasterEvent, DroverSelectEvent } from '../events.ts'
import { icon, look } from '../look/mod.ts'
import { needsSignIn } from '../master/sentences.ts'
import { localDisk, pageFetch } from '../platform.ts'
import { appStyles } from './app-styles.ts'
import { formFootStyles } from './form-foot-styles.ts'
import { workerCommand } from './no-worker.ts'
import { showPane } from './pane.ts'
import { hashOf, idOf, type Route, readJobLink, readRoute, readSignIn, titleOf } from './route.ts'
import { type SignedInEvent, whyNot } from './sign-in.ts'
import { type SignedIn, SignInSession } from './sign-in-session.ts'
import { followMark } from './signed-in.ts'

type State =
  | { readonly at: 'checking' }
  | { readonly at: 'out'; readonly reason: string }
  | { readonly at: 'in'; readonly signedIn: SignedIn }
  /** Nobody is signed in: a link shows one job. */
  | { readonly at: 'linked'; readonly token: string }

export class DroverApp extends LitElement {
  static override properties: PropertyDeclarations = { state: { state: true }, route: { state: true } }
  static override styles = [look, appStyles, formFootStyles]
  declare state: State
  declare route: Route
  readonly #session = new SignInSession({ clock: systemClock, http: pageFetch, disk: localDisk() })
  /** The element that has the focus while the route changes. */
  #focused: Element | null = null
  /** Counts sign-ins: each has a connection of its own. */
  #signIns = 0
  #stopFollowing: (() => void) | undefined
  #stopFollowingTabs: (() => void) | undefined
  #isRefused = false

  constructor() {
    super()
    this.state = { at: 'checking' }
    this.route = readRoute(location.hash)
  }

  override connectedCallback(): void {
    super.connectedCallback()
    addEventListener('hashchange', this.#onHash)
    this.#stopFollowingTabs = followMark(() => this.#onOutElsewhere())
    void this.#begin()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    removeEventListener('hashchange', this.#onHash)
    this.#stopFollowingTabs?.()
    this.#stopFollowing?.()
  }

  /** By the link, if there is one in the address, else by the cookie. */
  async #begin(): Promise<void> {
    const token = readJobLink(location.hash)
    if (token !== undefined) {
      await import('./linked-job.ts')
      this.state = { at: 'linked', token }
      return
    }
    const secret = readSignIn(location.hash)
    // Before anything else: the secret is not to stay in the address bar and the history.
    if (secret !== undefined) {
      this.route = { view: 'jobs' }
      history.replaceState(null, '', hashOf(this.route))
    }
    try {
      const signedIn = secret === undefined ? await this.#session.resume() : await this.#byLink(secret)
      if (signedIn === undefined) this.state = { at: 'out', reason: '' }
      else this.#enter(signedIn)
    } catch (error) {
      this.state = { at: 'out', reason: whyNot(error) }
    }
  }

  /** A link that was used already, in this browser, is no trouble. */
  async #byLink(secret: string): Promise<SignedIn> {
    try {
      return await this.#session.byLink(secret)
    } catch (error) {
      const signedIn = await this.#session.resume().catch(() => undefined)
      if (signedIn !== undefined) return signedIn
      throw error
    }
  }

  #enter(signedIn: SignedIn): void {
    this.#signIns++
    this.#isRefused = false
    this.state = { at: 'in', signedIn }
  }

  readonly #onHash = (): void => {
    const isOther = this.state.at === 'linked' || readJobLink(location.hash) !== undefined
    if (isOther || readSignIn(location.hash) !== undefined) void this.#begin()
    else this.route = readRoute(location.hash)
  }

  readonly #token = (): Promise<string> => this.#session.token(this.#isRefused)

  readonly #onMaster = ({ master }: DroverMasterEvent): void => {
    this.#stopFollowing?.()
    this.#stopFollowing = master?.onChange(change => this.#onChange(master, change))
  }

  #onChange({ connection }: Master, { type }: Change): void {
    if (type !== 'connection') return
    if (connection.at === 'open') this.#isRefused = false
    if (!needsSignIn(connection) || connection.at === 'connecting' || connection.at === 'open') return
    const cause = connection.reason?.cause
    // The bridge refused the token: another is asked for. The token function refused: only signing in helps.
    if (connection.at === 'waiting' && !(cause instanceof DroverError)) this.#isRefused = true
    else this.state = { at: 'out', reason: whyEnded(this.#session.instead) }
  }

  #onOutElsewhere(): void {
    if (this.state.at !== 'in') return
    this.#session.forget()
    this.state = { at: 'out', reason: 'This browser was signed out in another tab.' }
  }

  /** Listeners of the master that this disposes of would say that the sign-in has ended. */
  readonly #forget = async (): Promise<void> => {
    await this.shadowRoot!.querySelector('drover-master')!.forgetJobs()
  }

  /** At once, without waiting for the bridge. */
  async #signOut(): Promise<void> {
    this.state = { at: 'out', reason: '' }
    try {
      await this.#session.signOut()
    } catch {
      if (this.state.at === 'out') this.state = { at: 'out', reason: notKnownYet }
    }
  }

  readonly #onSelect = ({ kind, id }: DroverSelectEvent): void => {
    location.hash = hashOf({ view: kind === 'job' ? 'jobs' : 'workers', id })
  }

  readonly #onDispatched = ({ request_id }: DroverDispatchedEvent): void => {
    location.hash = hashOf({ view: 'jobs', id: request_id })
  }

  /** In the form, which has to show before it can have the focus. */
  readonly #onEdit = async (event: DroverEditEvent): Promise<void> => {
    event.preventDefault()
    const form = this.shadowRoot!.querySelector('drover-form')!
    if (!form.checkVisibility()) {
      this.route = { view: 'dispatch' }
      location.hash = hashOf(this.route)
      await this.updateComplete
    }
    form.edit(event)
  }

  /** A job or a worker is closed from its pane, and from the list; an input keeps its own Escape. */
  readonly #onKey = (event: KeyboardEvent): void => {
    const [target] = event.composedPath() as Element[]
    if (event.key !== 'Escape' || event.defaultPrevented || target!.matches('input, select, textarea')) return
    if ((event.target as Element).closest('.form') !== null || !('id' in this.route)) return
    location.hash = hashOf({ view: this.route.view })
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('route')) this.#focused = this.shadowRoot!.activeElement
  }

  protected override updated(changed: PropertyValues<this>): void {
    document.title = `${this.state.at === 'out' ? 'Sign in' : titleOf(this.route)} – Drover`
    if (changed.has('route') && this.state.at === 'in') {
      showPane(this.shadowRoot!, this.route, changed.get('route'), this.#focused)
    }
  }

  protected override render(): TemplateResult {
    switch (this.state.at) {
      case 'checking':
        return html`<p class="empty" role="status">Opening…</p>`
      case 'out':
        return html`<main>
          <drover-sign-in .session=${this.#session} .reason=${this.state.reason}
            @signed-in=${({ signedIn }: SignedInEvent) => this.#enter(signedIn)}></drover-sign-in>
        </main>`
      case 'linked':
        return html`${keyed(this.state.token, html`<drover-linked-job .token=${this.state.token}></drover-linked-job>`)}`
      case 'in':
        return this.#app(this.state.signedIn)
    }
  }

  #app({ owner, namespace, seal }: SignedIn): TemplateResult {
    const { route } = this
    const id = idOf(route)
    return html`
      <header>
        <h1><a class="brand" href="#/jobs">${mark}<span>Drover</span></a></h1>
        <nav aria-label="Sections">
          ${this.#tab('jobs', 'Jobs')}
          ${this.#tab('dispatch', 'Dispatch', id === undefined ? 'narrow-only' : 'narrow-only beside')}
          ${this.#tab('workers', 'Workers')}
        </nav>
        <drover-standing for="main"></drover-standing>
        <span class="who">
          <span class="small muted owner" title="Signed in as ${owner}, in the namespace ${namespace}">${owner}</span>
          <drover-sign-out .forget=${this.#forget} @sign-out=${() => void this.#signOut()}></drover-sign-out>
        </span>
      </header>
      <main>${keyed(
        this.#signIns,
        html`<drover-master id="main" url="stomp" .owner=${owner} .seal=${seal} .token=${this.#token} @drover-master=${this.#onMaster}>
          <div class="panes" data-view=${route.view} ?data-detail=${id !== undefined}
            @drover-select=${this.#onSelect} @drover-dispatched=${this.#onDispatched}
            @drover-edit=${(event: DroverEditEvent) => void this.#onEdit(event)} @keydown=${this.#onKey}>
            <section class="pane form" tabindex="-1" aria-labelledby="form-title">
              <h2 id="form-title">New job</h2>
              <drover-form></drover-form>
            </section>
            <section class="pane list" tabindex="-1" aria-label=${route.view === 'workers' ? 'Workers' : 'Jobs'}>
              ${
                route.view === 'workers'
                  ? html`<h2>Workers</h2><drover-workers .selected=${id} .workerCommand=${workerCommand()}></drover-workers>`
                  : html`<h2>Jobs</h2><drover-no-worker></drover-no-worker><drover-jobs job-href="#/jobs/{id}" .selected=${id} .workerCommand=${workerCommand()}></drover-jobs>`
              }
            </section>
            ${id === undefined ? nothing : this.#detail(route.view === 'workers' ? 'workers' : 'jobs', id)}
          </div>
        </drover-master>`,
      )}</main>`
  }

  #detail(view: 'jobs' | 'workers', id: string): TemplateResult {
    if (view === 'jobs') void import('./copy-link.ts')
    const address = hashOf({ view })
    const close = html`<a slot="actions" class="button quiet icon close" href=${address} aria-label="Close" title="Close (Escape)">${icon('close')}</a>`
    return html`<section class="pane detail" tabindex="-1" aria-label=${titleOf({ view, id })}>
      <a class="back" href=${address}>${icon('chevron')} All ${view}</a>
      ${
        view === 'jobs'
          ? html`<drover-job request-id=${id} can-edit><drover-copy-link slot="actions" .requestId=${id}></drover-copy-link>${close}</drover-job>`
          : html`<drover-worker-page .workerId=${id}>${close}</drover-worker-page>`
      }
    </section>`
  }

  #tab(view: Route['view'], word: string, classes = ''): TemplateResult {
    const isHere = this.route.view === view
    return html`<a href="#/${view}" class=${classes} aria-current=${isHere ? 'page' : 'false'}>${word}</a>`
  }
}

const notKnownYet =
  'You are signed out here, but the bridge does not know it yet, since it did not answer: this browser still holds its cookie. Opening this page again tells it.'

const whyEnded = (instead: string | undefined): string =>
  instead === undefined
    ? 'Your sign-in has ended. Sign in again to go on; your jobs are kept.'
    : `In another tab ${instead} has signed in. Sign in again to go on as yourself; your jobs are kept.`

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
  <rect width="32" height="32" rx="8" />
  <path d="M9 9.5h.1M9 16h.1M9 22.5h.1M15 9.5l6.5 6.5-6.5 6.5" />
</svg>`
