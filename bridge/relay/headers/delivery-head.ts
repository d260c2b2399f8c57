/** A MESSAGE's head, read in one pass over its bytes: the headers by which it is known whose it is, and whether it is a job. */
import { type ScannedFrame, type StompVersion, unescapeHeader } from '../../../shared/frames/mod.ts'
import { isAt, textAt } from '../../../shared/frames/text.ts'
import { LastText } from './last-text.ts'

/** Headers that say whose job it is: each may stand once. */
export type RoutingName = 'drover-pass' | 'drover-sender' | 'reply-to' | 'correlation-id'

const absent = -1
const nothing = new Uint8Array(0)

/** Reads the MESSAGEs of one session, one after the other. */
export class DeliveryReader {
  /** The last of the headers that say whose job it is that stands there a second time. */
  twice: RoutingName | undefined
  readonly #version: StompVersion
  readonly #idName: 'ack' | 'message-id'
  readonly #subscriptionText = new LastText()
  readonly #destinationText = new LastText()
  readonly #replyToText = new LastText()
  readonly #senderText = new LastText()
  #source: Uint8Array = nothing
  // Where the values begin and end in it, of the first of each name
  readonly #from: number[] = slots.map(() => absent)
  readonly #to: number[] = slots.map(() => absent)

  /** @param idName the header that an ACK repeats */
  constructor(version: StompVersion, idName: 'ack' | 'message-id') {
    this.#version = version
    this.#idName = idName
  }

  /** @param lines of the frame that do not go on: indexes into its marks, ascending */
  read({ source, start, marks }: ScannedFrame, lines: readonly number[]): void {
    this.#source = source
    this.twice = undefined
    const from = this.#from
    from.fill(absent)
    for (let mark = 0; mark < marks.length; mark += 3) {
      const slot = this.#slotAt(source, start + marks[mark]!, marks[mark + 1]! - marks[mark]!)
      if (slot === undefined || (lines.length > 0 && lines.includes(mark))) continue
      if (from[slot] === absent) {
        from[slot] = start + marks[mark + 1]! + 1
        this.#to[slot] = start + marks[mark + 2]!
      } else if (slot < routingNames.length) {
        this.twice = routingNames[slot]
      }
    }
  }

  /** Lets go of the frame, or its whole chunk would stay. */
  forget(): void {
    this.#source = nothing
  }

  get pass(): string | undefined {
    return this.#value(slotOf.pass)
  }

  get sender(): string | undefined {
    return this.#value(slotOf.sender, this.#senderText)
  }

  get replyTo(): string | undefined {
    return this.#value(slotOf.replyTo, this.#replyToText)
  }

  get correlationId(): string | undefined {
    return this.#value(slotOf.correlationId)
  }

  get destination(): string | undefined {
    return this.#value(slotOf.destination, this.#destinationText)
  }

  get subscription(): string | undefined {
    return this.#value(slotOf.subscription, this.#subscriptionText)
  }

  /** By which it is acknowledged. */
  get id(): string | undefined {
    return this.#value(slotOf.id)
  }

  /** Unescaped. */
  #value(slot: number, memo?: LastText): string | undefined {
    const from = this.#from[slot]!
    if (from === absent) return undefined
    const to = this.#to[slot]!
    return unescapeHeader(memo ? memo.at(this.#source, from, to) : textAt(this.#source, from, to), this.#version)
  }

  #slotAt(source: Uint8Array, start: number, length: number): number | undefined {
    const slot = slotsByLength[length]?.find(slot => isAt(source, slots[slot]!, start))
    return slot === undefined && length === this.#idName.length && isAt(source, this.#idName, start) ? slotOf.id : slot
  }
}

/** The headers that say whose job it is. */
export const routingNames: readonly RoutingName[] = ['drover-pass', 'drover-sender', 'reply-to', 'correlation-id']
const slots: readonly string[] = [...routingNames, 'destination', 'subscription', 'id']
const slotOf = { pass: 0, sender: 1, replyTo: 2, correlationId: 3, destination: 4, subscription: 5, id: 6 } as const
const slotsByLength: readonly (readonly number[])[] = Array.from({ length: 16 }, (_, length) =>
  slots.flatMap((name, slot) => (name.length === length && slot !== slotOf.id ? [slot] : [])),
)
