/** `<drover-master>`: the connection that widgets share. */
import { ContextProvider } from '@lit/context'
import { html, LitElement, nothing, type PropertyDeclarations, type PropertyValues, type TemplateResult } from 'lit'
import { DroverError } from '../../shared/contract/errors.ts'
import { type Change, createMaster, type Master } from '../../shared/master/mod.ts'
import type { SealOptions } from '../../shared/seal/mod.ts'
import type { StompState } from '../../shared/stomp/mod.ts'
import type { Tracing } from '../../shared/tracing/port.ts'
import { type MasterHolder, masterContext } from '../context.ts'
import { FrameUpdates } from '../controllers/once-a-frame.ts'
import { OpenJobs } from '../controllers/open-jobs.ts'
import { SecondsController } from '../controllers/seconds.ts'
import { DroverMasterEvent, DroverOutcomeEvent } from '../events.ts'
import { hostNumber } from '../host-number.ts'
import { icon, look } from '../look/mod.ts'
import { clockOf, identityPorts, pageFetch } from '../platform.ts'
import { warnOfWrittenObject } from '../written-object.ts'
import { socketAddress } from './address.ts'
import { forgetIdentity, type HeldIdentity, takeIdentity } from './identity.ts'
import { type OpenedStorage, openStorage } from './open-storage.ts'
import { refusedOrigin } from './refusal.ts'
import { isSameSeal, sealOf } from './seal.ts'
import { isOfNetwork, type Sentence, sentenceOf } from './sentences.ts'
import { styles } from './styles.ts'
import { fetchToken } from './token.ts'

/**
 * Owns a headless master and gives it to the widgets inside it, and to those elsewhere that name its `id` by `for`. Shows
 * one quiet line while it is away. Jobs are kept in IndexedDB and survive a reload of the tab; with `owner`, its
 * end, too: the next tab goes on with them.
 *
 * @tag drover-master
 * @slot - the widgets
 * @csspart line - the line that tells of trouble
 * @cssproperty [--drover-gap=16px] - between its children
 * @fires drover-master - it has another master than before
 * @fires drover-outcome - one of its jobs has ended
 */
export class DroverMaster extends LitElement implements MasterHolder {
  static override properties: PropertyDeclarations = {
    url: { type: String },
    tokenUrl: { type: String, attribute: 'token-url' },
    namespace: { type: String },
    owner: { type: String },
    keepEnded: { type: Number, attribute: 'keep-ended', converter: hostNumber },
    keepReplies: { type: Number, attribute: 'keep-replies', converter: hostNumber },
    keepPartials: { type: Number, attribute: 'keep-partials', converter: hostNumber },
    sealKeys: { type: String, attribute: 'seal-keys' },
    seal: { attribute: false },
    master: { attribute: false },
    token: { attribute: false },
    tracing: { attribute: false },
  }
  static override styles = [look, styles]

  /** Of the bridge: `wss://…/stomp`. An address of another scheme or a path is read from the page's own. */
  declare url: string | undefined
  /** Fetched by POST with the page's cookies at every connect; answers JSON with a `token`, or the token as text. */
  declare tokenUrl: string | undefined
  /** Prefix of destinations where no bridge says it. Default `myapp`. */
  declare namespace: string | undefined
  /** The person who is signed in: keeps apart the jobs of different people, and lets a new tab go on with a closed one's. */
  declare owner: string | undefined
  /** How many ended jobs are kept, of failed ones more. Default 1000. Read when it connects anew, as the next two. */
  declare keepEnded: number | undefined
  /** How many replies are kept of each job, apart from the parts of its result. Default 500. */
  declare keepReplies: number | undefined
  /** How many parts of its result are kept of each job. Default 2000. */
  declare keepPartials: number | undefined
  /** Address of a JWKS with the workers' public keys: each job is sealed to them. One of another site needs CORS. */
  declare sealKeys: string | undefined
  /** Seals each job, with keys at hand or otherwise than by `seal-keys` alone; wins over that. */
  declare seal: SealOptions | undefined
  /** A headless master made elsewhere, which stays its maker's to dispose of. Wins over `url`. */
  declare master: Master | undefined
  /** Gives a token at every connect; wins over `token-url`. */
  declare token: (() => string | Promise<string>) | undefined
  /** Spans of each job, such as `openTelemetry()` of `drover/otel`. */
  declare tracing: Tracing | undefined

