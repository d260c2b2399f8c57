/**
 * SENDs and ACKs that take place together, on one link. stompjs has no header on COMMIT, so that frame is written here.
 */

import { DroverError } from '../../contract/errors.ts'
import type { Dialect } from '../dialects/mod.ts'
import type { Client, IStompSocket } from '../session/stompjs.ts'
import type { FrameWriter } from './frame-writer.ts'
import type { Step } from './transaction.ts'

export interface CommitPorts {
  readonly client: Pick<Client, 'begin' | 'abort'>
  readonly socket: Pick<IStompSocket, 'send'>
  readonly address: string
  isOpen(): boolean
  /** Once it is known who is there. */
  dialect(): Dialect | undefined
  readonly writer: Pick<FrameWriter, 'sendConfirmed' | 'confirmed'>
}

export interface Commits {
  /** Takes steps together: one frame by itself, several in a transaction. @returns resolves once all is confirmed */
  commit(steps: readonly Step[]): Promise<void>
  /** An ACK in a transaction that is aborted. */
  inVain(ack: (headers: Record<string, string>) => void): void
}

export function createCommits(ports: CommitPorts): Commits {
  const { client, socket, address, isOpen, dialect, writer } = ports
  let transactions = 0

  const confirmStep = (step: Step, headers: Record<string, string>): Promise<void> =>
    'send' in step
      ? writer.sendConfirmed(step.send, headers)
      : writer.confirmed(step.destination, receipt => step.ack({ ...headers, receipt }))

  const isToldWhenFull = (step: Step): boolean => {
    const header = dialect()?.onFull?.header
    return header !== undefined && 'send' in step && header in (step.send.headers ?? {})
  }

  const inTransaction = async (steps: readonly Step[]): Promise<void> => {
    const transaction = `t-${++transactions}`
    client.begin(transaction)
    const all: Promise<void>[] = []
    for (const step of steps) {
      if ('send' in step) all.push(writer.sendConfirmed(step.send, { transaction }))
      else step.ack({ transaction })
    }
    if (dialect()?.confirmsBeforeCommit || steps.some(isToldWhenFull)) {
      try {
        await Promise.all(all)
      } catch (error) {
        if (isOpen()) client.abort(transaction)
        throw error
      }
      if (!isOpen()) throw new DroverError('connection_lost', `${address} went before COMMIT`)
    }
    const frame = `COMMIT\ntransaction:${transaction}`
    all.push(writer.confirmed('COMMIT', receipt => socket.send(`${frame}\nreceipt:${receipt}\n\n\0`)))
    await Promise.all(all) // flat, so that what was refused is told, and not what was lost because of it
  }

  const commit = async (steps: readonly Step[]): Promise<void> => {
    if (!isOpen()) throw new DroverError('connection_lost', `${address} went before this was sent`)
    // Of nothing: a fence, confirmed once all that left before has been handled.
    if (steps.length === 0) return await inTransaction(steps)
    const isAckApart = dialect()?.acksInTransaction === false
    const within = isAckApart ? steps.filter(step => 'send' in step) : steps
    const after = isAckApart ? steps.filter(step => 'ack' in step) : []
    // One frame takes place or not by itself.
    if (within.length === 1) await Promise.all(within.map(step => confirmStep(step, {})))
    else if (within.length > 1) await inTransaction(within)
    await Promise.all(after.map(step => confirmStep(step, {})))
  }

  return {
    commit,
    inVain(ack) {
      const transaction = `t-${++transactions}`
      client.begin(transaction)
      ack({ transaction })
      client.abort(transaction)
    },
  }
}
