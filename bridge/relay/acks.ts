/** ACK and NACK: the headers that they need, and the messages that they named lately. */
import { DroverError } from '../../shared/contract/errors.ts'
import type { StompVersion } from '../../shared/frames/mod.ts'
import type { Acknowledgement } from './in-flight.ts'

/**
 * @param headers of an ACK or NACK
 * @throws {DroverError} `frame_invalid` when a header is missing that the version needs
 */
export function readAck(command: string, headers: ReadonlyMap<string, string>, version: StompVersion): Acknowledgement {
  const needed = version === '1.2' ? ['id'] : ['message-id', 'subscription']
  const missing = needed.find(name => !headers.get(name))
  if (missing === undefined) {
    const [id, subscription] = needed.map(name => headers.get(name)!) as [string, string?]
    return { command, id, subscription, transaction: headers.get('transaction') }
  }
  const from = missing === 'id' ? "the MESSAGE's ack header" : `the MESSAGE's ${missing}`
  throw new DroverError(
    'frame_invalid',
    `A frame ${command} has no ${missing}, which STOMP ${version} needs; give it ${from}`,
  )
}

const most = 32

/** The newest, for naming the one that a broker refuses: most say an ERROR for it without a RECEIPT's id. */
export class RecentAcks {
  #ids: string[] | undefined
  #next = 0

  add(id: string): void {
    this.#ids ??= []
    this.#ids[this.#next] = id
    this.#next = (this.#next + 1) % most
  }

  /** The one that the broker's words name; else the newest. */
  named(words: string): string | undefined {
    const ids = this.#ids ?? []
    const found = ids.filter(id => words.includes(id)).toSorted((a, b) => b.length - a.length)[0]
    return found ?? ids[(this.#next + most - 1) % most]
  }
}
