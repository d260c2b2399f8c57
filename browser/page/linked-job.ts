/**
 * `<drover-linked-job>`: the one job of a link, for all who have it. Nobody is signed in, and nothing can be done to the job. Fetched
 * by the page where its address has such a link.
 */
import { css, html, LitElement, nothing, type PropertyDeclarations, type TemplateResult } from 'lit'
import { systemClock } from '../../shared/clock.ts'
import type { Reply } from '../../shared/contract/mod.ts'
import { type JobState, newJobState } from '../../shared/master/jobs/state/job.ts'
import { reduceJob } from '../../shared/master/jobs/state/reduce.ts'
import { linkedJobOf, readJob } from '../../shared/master/one-job/read-job.ts'
import { AnnouncerController } from '../controllers/announcer.ts'
import { CopyController } from '../controllers/copies.ts'
import { SecondsController } from '../controllers/seconds.ts'
import { defineOnce } from '../define-once.ts'
import { outcomeTab } from '../job/outcome-tab.ts'
import { progressBar } from '../job/progress-bar.ts'
import { styles } from '../job/styles.ts'
import { note } from '../job/view-context.ts'
import { workersTab } from '../job/workers-tab.ts'
import { badge, look, lookOfJob } from '../look/mod.ts'
import { socketAddress } from '../master/address.ts'
import { valueStyles } from '../value/styles.ts'
import { ValueController } from '../value/value.ts'

const ownStyles = css`
  :host {
    display: block;
    margin: calc(var(--_space) * 4);
  }
  .panel {
    padding: calc(var(--_space) * 4);
  }
`

export class DroverLinkedJob extends LitElement {
  static override properties: PropertyDeclarations = {
    token: { attribute: false },
    job: { state: true },
    problem: { state: true },
  }
  static override styles = [look, valueStyles, styles, ownStyles]
  /** Of the link. */
  declare token: string
  declare job: JobState | undefined
  /** Why it is not read any more. */
  declare problem: string | undefined
  readonly #announcer = new AnnouncerController(this, systemClock)
  readonly #copies = new CopyController(this, systemClock, this.#announcer)
  readonly #values = new ValueController(this)
  readonly #seconds = new SecondsController(this, systemClock, () => this.job !== undefined)
  #reading: AbortController | undefined

  override connectedCallback(): void {
    super.connectedCallback()
    void this.#read()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#reading?.abort()
  }

  async #read(): Promise<void> {
    this.#reading?.abort()
    this.#reading = new AbortController()
    const { signal } = this.#reading
    const replies: Reply[] = []
    try {
      const linked = linkedJobOf(this.token)
      const begun = jobOf(linked, replies)
      this.job = begun
      const url = socketAddress('stomp', document.baseURI)
      for await (const reply of readJob({ url, token: this.token, signal })) {
        replies.push(reply)
        this.job = jobOf(linked, replies)
        this.#announcer.say('state', `${this.job.task}: ${lookOfJob(this.job).word}.`)
      }
    } catch (error) {
      if (!signal.aborted) this.problem = (error as Error).message
    }
  }

  protected override render(): TemplateResult {
    const { job } = this
    const context = { values: this.#values, copying: this.#copies, now: this.#seconds.now }
    return html`<main>${
      job === undefined
        ? nothing
        : html`<article class="job" aria-label=${`Job ${job.task}`}>
          <header>
            <div class="head"><h1 class="title"><bdi>${job.task}</bdi></h1>${badge(lookOfJob(job))}</div>
            ${progressBar(job)}
            <p class="small muted">You read this one job by a link. <code dir="ltr">${job.request_id}</code></p>
          </header>
          <div class="panel">${this.#copies.failure()}${
            job.phase.at === 'sent'
              ? note('neutral', waits)
              : job.mode === 'topic'
                ? workersTab(job, context)
                : outcomeTab(job, context)
          }</div>
        </article>`
    }${this.problem === undefined ? nothing : note('danger', this.problem)}</main>${this.#announcer.render()}`
  }
}

const waits =
  'No worker says that it has this job: it waits for one, or it ended so long ago that workers let go of it. Its news shows here.'

/** As the replies tell it. Where several workers gave an outcome each had the job for itself. */
function jobOf(linked: { readonly task: string; readonly request_id: string }, replies: readonly Reply[]): JobState {
  const at = systemClock.now()
  const ended = new Set(replies.filter(({ type }) => type === 'result' || type === 'error').map(one => one.worker_id))
  const mode = ended.size > 1 ? 'topic' : 'queue'
  const begun = newJobState({ ...linked, mode, input: null, timeout_ms: 0, created_at: at, until: 'timeout' })
  const sent = reduceJob(reduceJob(begun, { type: 'tried' }).state, { type: 'sent', at }).state
  return replies.reduce((job, reply) => reduceJob(job, { type: 'reply', reply, at }).state, sent)
}

defineOnce('drover-linked-job', DroverLinkedJob)
