/** Whether the broker takes this bridge's logins now, for `/ready`. One login finds out for all who ask. */
import type { Clock } from '../../shared/clock.ts'
import { DroverError } from '../../shared/contract/errors.ts'
import { stompVersions } from '../../shared/stomp-versions.ts'
import type { OnEvent } from '../events.ts'
import type { Limits } from '../limits.ts'
import type { BridgeCounts } from '../metrics/counts.ts'
import type { Upstream } from '../upstream.ts'
import { type BrokerConnection, openBrokerConnection } from './broker-connection.ts'
import type { BrokerVersions } from './broker-versions.ts'

export interface ReadinessOptions {
  readonly upstream: Upstream
  readonly versions: BrokerVersions
  /** As they are now. */
  limits(): Pick<Limits, 'brokerFrame' | 'brokerMs' | 'readyMs'>
  readonly onEvent: OnEvent
  readonly counts: Pick<BridgeCounts, 'brokerAnswered'>
  readonly clock: Clock
}

/** The known state of the broker. Everybody may read `reason`, so it holds no address and no word of the broker. */
export type BrokerState = { readonly isReady: true } | { readonly isReady: false; readonly reason: string }

export class Readiness {
  readonly #options: ReadinessOptions
  #state: BrokerState | undefined
  #foundAt = Number.NEGATIVE_INFINITY
  #looking: Promise<BrokerState> | undefined

  constructor(options: ReadinessOptions) {
    this.#options = options
  }

  /** A session's login went well, so no other is needed to know. */
  loggedIn(): void {
    this.#found({ isReady: true })
  }

  /** One did not go well, and the operator was told why. Another one may: who asks for the state next has it found out. */
  loginFailed(): void {
    this.#state = { isReady: false, reason: unreachable }
    this.#foundAt = Number.NEGATIVE_INFINITY
  }

  /** Whether the broker took the last login; `undefined`: there was none yet. */
  get isReady(): boolean | undefined {
    return this.#state?.isReady
  }

  /** The state found in the last `readyMs`, or by a login now. All who ask meanwhile share it. */
  look(): Promise<BrokerState> {
    const { limits, clock } = this.#options
    if (this.#state && clock.steady() - this.#foundAt < limits().readyMs) return Promise.resolve(this.#state)
    this.#looking ??= this.#logIn().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #logIn(): Promise<BrokerState> {
    const { upstream, versions, clock, counts } = this.#options
    const limits = this.#options.limits()
    const since = clock.steady()
    let words = ''
    try {
      const brokerConnection = await openBrokerConnection({
        upstream,
        owner: '', // it makes nothing there
        version: versions.choose(stompVersions),
        frameLimits: limits.brokerFrame,
        clock,
        timeoutMs: Math.min(limits.brokerMs, limits.readyMs),
        signal: new AbortController().signal,
        listener: { brokerBytes() {}, brokerDrained() {}, brokerClosed() {} },
        onRefusal: message => {
          words = ` [${message}]`
        },
      })
      counts.brokerAnswered((clock.steady() - since) / 1_000)
      leave(brokerConnection)
      return this.#found({ isReady: true })
    } catch (error) {
      const isRefused = error instanceof DroverError && error.code === 'broker_error'
      const reason = isRefused
        ? "The broker does not accept the bridge's own login; the bridge's log says more"
        : unreachable
      return this.#found({ isReady: false, reason }, `${(error as Error).message}${words}`)
    }
  }

  /** Tells the operator of a change, not of each look. */
  #found(state: BrokerState, story = ''): BrokerState {
    const { onEvent, clock } = this.#options
    const before = this.#state
    this.#state = state
    this.#foundAt = clock.steady()
    if (!state.isReady && before?.isReady !== false) onEvent({ type: 'broker_lost', message: story })
    if (state.isReady && before?.isReady === false) onEvent({ type: 'broker_reached' })
    return state
  }
}

const unreachable = "The bridge cannot reach its broker now; the bridge's log says more"

function leave(brokerConnection: BrokerConnection): void {
  brokerConnection.link.send(new TextEncoder().encode('DISCONNECT\n\n\0'))
  brokerConnection.abandon()
}