  readonly #provider = new ContextProvider(this, { context: masterContext })
  readonly #frames = new FrameUpdates(() => this.requestUpdate())
  readonly #open = new OpenJobs()
  #current: Master | undefined
  readonly #clock = clockOf(() => this.#current)
  #stop: (() => void) | undefined
  /** Ends the master that `#begin` made, or is still making. */
  #making: AbortController | undefined
  #problem: Error | undefined
  #isMemoryOnly = false
  #begunAt = 0
  /** Of this page, where the bridge takes no connection from it. */
  #refusedOrigin: string | undefined
  #wasAt: StompState['at'] | undefined
  /** The sentence about the present absence. */
  #away: Sentence | undefined

  constructor() {
    super()
    new SecondsController(this, this.#clock, () => (this.#current?.connection.at ?? 'open') !== 'open')
  }

  /** The master that it was given or has made. */
  get current(): Master | undefined {
    return this.#current
  }

  get connection(): StompState | undefined {
    return this.#current?.connection
  }

  /**
   * Lets go of all that this browser kept of the jobs of `owner`: every job, open ones too, and the name by which their replies
   * come. The master is disposed of then; another needs this element put in again. Jobs that run go on.
   * @throws {DroverError} `storage_failed` when the browser does not let go of it; `closed` when there is no master
   */
  async forgetJobs(): Promise<void> {
    if (this.#current === undefined) {
      throw new DroverError('closed', 'Cannot forget jobs: this <drover-master> has no master at present')
    }
    await this.#current.forgetAll()
    if (this.url) forgetIdentity(this.#scope(socketAddress(this.url, this.baseURI)), identityPorts(Boolean(this.owner)))
  }

  #scope(url: URL): string {
    return `${url.href} ${this.namespace ?? ''} ${this.owner ?? ''}`
  }

  override connectedCallback(): void {
    super.connectedCallback()
    warnOfWrittenObject(this)
    if (this.hasUpdated) this.#begin()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#frames.cancel()
    // A move within the page takes it out and puts it in again in the same turn.
    queueMicrotask(() => {
      if (!this.isConnected) this.#end()
    })
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    const names = ['url', 'tokenUrl', 'namespace', 'owner', 'master', 'sealKeys'] as const
    // Another token function is used at the next connect; frameworks pass a new one at each render.
    const hasNow = (['token', 'tracing'] as const).some(
      name => changed.has(name) && (changed.get(name) === undefined) !== (this[name] === undefined),
    )
    const hasOtherSeal = changed.has('seal') && !isSameSeal(changed.get('seal'), this.seal)
    if (!this.hasUpdated || hasNow || hasOtherSeal || names.some(name => changed.has(name))) this.#begin(true)
  }

  #begin(isNew = false): void {
    if (this.#making !== undefined && !isNew) return
    this.#end()
    const making = new AbortController()
    this.#making = making
    if (this.master !== undefined) this.#use(this.master)
    else if (this.url) void this.#make(socketAddress(this.url, this.baseURI), making.signal)
    this.#begunAt = this.#clock.steady() // of the master's clock, which begins anywhere
  }

  #end(): void {
    this.#making?.abort()
    this.#making = undefined
    this.#problem = undefined
    this.#isMemoryOnly = false
    this.#refusedOrigin = undefined
    this.#wasAt = undefined
    this.#away = undefined
    this.#use(undefined)
  }

