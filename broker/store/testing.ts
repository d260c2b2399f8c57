/** A disk for tests: it can fail, stand still, and lose power. */

import { type BrokerEvent, createEmbeddedBroker, type EmbeddedBroker } from '../broker.ts'
import type { BrokerLimits, FullPolicy } from '../limits.ts'
import { keptOf } from '../message.ts'
import { type Headers, ManualClock, openPeer, settled, textOf } from '../testing.ts'
import type { Changes, Disk, KeptDurable, KeptMessage, KeptRow } from './port.ts'

interface State {
  readonly rows: Map<number, KeptRow & KeptMessage>
  readonly durables: Map<string, KeptDurable>
}

export class FakeDisk implements Disk {
  readonly run = 'kept'
  /** Why the next writes fail. */
  failure: Error | undefined
  /** Why reads fail, though writes do not. */
  readFailure: Error | undefined
  /** Whether a write that fails is there all the same. */
  isThereAnyway = false
  /** Writes that were begun. */
  writes = 0
  reads = 0
  /** Called as each write begins, with its number. */
  onWrite: (write: number) => void = () => {}
  readonly #state: State
  #gate: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined

  /** @param state of the disk before, after a loss of power */
  constructor(state: State = { rows: new Map(), durables: new Map() }) {
    this.#state = state
  }

  get rows(): ReadonlyMap<number, KeptRow> {
    return this.#state.rows
  }

  /** Writes that begin from now on end once it is let go on. */
  standStill(): void {
    this.#gate ??= Promise.withResolvers()
  }

  goOn(): void {
    this.#gate?.resolve()
    this.#gate = undefined
  }

  /** For another process: all that is written, and nothing that is under way. */
  afterPowerLoss(): FakeDisk {
    return new FakeDisk({ rows: new Map(this.#state.rows), durables: new Map(this.#state.durables) })
  }

  load(): { rows: Iterable<KeptRow>; durables: readonly KeptDurable[] } {
    return {
      rows: [...this.#state.rows.values()].sort((a, b) => a.row - b.row),
      durables: [...this.#state.durables.values()],
    }
  }

  async turn(): Promise<void> {}

  async write(changes: Changes): Promise<void> {
    this.onWrite(++this.writes)
    const written = contentOf(changes)
    await this.#gate?.promise
    const { failure } = this
    if (failure === undefined || this.isThereAnyway) written(this.#state)
    if (failure !== undefined) throw failure
  }

  read(row: number): KeptMessage {
    this.reads++
    const found = this.#state.rows.get(row)
    const failure = this.readFailure ?? this.failure
    if (found === undefined || failure !== undefined) throw failure ?? new Error(`row ${row} is not there`)
    return found
  }

  close(): void {}
}

/** As it is now, for later changes are of another batch. */
function contentOf({ added, moved, removed, durables }: Changes): (state: State) => void {
  const rows = [...added.values()].map(({ message, ...rest }) => {
    const { id, destination, owner, payer, priority, expiresAt, bytes } = message
    const facts = { id, destination: destination.text, owner, payer, priority, bytes }
    const expires = expiresAt === Number.POSITIVE_INFINITY ? undefined : expiresAt
    return { ...rest, ...facts, expiresAt: expires, content: keptOf(message) }
  })
  const [states, gone, subscriptions] = [[...moved], [...removed], [...durables]]
  return state => {
    for (const row of gone) state.rows.delete(row)
    for (const one of rows) state.rows.set(one.row, one)
    for (const [row, change] of states) {
      const found = state.rows.get(row)
      if (found) state.rows.set(row, { ...found, ...change })
    }
    for (const [name, durable] of subscriptions) {
      if (durable) state.durables.set(name, durable)
      else state.durables.delete(name)
    }
  }
}

export const queue = '/queue/myapp.tasks.t'
export const reading: Headers & { readonly id: string } = { id: 's', destination: queue, ack: 'client-individual' }

export interface Started {
  readonly disk: FakeDisk
  readonly clock: ManualClock
  readonly events: BrokerEvent[]
  readonly broker: EmbeddedBroker
}

export function start(
  disk: FakeDisk = new FakeDisk(),
  limits: Partial<BrokerLimits> = {},
  policy?: FullPolicy,
): Started {
  const clock = new ManualClock()
  const events: BrokerEvent[] = []
  const broker = createEmbeddedBroker({
    store: disk,
    clock,
    limits,
    ...(policy === undefined ? {} : { policy }),
    onEvent: event => events.push(event),
  })
  return { disk, clock, events, broker }
}

/** A process that starts after the power was lost. */
export const restart = (disk: FakeDisk): Started => start(disk.afterPowerLoss())

/** All that a new reader is handed, and whether each is marked. */
export async function handedOut(broker: EmbeddedBroker, destination: string = queue): Promise<[string, boolean][]> {
  const peer = await openPeer(broker)
  peer.send('SUBSCRIBE', { ...reading, destination })
  await settled()
  return peer.frames.map(frame => [textOf(frame), frame.header('redelivered') === 'true'])
}
