/** What the live views share: they listen while their widget is connected, and renew themselves once a frame. */
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import type { Change, Master } from '../../shared/master/mod.ts'
import { FrameUpdates } from './frame.ts'
import type { MasterController, MasterListener } from './master.ts'

export abstract class LiveView implements ReactiveController, MasterListener {
  protected readonly host: ReactiveControllerHost
  protected readonly source: MasterController
  readonly #frames: FrameUpdates
  #stop: (() => void) | undefined

  constructor(host: ReactiveControllerHost, source: MasterController) {
    this.host = host
    this.source = source
    this.#frames = new FrameUpdates(() => this.renewNow())
    host.addController(this)
  }

  hostConnected(): void {
    this.#stop = this.source.listen(this)
  }

  hostDisconnected(): void {
    this.#stop?.()
    this.#frames.cancel()
  }

  masterChanged(_master: Master | undefined): void {
    this.renewNow()
  }

  changed(change: Change): void {
    if (this.concerns(change)) this.#frames.request()
  }

  protected renewNow(): void {
    this.#frames.cancel()
    this.renew(this.source.master)
    this.host.requestUpdate()
  }

  /** Whether a change can alter this view. Called for each: has to be cheap. */
  protected abstract concerns(change: Change): boolean
  /** Reads the master anew, at most once a frame. */
  protected abstract renew(master: Master | undefined): void
}