  async #make(url: URL, signal: AbortSignal): Promise<void> {
    const { namespace, owner, tokenUrl } = this
    const scope = this.#scope(url)
    const fetched = tokenUrl ? () => fetchToken(pageFetch, new URL(tokenUrl, this.baseURI)) : undefined
    const token = this.token === undefined ? fetched : () => (this.token ?? fetched)?.() ?? ''
    const ports = identityPorts(Boolean(owner))
    let identity: HeldIdentity | undefined
    let kept: OpenedStorage | undefined
    let master: Master | undefined
    const end = (): void => {
      void (async () => {
        try {
          await (master === undefined ? kept?.storage.close() : master[Symbol.asyncDispose]())
        } catch {} // the caller that closed the storage tells of it
        identity?.release()
      })()
    }
    try {
      identity = await takeIdentity(scope, ports)
      kept = await openStorage(identity.masterId, owner ? scope : undefined, ports)
      if (signal.aborted) return end()
      const { masterId, storage, problem } = kept
      this.#isMemoryOnly = problem !== undefined
      this.#problem = problem
      master = createMaster({
        url,
        clock: ports.clock,
        masterId,
        storage,
        namespace: namespace ?? undefined,
        token,
        seal: sealOf(this),
        tracing: this.tracing,
        keepEnded: this.keepEnded ?? undefined,
        keepReplies: this.keepReplies ?? undefined,
        keepPartials: this.keepPartials ?? undefined,
      })
      signal.addEventListener('abort', end)
      this.#use(master)
    } catch (error) {
      end()
      if (signal.aborted) return
      this.#problem = error instanceof Error ? error : new Error(String(error))
      this.requestUpdate()
    }
  }

  #use(master: Master | undefined): void {
    if (master === this.#current) return
    this.#stop?.()
    this.#current = master
    this.#open.look(master)
    this.#stop = master?.onChange(change => this.#onChange(master, change))
    this.#provider.setValue(master)
    this.dispatchEvent(new DroverMasterEvent(master))
    this.requestUpdate()
  }

  #onChange(master: Master, change: Change): void {
    if (change.type !== 'workers') this.#frames.request()
    if (change.type === 'connection') void this.#askWhy(master.connection)
    const job = this.#open.ended(master, change)
    if (job?.phase.at === 'ended') {
      this.dispatchEvent(new DroverOutcomeEvent(job.task, job.request_id, job.phase.outcome))
    }
  }

  /** Asks why a connection did not come; one that is lost had come. */
  async #askWhy(connection: StompState): Promise<void> {
    const was = this.#wasAt
    this.#wasAt = connection.at
    const isOfSocket = connection.at === 'waiting' && isOfNetwork(connection.reason)
    if (connection.at !== 'connecting' && !isOfSocket) this.#refusedOrigin = undefined
    if (!isOfSocket || was === 'open' || !this.url || this.master !== undefined) return
    const { signal } = this.#making!
    const origin = await refusedOrigin(pageFetch, socketAddress(this.url, this.baseURI), signal)
    if (signal.aborted) return
    this.#refusedOrigin = origin
    this.#frames.request()
  }

  #sentence(): Sentence | undefined {
    const master = this.#current
    if (master === undefined) return this.#problem && { tone: 'danger', text: this.#problem.message }
    const { connection, outboxSize, storageProblem } = master
    // A try to reconnect is not worth another sentence, nor a first one that succeeds within a second.
    if (connection.at === 'connecting' && this.#away === undefined && this.#clock.steady() - this.#begunAt < 1000)
      return undefined
    const problem = this.#isMemoryOnly ? this.#problem : storageProblem
    const sentence = sentenceOf({
      connection,
      outboxSize,
      storageProblem: problem,
      isMemoryOnly: this.#isMemoryOnly,
      refusedOrigin: this.#refusedOrigin,
      isSealUnkept: master.seal?.isUnkept,
      now: this.#clock.now(),
    })
    if (connection.at === 'connecting' && this.#away !== undefined && sentence !== undefined) {
      return { ...sentence, tone: this.#away.tone, text: this.#away.text, detail: sentence.detail ?? 'reconnecting' }
    }
    this.#away = connection.at === 'waiting' ? sentence : undefined
    return sentence
  }

  protected override render(): TemplateResult {
    const sentence = this.#sentence()
    const tone = sentence?.tone ?? 'neutral'
    return html`<div class="note" part="line" data-tone=${tone} ?hidden=${sentence === undefined}>
        ${icon(tone === 'neutral' ? 'connected' : tone === 'warning' ? 'away' : 'warning')}
        <div>
          <span role="status">${sentence?.text}</span>
          ${sentence?.detail === undefined ? nothing : html`<span class="detail numbers">${sentence.detail}</span>`}
        </div>
      </div>
      <slot></slot>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'drover-master': DroverMaster
  }
}
