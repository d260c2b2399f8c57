/** The subscriptions to presence of one session that the bridge answers itself, or hands on where it cannot. */
import { changesHeader } from '../../shared/contract/mod.ts'
import { LazyMap } from '../../shared/lazy-collections.ts'
import type { SubscribeRule } from '../grants/policy.ts'
import type { Wanted } from './presence.ts'
import { Reader, type ReaderPorts } from './reader.ts'

export interface SessionPresencePorts extends ReaderPorts {
  readonly namespace: string
  readonly presence: {
    join(wanted: Wanted, reader: Reader, begun: () => void): Promise<boolean>
    leave(destination: string, reader: Reader): void
  }
  /** For a SUBSCRIBE that goes on after all. */
  readonly toBroker: (frame: Uint8Array) => void
  /** Tells a RECEIPT, where one was asked for. */
  readonly confirm: (receipt: string | undefined) => void
}

export interface PresenceSubscribe {
  readonly id: string
  readonly destination: string
  readonly receipt: string | undefined
  /** The frame for the broker. */
  readonly bytes: Uint8Array
}

interface Subscribed {
  readonly destination: string
  readonly reader: Reader
  /** Of a SUBSCRIBE that is not answered yet. */
  receipt: string | undefined
  /** Its SUBSCRIBE went on to the broker. */
  isHandedOn: boolean
}

/** Whether a SUBSCRIBE asks for changes. @param headers unescaped */
export const asksForChanges = (rule: SubscribeRule, headers: ReadonlyMap<string, string>): boolean =>
  'allow' in rule &&
  rule.allow === 'messages' &&
  rule.isPresence === true &&
  (headers.get('ack') ?? 'auto') === 'auto' &&
  headers.get(changesHeader.name) === changesHeader.value

export class SessionPresence {
  readonly #ports: SessionPresencePorts
  readonly #subscribed = new LazyMap<string, Subscribed>()
  #isOver = false

  constructor(ports: SessionPresencePorts) {
    this.#ports = ports
  }

  subscribe({ id, destination, receipt, bytes }: PresenceSubscribe): undefined {
    const { presence, namespace, toBroker } = this.#ports
    const reader = new Reader(id, this.#ports)
    const subscribed: Subscribed = { destination, reader, receipt, isHandedOn: false }
    this.#subscribed.set(id, subscribed)
    const isWanted = (): boolean => !this.#isOver && this.#subscribed.get(id) === subscribed
    void presence
      .join({ namespace, destination, isWanted }, reader, () => this.#answer(subscribed))
      .then(isJoined => {
        if (isJoined || !isWanted()) return
        subscribed.isHandedOn = true
        toBroker(bytes)
      })
  }

  /** @returns whether the bridge answers this subscription; its UNSUBSCRIBE is answered then, too */
  unsubscribe(id: string, receipt: string | undefined): boolean {
    const subscribed = this.#subscribed.get(id)
    if (subscribed === undefined) return false
    this.#leave(id, subscribed)
    if (subscribed.isHandedOn) return false
    this.#answer(subscribed)
    this.#ports.confirm(receipt)
    return true
  }

  /** The session is over. */
  end(): void {
    this.#isOver = true
    for (const [id, subscribed] of [...this.#subscribed]) this.#leave(id, subscribed)
  }

  #leave(id: string, { destination, reader }: Subscribed): void {
    this.#subscribed.delete(id)
    this.#ports.presence.leave(destination, reader)
  }

  #answer(subscribed: Subscribed): void {
    this.#ports.confirm(subscribed.receipt)
    subscribed.receipt = undefined
  }
}
