/** Lists dead letters, sends them again and drops them. Only `lazy.ts` knows this file, and fetches it for those who ask. */
import type { Clock } from '../../clock.ts'
import { DroverError } from '../../contract/errors.ts'
import type { BrokerSession, Stomp } from '../../stomp/mod.ts'
import { checkWhole } from '../options.ts'
import type { DeadFilter, DeadLetter, DeadLetters, DeadResult } from './api.ts'
import { fits } from './letter.ts'
import { type FoundLetter, type Reading, readDead } from './reading.ts'
import { jobOf, letterToSend, retryMessage } from './retry.ts'

export interface DeadPorts {
  /** Opens a connection that this closes. */
  connect(): Stomp
  readonly clock: Clock
  /** ms since the epoch, in the broker's time, by which a retry has its deadline. */
  brokerNow(): Promise<number>
}

const defaultLimit = 100

export function createDeadLetters(ports: DeadPorts): DeadLetters {
  const { clock } = ports

  /** Reads the queue, and gives back all that `act` did not take. */
  const reading = async <T>(
    isLook: boolean,
    act: (reading: Reading, stomp: Stomp, session: BrokerSession) => T | Promise<T>,
  ): Promise<T> => {
    const stomp = ports.connect()
    try {
      const session = await firstSession(stomp)
      const found = await readDead({ stomp, session, clock }, isLook)
      try {
        return await act(found, stomp, session)
      } finally {
        await found.release()
      }
    } finally {
      await stomp.close()
    }
  }

  const chosen = (found: Reading, filter: DeadFilter): readonly FoundLetter[] => {
    const now = clock.now()
    return found.letters.filter(({ letter }) => fits(letter, filter, now))
  }

  return {
    async list(filter = {}, { limit = defaultLimit } = {}) {
      checkWhole('limit', limit, 1)
      return await reading(true, found => {
        const letters = chosen(found, filter)
        return {
          letters: letters.slice(0, limit).map(({ letter }) => letter),
          matched: letters.length,
          total: found.letters.length,
          isCut: found.isCut,
        }
      })
    },

    async show(id) {
      return await reading(true, found => chosen(found, { id }).at(-1)?.letter)
    },

    async retry(filter, options = {}) {
      const { limit = defaultLimit, timeoutMs, replyTo, onSend } = options
      checkWhole('limit', limit, 1)
      checkWhole('timeoutMs', timeoutMs, 1)
      const brokerNow = await ports.brokerNow()
      const readAt = clock.steady()
      return await reading(false, async (found, stomp, session) => {
        checkBridge(session, replyTo)
        const jobs = byJob(chosen(found, filter), found.letters)
        const done: DeadLetter[] = []
        const left: DeadResult['left'][number][] = []
        for (const letters of jobs.slice(0, limit)) {
          const now = brokerNow + clock.steady() - readAt
          const sent = letterToSend(letters, now)
          if (typeof sent === 'string') {
            left.push({ letter: letters.at(-1)!.letter, why: sent })
            continue
          }
          onSend?.(sent.letter)
          const message = retryMessage(sent, session, options, now, clock.now())
          await stomp.transaction(transaction => {
            transaction.publish(message)
            for (const one of letters.flatMap(({ messages }) => messages)) one.ack(transaction)
          })
          done.push(sent.letter)
        }
        return { done, left, beyond: Math.max(0, jobs.length - limit), isCut: found.isCut }
      })
    },

    async drop(filter, { limit = defaultLimit } = {}) {
      checkWhole('limit', limit, 1)
      return await reading(false, async (found, stomp) => {
        const letters = chosen(found, filter)
        const dropped = letters.slice(0, limit)
        for (const { messages } of dropped) {
          await stomp.transaction(transaction => {
            for (const one of messages) one.ack(transaction)
          })
        }
        const beyond = Math.max(0, letters.length - limit)
        return { done: dropped.map(({ letter }) => letter), left: [], beyond, isCut: found.isCut }
      })
    },
  }
}

/** The letters of each job that one of the chosen is of. */
function byJob(chosen: readonly FoundLetter[], all: readonly FoundLetter[]): readonly (readonly FoundLetter[])[] {
  const every = Map.groupBy(all, jobOf)
  return [...new Set(chosen.map(jobOf))].map(job => every.get(job)!)
}

function checkBridge({ bridged, features, grants }: BrokerSession, replyTo: string | undefined): void {
  if (!bridged) return
  if (replyTo !== undefined) {
    const message = 'replyTo is for a direct connection; a bridge answers where the job was to be answered'
    throw new DroverError('config_invalid', message)
  }
  if (features?.includes('retry') !== true) {
    throw new DroverError(
      'unsupported',
      'This bridge is of an earlier version, and sends no dead letter again; update it',
    )
  }
  if (grants !== undefined && grants.operate.length === 0) {
    throw new DroverError('forbidden', 'This token does not grant to operate any task; ask for the grant operate')
  }
}

/** The first failure of a connection is final: a person waits. */
async function firstSession(stomp: Stomp): Promise<BrokerSession> {
  const { promise, resolve, reject } = Promise.withResolvers<BrokerSession>()
  const look = (): void => {
    const { state } = stomp
    if (state.at === 'open') resolve(state.session)
    if (state.at === 'waiting') reject(state.reason)
    if (state.at === 'closed') reject(state.reason ?? new DroverError('closed', 'The connection was closed'))
  }
  const stop = stomp.onState(look)
  look()
  try {
    return await promise
  } finally {
    stop()
  }
}
