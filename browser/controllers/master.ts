/** Finds a widget's master (context.ts says where) and follows its connection. The other controllers stand on it. */
import { ContextConsumer } from '@lit/context'
import type { LitElement, ReactiveController } from 'lit'
import type { Clock } from '../../shared/clock.ts'
import type { Change, Master } from '../../shared/master/mod.ts'
import { type BrokerSession, callEach, type StompState } from '../../shared/stomp/mod.ts'
import { findHolder, findMaster, holderAround, masterContext, mayGiveMaster, whenMasterDefined } from '../context.ts'
import { DroverMasterEvent } from '../events.ts'
import { clockOf } from '../platform.ts'
import { FrameUpdates } from './once-a-frame.ts'

/** A widget that may be told its master. */
export interface MasterUser extends LitElement {
  /** The property. */
  master: Master | undefined
  /** The attribute: id of a `<drover-master>`. */
  for: string | undefined
}

/** A part that stands on the master of a widget. */
export interface MasterListener {
  /** Another one than before, or none. Called before the widget renders. */
  masterChanged?(master: Master | undefined): void
  /** Called at each change, many in one turn. */
  changed?(change: Change): void
}

export class MasterController implements ReactiveController {
  readonly #host: MasterUser
  readonly #consumer: ContextConsumer<typeof masterContext, MasterUser>
  readonly #listeners = new Set<MasterListener>()
  readonly #frames: FrameUpdates
  #fromContext: Master | undefined
  #master: Master | undefined
  #stop: (() => void) | undefined
  /** By which the widget shows times and waits. */
  readonly clock: Clock = clockOf(() => this.#master)

  constructor(host: MasterUser) {
    this.#host = host
    this.#frames = new FrameUpdates(() => host.requestUpdate())
    host.addController(this)
    this.#consumer = new ContextConsumer(host, {
      context: masterContext,
      subscribe: true,
      callback: master => {
        this.#fromContext = master
        this.#resolve()
      },
    })
  }

  get master(): Master | undefined {
    return this.#master
  }

  /** Whether a `<drover-master>` is there that may yet give one: it is not upgraded, or is still making it. */
  get isComing(): boolean {
    const { master, for: id } = this.#host
    if (this.#master !== undefined || master !== undefined) return false
    return mayGiveMaster(id ? findHolder(this.#host, id) : holderAround(this.#host))
  }

  get connection(): StompState | undefined {
    return this.#master?.connection
  }

  /** While there is a connection: owner, namespace, grants. */
  get session(): BrokerSession | undefined {
    const connection = this.connection
    return connection?.at === 'open' ? connection.session : undefined
  }

  /** @returns how to stop */
  listen(listener: MasterListener): () => void {
    this.#listeners.add(listener)
    if (this.#master !== undefined) listener.masterChanged?.(this.#master)
    return () => void this.#listeners.delete(listener)
  }

  hostConnected(): void {
    this.#host.ownerDocument.addEventListener(DroverMasterEvent.type, this.#onMaster)
    this.#resolve()
    // One that gives nothing tells of nothing once it is upgraded.
    if (this.isComing) void whenMasterDefined().then(() => this.#host.requestUpdate())
  }

  hostDisconnected(): void {
    this.#host.ownerDocument.removeEventListener(DroverMasterEvent.type, this.#onMaster)
    this.#fromContext = undefined
    this.#frames.cancel()
    this.#use(undefined)
  }

  /** The properties `master` and `for` may have changed. */
  hostUpdate(): void {
    if (this.#host.isConnected) this.#resolve()
  }

  /** A `<drover-master>` that was upgraded after this widget heard nothing of its question. */
  readonly #onMaster = (event: Event): void => {
    const holder = event.composedPath()[0]
    if (this.#fromContext === undefined && holder instanceof Node && holder.contains(this.#host)) {
      this.#consumer.hostConnected()
    }
    this.#resolve()
  }

  #resolve(): void {
    const { master, for: id } = this.#host
    if (master !== undefined) this.#use(master)
    else this.#use(id ? findMaster(this.#host, id) : this.#fromContext)
  }

  #use(master: Master | undefined): void {
    if (master === this.#master) return
    this.#stop?.()
    this.#master = master
    this.#stop = master?.onChange(change => {
      callEach(
        [...this.#listeners].map(listener => (one: Change) => listener.changed?.(one)),
        change,
      )
      if (change.type === 'connection' || change.type === 'storage' || change.type === 'seal') this.#frames.request()
    })
    callEach(
      [...this.#listeners].map(listener => (one: Master | undefined) => listener.masterChanged?.(one)),
      master,
    )
    this.#host.requestUpdate()
  }
}
