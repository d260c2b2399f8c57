/** `<drover-copy-link>`: copies a link by which others read one job. The page fetches it with the first job that it shows. */
import { css, html, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { grantCovers } from '../../shared/contract/grants.ts'
import { AnnouncerController } from '../controllers/announcer.ts'
import { CopyController } from '../controllers/copies.ts'
import { defineOnce } from '../define-once.ts'
import { DroverElement } from '../element.ts'
import { look } from '../look/mod.ts'
import { pageFetch } from '../platform.ts'

/** As long as a bridge lets it; no longer than the sign-in. */
const lastsMs = 24 * 3_600_000

const styles = css`
  code {
    overflow-wrap: anywhere;
    user-select: all;
  }
`

export class DroverCopyLink extends DroverElement {
  static override properties: PropertyDeclarations = {
    ...DroverElement.properties,
    requestId: { attribute: false },
    problem: { state: true },
  }
  static override styles = [look, styles]
  declare requestId: string
  /** Why there is no link. */
  declare problem: string | undefined
  #copied: string | undefined
  readonly #announcer = new AnnouncerController(this, this.source.clock)
  readonly #copies = new CopyController(this, this.source.clock, this.#announcer)

  readonly #copy = async (): Promise<void> => {
    this.problem = undefined
    try {
      const id = this.requestId
      const link = await this.#link()
      if (id !== this.requestId) return
      this.#copied = link
      this.#copies.copy(link, 'Link')
    } catch (error) {
      this.problem = (error as Error).message
      this.#announcer.say('copy', this.problem)
    }
  }

  async #link(): Promise<string> {
    const { master, session } = this.source
    const task = master?.jobs.get(this.requestId)?.task
    const body = JSON.stringify({ job: { task, request_id: this.requestId }, expires_in_ms: lastsMs })
    const headers = { 'content-type': 'application/json' }
    const response = await pageFetch('token', { method: 'POST', headers, body })
    const { token, job, owner, error } = await response.json()
    if (error !== undefined) throw new Error(error.message)
    // The cookie may be somebody else's by now, who signed in at another tab
    if (job === undefined || owner !== `${session?.owner}_job`)
      throw new Error('This is no link of yours; sign in again')
    return `${location.origin}${location.pathname}#job=${token}`
  }

  /** Whether the bridge gives one for this job. */
  get #mayLink(): boolean {
    const { master, session } = this.source
    const job = master?.jobs.get(this.requestId)
    if (job === undefined || session?.grants === undefined || session.features?.includes('job') !== true) return false
    return grantCovers([...session.grants.dispatch, ...session.grants.broadcast], job.task)
  }

  /** A tick, a link or a refusal belongs to the job before. */
  protected override willUpdate(changed: PropertyValues<this>): void {
    if (!changed.has('requestId')) return
    this.#copies.reset()
    this.problem = undefined
  }

  protected override render(): TemplateResult {
    const failure = this.#copies.failure()
    const problem = this.problem === undefined ? nothing : html`<p class="note" data-tone="warning">${this.problem}</p>`
    return html`${
      this.#mayLink
        ? html`<button class="button" type="button" title=${about} @click=${this.#copy}>${this.#copies.face('Link', 'Copy link')}</button>`
        : nothing
    }${failure}${failure === nothing ? nothing : html`<code dir="ltr">${this.#copied}</code>`}${problem}${this.#announcer.render()}`
  }
}

const about = 'All who have the link read how this job goes, and nothing else, until your sign-in ends'

defineOnce('drover-copy-link', DroverCopyLink)
