/**
 * Jobs whose pass does not fit: they go to dead by the connection that brought them, and are acknowledged once the broker
 * has confirmed that. Their worker sees neither. Design section 4.
 */
import { deadLetterBody } from '../../shared/contract/dead-letter.ts'
import { keptHeaders } from '../../shared/contract/job.ts'
import type { WireError } from '../../shared/contract/mod.ts'
import { encodeFrame, type ScannedFrame, type StompVersion } from '../../shared/frames/mod.ts'
import { LazyMap } from '../../shared/lazy-collections.ts'
import { sendKind } from '../../shared/stomp/dialects/mod.ts'
import type { PassedJob } from '../grants/passes.ts'
import type { Policy } from '../grants/policy.ts'
import type { UnconfirmedDeadLetters } from './unconfirmed-dead-letters.ts'

/** A job that was not handed to its worker. */
export interface Misfit {
  readonly frame: ScannedFrame
  readonly subscription: string
  /** The id for an ACK of it; absent where it must not be acknowledged, or need not. */
  readonly ackId: string | undefined
  /** The claims of its headers, which prove nothing. */
  readonly said: PassedJob
  readonly reason: string
  /** The value of one of its headers, unescaped, where it goes on. */
  header(name: string): string | undefined
}

export interface MisfitsOptions {
  readonly policy: Policy
  /** Spoken to the broker. */
  readonly version: StompVersion
  /** Of a body that the broker may send: a letter above a third of it goes without its input. */
  readonly maxBodyBytes: number
  /** Of all sessions of the bridge. */
  readonly deadLetters: UnconfirmedDeadLetters
  /** @param frame whole */
  readonly toBroker: (frame: Uint8Array) => void
  /** Told of each. */
  readonly onMisfit: (destination: string, reason: string) => void
  /** ms since the epoch */
  readonly now: () => number
  /** Names a receipt: new each time, so that no frame of the session has asked for the same. */
  readonly newId: () => string
}

/** The length that every broker takes, of a letter that may have been too large before. */
const surelyTakenCharacters = 16_000

interface Pending {
  /** Tells the job from others. */
  readonly job: string
  readonly subscription: string
  readonly ackId: string | undefined
  /** Sends its letter once more, without the job's input, where the broker has no room for it. */
  readonly sendSmaller: () => void
}

export class Misfits {
  readonly #options: MisfitsOptions
  /** By the receipt of the dead letter. */
  readonly #pending = new LazyMap<string, Pending>()

  constructor(options: MisfitsOptions) {
    this.#options = options
  }

  /** Whether a RECEIPT may be of a dead letter. */
  get isWaiting(): boolean {
    return this.#pending.size > 0
  }

  /** It goes back to the broker, and the next session that is handed it sends it to dead. */
  leaveToBroker({ destination }: PassedJob, reason: string): void {
    this.#options.onMisfit(destination, reason)
  }

  /** Sends it to dead, or drops a broadcast. */
  sendToDead(misfit: Misfit): void {
    const { policy, version, toBroker, onMisfit, deadLetters, newId } = this.#options
    const { destination } = misfit.said
    onMisfit(destination, misfit.reason)
    if (destination.startsWith('/topic/')) {
      // Every worker's session would send a copy of its own there
      this.#acknowledge(misfit)
      return
    }
    const job = `${destination}\n${misfit.header('correlation-id') ?? ''}\n${misfit.frame.body.length}`
    const maxCharacters = deadLetters.begin(job) ? surelyTakenCharacters : this.#options.maxBodyBytes / 3
    const dead = `/queue/${policy.namespace}.dead`
    const kept = keptHeaders.flatMap(name => {
      const value = misfit.header(name)
      return value ? [[name, value] as const] : []
    })
    const headers = [
      ['destination', dead] as const,
      ...Object.entries(sendKind(policy.dialect, dead)),
      ['content-type', 'application/json'] as const,
      ['persistent', 'true'] as const,
      ...kept,
    ]
    const send = (letter: string, more: readonly (readonly [string, string])[], sendSmaller: () => void): void => {
      const receipt = newId()
      this.#pending.set(receipt, { subscription: misfit.subscription, ackId: misfit.ackId, job, sendSmaller })
      toBroker(encodeFrame('SEND', [...headers, ['receipt', receipt], ...more], letter, version))
    }
    const { onFull } = policy.dialect
    const smaller = onFull && this.#deadLetter(misfit, 0)
    const sendSmaller = () => void (smaller !== undefined && send(smaller, [], () => {}))
    send(this.#deadLetter(misfit, maxCharacters), onFull ? [[onFull.header, onFull.value]] : [], sendSmaller)
  }

  /**
   * @param isRefused whether the RECEIPT says that there was no room
   * @returns whether the RECEIPT is of a dead letter: it is not for the browser
   */
  confirmed(receipt: string, isRefused: boolean): boolean {
    const pending = this.#pending.get(receipt)
    if (pending === undefined) return false
    this.#pending.delete(receipt)
    if (isRefused) {
      pending.sendSmaller()
      return true
    }
    this.#options.deadLetters.confirmed(pending.job)
    this.#acknowledge(pending)
    return true
  }

  /**
   * The subscription has ended, so that its messages go back to the broker; or the session said an ACK or NACK that counts for all
   * before it too. Either way an ACK of a message that this took from the subscription would be of nothing.
   */
  settledElsewhere(subscription: string): void {
    for (const [receipt, pending] of this.#pending) {
      if (pending.subscription === subscription) this.#pending.set(receipt, { ...pending, ackId: undefined })
    }
  }

  #acknowledge({ subscription, ackId }: Pick<Pending, 'subscription' | 'ackId'>): void {
    const { version, toBroker } = this.#options
    if (ackId === undefined) return
    const headers =
      version === '1.2'
        ? ([['id', ackId]] as const)
        : ([
            ['message-id', ackId],
            ['subscription', subscription],
          ] as const)
    toBroker(encodeFrame('ACK', headers, undefined, version))
  }

  #deadLetter({ frame, reason, said }: Misfit, maxCharacters: number): string {
    const message = `Its drover-pass ${reason}. Nobody was handed the job. Its headers said: reply-to ${shown(said.replyTo)}, drover-sender ${shown(said.sender)}; who trusts them may send it again without drover-pass`
    const error: WireError = { name: 'DroverError', code: 'rejected', message, retryable: false }
    const at = this.#options.now()
    return deadLetterBody(new TextDecoder().decode(frame.body), { error, at }, maxCharacters)
  }
}

const shown = (text: string): string => (text === '' ? 'nothing' : JSON.stringify(text.slice(0, 300)))
