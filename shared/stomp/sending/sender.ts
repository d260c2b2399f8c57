/**
 * SENDs and ACKs that leave on one link: one frame by itself, several in a transaction that takes place as a whole or not at all.
 *
 * A broker that writes to disk once for each frame or COMMIT of a connection, one after the other, does so once for many
 * transactions in one. There each group of them leaves as one, and those that come meanwhile make up the next. Each still takes
 * place as a whole or not at all, since all of the group do. If one of a group is refused, each is tried by itself.
 */
import { DroverError } from '../../contract/errors.ts'
import type { Dialect } from '../dialects/mod.ts'
import type { Client, IMessage, IStompSocket } from '../session/stompjs.ts'
import type { Outgoing } from '../stomp.ts'
import type { FrameWriter } from './frame-writer.ts'
import type { Step } from './transaction.ts'

/** Transactions of one group, and characters of their bodies together: the broker has to hold these until COMMIT. */
const maxTransactions = 64
const maxCharacters = 256 * 1024

export interface SenderPorts {
  readonly client: Pick<Client, 'begin' | 'abort'>
  readonly socket: Pick<IStompSocket, 'send'>
  readonly address: string
  readonly writer: FrameWriter
  isOpen(): boolean
  /** Ends the link. */
  lost(reason: DroverError): void
}

export interface Sender {
  /** Resolves on RECEIPT. */
  send(message: Outgoing): Promise<void>
  sendUnconfirmed(message: Outgoing): void
  /**
   * Resolves on the RECEIPTs of COMMIT and of each SEND: one broker confirms a COMMIT that fails and says ERROR after it. An
   * ACK asks for none: frames are handled in order, and one that is refused leaves its message with the broker.
   * Where ACKs do not wait for COMMIT they are sent once it is confirmed: a fault between them makes a repetition, and no loss.
   * A transaction that is not confirmed in time ends the link.
   */
  transaction(steps: readonly Step[]): Promise<void>
  /** An ACK in a transaction that is aborted: the message stays as it was. */
  ackInVain(message: Pick<IMessage, 'ack'>): void
  /** CONNECTED told which broker is there. */
  speak(dialect: Dialect): void
  /** Resolves when no transaction waits or is under way; absent where none ever waits. */
  idle(): Promise<void> | undefined
}

export function createSender({ client, socket, address, writer, isOpen, lost }: SenderPorts): Sender {
  let dialect: Dialect | undefined
  let group: Groups | undefined
  let transactions = 0

  /** Takes steps together: one frame by itself, several in a transaction. */
  const commit = async (steps: readonly Step[]): Promise<void> => {
    if (!isOpen()) throw new DroverError('connection_lost', `${address} went before this was sent`)
    // Without steps it is a fence, confirmed once the broker has handled all frames before it.
    if (steps.length === 0) return await inTransaction(steps)
    const isAckApart = dialect?.acksInTransaction === false
    const within = isAckApart ? steps.filter(step => 'send' in step) : steps
    const after = isAckApart ? steps.filter(step => 'ack' in step) : []
    // One frame takes place or not by itself.
    if (within.length === 1) await Promise.all(within.map(alone))
    else if (within.length > 1) await inTransaction(within)
    await Promise.all(after.map(alone))
  }

  const alone = (step: Step): Promise<void> =>
    'send' in step
      ? writer.sendConfirmed(step.send, {})
      : writer.confirmed(step.destination, receipt => step.ack({ receipt }))

  const inTransaction = async (steps: readonly Step[]): Promise<void> => {
    const transaction = `t-${++transactions}`
    client.begin(transaction)
    const all: Promise<void>[] = []
    for (const step of steps) {
      if ('send' in step) all.push(writer.sendConfirmed(step.send, { transaction }))
      else step.ack({ transaction })
    }
    if (dialect?.confirmsBeforeCommit || steps.some(isToldWhenFull)) {
      try {
        await Promise.all(all)
      } catch (error) {
        if (isOpen()) client.abort(transaction)
        throw error
      }
      if (!isOpen()) throw new DroverError('connection_lost', `${address} went before COMMIT`)
    }
    // stompjs cannot add a header to COMMIT
    const frame = `COMMIT\ntransaction:${transaction}`
    all.push(writer.confirmed('COMMIT', receipt => socket.send(`${frame}\nreceipt:${receipt}\n\n\0`)))
    await Promise.all(all) // flat, so that the refusal is told, and no loss that followed from it
  }

  const isToldWhenFull = (step: Step): boolean => {
    const header = dialect?.onFull?.header
    return header !== undefined && 'send' in step && header in (step.send.headers ?? {})
  }

  return {
    async send(message) {
      writer.check(message)
      if (group && message.headers?.persistent === 'true') await group.commit([{ send: message }])
      else await writer.sendConfirmed(message, {})
    },
    sendUnconfirmed: message => writer.sendUnconfirmed(message),
    async transaction(steps) {
      for (const step of steps) {
        if ('send' in step) writer.check(step.send)
      }
      try {
        await (group ? group.commit(steps) : commit(steps))
      } catch (error) {
        if (error instanceof DroverError && error.code === 'timed_out') {
          // Whether its ACKs took place is unknown: the messages they settle would be handed to nobody while this link lasts.
          lost(error)
        }
        throw error
      }
    },
    ackInVain(message) {
      const transaction = `t-${++transactions}`
      client.begin(transaction)
      message.ack({ transaction })
      client.abort(transaction)
    },
    speak(spoken) {
      dialect = spoken
      if (spoken.writesEachCommit) group = groupTransactions(commit)
    },
    idle: () => group?.idle(),
  }
}

interface Waiting {
  readonly steps: readonly Step[]
  resolve(): void
  reject(error: unknown): void
}

export interface Groups {
  /** Takes steps together, by themselves or in a group. */
  commit(steps: readonly Step[]): Promise<void>
  /** Resolves when nothing waits or is under way. */
  idle(): Promise<void>
}

/** @param commit sends steps as one transaction */
export function groupTransactions(commit: (steps: readonly Step[]) => Promise<void>): Groups {
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined

  const run = async (): Promise<void> => {
    while (waiting.length > 0) {
      const group = waiting.slice(0, fitting(waiting))
      waiting = waiting.slice(group.length)
      try {
        await commit(group.flatMap(({ steps }) => steps))
        for (const { resolve } of group) resolve()
      } catch (error) {
        if (group.length > 1 && isRefusal(error))
          for (const one of group) await commit(one.steps).then(one.resolve, one.reject)
        else for (const { reject } of group) reject(error)
      }
    }
    running = undefined
  }

  return {
    commit: steps =>
      new Promise((resolve, reject) => {
        waiting.push({ steps, resolve, reject })
        running ??= run()
      }),
    async idle() {
      await running
    },
  }
}

/** How many of those that wait go together: one at least. */
function fitting(waiting: readonly Waiting[]): number {
  let characters = 0
  for (const [at, { steps }] of waiting.entries()) {
    for (const step of steps) if ('send' in step) characters += step.send.body.length
    if (at > 0 && (at >= maxTransactions || characters > maxCharacters)) return at
  }
  return waiting.length
}

/** A refused transaction has not taken place. After another error it is unknown for all, as it would be for each. */
function isRefusal(error: unknown): boolean {
  return !(error instanceof DroverError) || !['connection_lost', 'timed_out', 'closed'].includes(error.code)
}
