/**
 * SENDs and ACKs that leave on one link: one frame by itself, several in a transaction that takes place as a whole or not at all.
 *
 * A broker that writes to disk once for each frame or COMMIT of a connection, one after the other, does so once for many
 * transactions in one. There each group of them leaves as one. So it does where a RECEIPT covers the frames before its own, since
 * a transaction that is shared takes fewer frames. If one of a group is refused, each is tried by itself.
 */
import { DroverError } from '../../contract/errors.ts'
import type { Dialect } from '../dialects/mod.ts'
import type { Client, IMessage, IStompSocket } from '../session/stompjs.ts'
import type { HowSent, Outgoing } from '../stomp.ts'
import type { FrameWriter } from './frame-writer.ts'
import { type Groups, groupTransactions } from './groups.ts'
import type { Step } from './transaction.ts'

/** Where a RECEIPT takes no write, so many transactions that wait leave before the group that is under way is confirmed. */
const manyTransactions = 16

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
  /** Resolves on RECEIPT. @param how absent: it may share that with others */
  send(message: Outgoing, how?: HowSent): Promise<void>
  sendUnconfirmed(message: Outgoing): void
  /**
   * Resolves on the RECEIPTs of COMMIT and of each SEND: one broker confirms a COMMIT that fails and says ERROR after it. An
   * ACK asks for none: frames are handled in order, and one that is refused leaves its message with the broker.
   * Where ACKs do not wait for COMMIT they are sent once it is confirmed: a fault between them makes a repetition, and no loss.
   * A transaction that is not confirmed in time ends the link.
   */
  transaction(steps: readonly Step[], how?: HowSent): Promise<void>
  /** An ACK in a transaction that is aborted: the message stays as it was. */
  ackInVain(message: Pick<IMessage, 'ack'>): void
  /** CONNECTED told which broker is there. */
  speak(dialect: Dialect, isBridged: boolean): void
  /** Resolves when no transaction waits or is under way; absent where none ever waits. */
  idle(): Promise<void> | undefined
}

export function createSender({ client, socket, address, writer, isOpen, lost }: SenderPorts): Sender {
  let dialect: Dialect | undefined
  let group: Groups | undefined
  let covers = false
  let transactions = 0

  /** Takes steps together: one frame by itself, several in a transaction. */
  const commit = async (steps: readonly Step[], isShared = false): Promise<void> => {
    if (!isOpen()) throw new DroverError('connection_lost', `${address} went before this was sent`)
    // Without steps it is a fence, confirmed once the broker has handled all frames before it.
    if (steps.length === 0) return await inTransaction(steps)
    const isAckApart = dialect?.acksInTransaction === false
    const within = isAckApart ? steps.filter(step => 'send' in step) : steps
    const after = isAckApart ? steps.filter(step => 'ack' in step) : []
    // One frame takes place or not by itself.
    if (within.length === 1) await Promise.all(within.map(alone))
    else if (within.length > 1) await inTransaction(within, isShared)
    await Promise.all(after.map(alone))
  }

  const alone = (step: Step): Promise<void> =>
    'send' in step
      ? writer.sendConfirmed(step.send, {})
      : writer.confirmed(step.destination, receipt => step.ack({ receipt }))

  /** @param isShared only COMMIT asks for a RECEIPT, which covers the steps too */
  const inTransaction = async (steps: readonly Step[], isShared = false): Promise<void> => {
    const transaction = `t-${++transactions}`
    client.begin(transaction)
    const all: Promise<void>[] = []
    for (const step of steps) {
      if ('ack' in step) step.ack({ transaction })
      else if (isShared) writer.sendUnconfirmed(step.send, { transaction })
      else all.push(writer.sendConfirmed(step.send, { transaction }))
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
    all.push(writer.confirmed('COMMIT', receipt => socket.send(`${frame}\nreceipt:${receipt}\n\n\0`), transaction))
    await Promise.all(all) // flat, so that the refusal is told, and no loss that followed from it
  }

  const isToldWhenFull = (step: Step): boolean => {
    const header = dialect?.onFull?.header
    return header !== undefined && 'send' in step && header in (step.send.headers ?? {})
  }

  return {
    async send(message, { isAlone = false } = {}) {
      writer.check(message)
      if (isAlone) await writer.sendConfirmed(message, {})
      else if (covers) await writer.sendCovered(message)
      else if (group && message.headers?.persistent === 'true') await group.commit([{ send: message }])
      else await writer.sendConfirmed(message, {})
    },
    sendUnconfirmed(message) {
      writer.check(message)
      writer.sendUnconfirmed(message, {})
    },
    async transaction(steps, { isAlone = false } = {}) {
      for (const step of steps) {
        if ('send' in step) writer.check(step.send)
      }
      // A fence is over once all before it is, and a SEND that may be refused by its RECEIPT takes nobody else along
      const isApart = isAlone || (covers && (steps.length < 2 || steps.some(isToldWhenFull)))
      try {
        await (group && !isApart ? group.commit(steps) : commit(steps))
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
    speak(spoken, isBridged) {
      dialect = spoken
      covers = spoken.receiptCovers === true && !isBridged
      if (spoken.writesEachCommit) group = groupTransactions(steps => commit(steps))
      if (!covers) return
      group = groupTransactions(steps => commit(steps, true), manyTransactions)
      writer.receipts.cover(() => void inTransaction([]).catch(() => {}))
    },
    idle: () => group?.idle(),
  }
}
