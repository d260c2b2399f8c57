/** Transactions: all of it at COMMIT, or nothing. */
import { describe, expect, test } from 'vitest'
import { prefetchHeaders } from '../../../../../shared/stomp/dialects/mod.ts'
import { unique } from '../../../../support/brokers/shared.ts'
import type { RawStomp } from '../../../../support/raw-stomp.ts'
import type { Kit } from './kit.ts'

export function transactions({ open, dialect, traits }: Kit): void {
  const oneByOne = { ack: 'client-individual', ...prefetchHeaders(dialect, 1) }

  /** A worker that has begun to settle a job: its outcome and the ACK are sent in a transaction. */
  const settling = async (sender: RawStomp) => {
    const [jobs, replies] = [`/queue/${unique('jobs')}`, `/queue/${unique('replies')}`]
    const worker = await open()
    await worker.subscribe(jobs, oneByOne)
    await sender.confirmed('SEND', { destination: jobs }, 'job')
    const job = await worker.next()
    worker.send('BEGIN', { transaction: 't' })
    worker.send('SEND', { destination: replies, transaction: 't' }, 'outcome')
    worker.ack(job, { transaction: 't' })
    return { worker, jobs, replies }
  }

  describe('transactions', () => {
    test('a SEND in one is seen at COMMIT, and COMMIT has a receipt', async () => {
      const queue = `/queue/${unique('commit')}`
      await using stomp = await open()
      await using reader = await open()
      await reader.subscribe(queue)
      await stomp.confirmed('BEGIN', { transaction: 't' })
      stomp.send('SEND', { destination: queue, transaction: 't' }, 'inside')
      await stomp.confirmed('SEND', { destination: queue }, 'outside')
      expect((await reader.next()).body).toBe('outside')
      await stomp.confirmed('COMMIT', { transaction: 't' })
      expect((await reader.next()).body).toBe('inside')
    })

    test('the RECEIPT of a SEND inside', async () => {
      await using stomp = await open()
      stomp.send('BEGIN', { transaction: 't' })
      stomp.send('SEND', { destination: `/queue/${unique('receipt')}`, transaction: 't', receipt: 'send' }, '')
      if (!traits.confirmsInTransaction) stomp.send('COMMIT', { transaction: 't', receipt: 'commit' })
      expect((await stomp.next('RECEIPT')).headers['receipt-id']).toBe(traits.confirmsInTransaction ? 'send' : 'commit')
      if (!traits.confirmsInTransaction) await stomp.next({ command: 'RECEIPT', headers: { 'receipt-id': 'send' } })
    })

    test('ABORT undoes a SEND', async () => {
      const queue = `/queue/${unique('abort')}`
      await using stomp = await open()
      stomp.send('BEGIN', { transaction: 't' })
      stomp.send('SEND', { destination: queue, transaction: 't' }, 'aborted')
      await stomp.confirmed('ABORT', { transaction: 't' })
      await stomp.confirmed('SEND', { destination: queue }, 'fence')
      await stomp.subscribe(queue)
      expect((await stomp.next()).body).toBe('fence')
    })

    test('SEND and ACK commit as one: the outcome is there and the job is gone', async () => {
      await using stomp = await open()
      const { worker, jobs, replies } = await settling(stomp)
      await stomp.subscribe(replies)
      await worker.confirmed('COMMIT', { transaction: 't' })
      await worker[Symbol.asyncDispose]()
      expect((await stomp.next()).body).toBe('outcome')
      await stomp.confirmed('SEND', { destination: jobs }, 'fence')
      await stomp.subscribe(jobs)
      expect((await stomp.next()).body).toBe('fence')
    })

    test('a socket that dies before COMMIT leaves no outcome, and the job comes again', async () => {
      await using stomp = await open()
      const { worker, jobs, replies } = await settling(stomp)
      await worker.confirmed('SEND', { destination: `/topic/${unique('fence')}` }, '')
      await worker[Symbol.asyncDispose]()
      if (!traits.acksInTransaction) await stomp.confirmed('SEND', { destination: jobs }, 'the job is lost')
      await stomp.subscribe(jobs, oneByOne)
      const again = await stomp.next()
      // The one sent later may have been handed to the dead worker first: its mark says nothing.
      const mark = traits.acksInTransaction ? 'true' : expect.any(String)
      expect([again.body, again.headers.redelivered]).toEqual([
        traits.acksInTransaction ? 'job' : 'the job is lost',
        mark,
      ])
      await stomp.subscribe(replies)
      await stomp.confirmed('SEND', { destination: replies }, 'fence')
      expect((await stomp.next()).body).toBe('fence')
    })

    test('an aborted ACK leaves the message unacknowledged', async () => {
      const queue = `/queue/${unique('unacked')}`
      await using stomp = await open()
      const reader = await open()
      await reader.subscribe(queue, oneByOne)
      await stomp.confirmed('SEND', { destination: queue }, 'a')
      const message = await reader.next()
      reader.send('BEGIN', { transaction: 't' })
      reader.ack(message, { transaction: 't' })
      await reader.confirmed('ABORT', { transaction: 't' })
      await reader[Symbol.asyncDispose]()
      if (!traits.acksInTransaction) await stomp.confirmed('SEND', { destination: queue }, 'it is lost')
      await stomp.subscribe(queue, oneByOne)
      expect((await stomp.next()).body).toBe(traits.acksInTransaction ? 'a' : 'it is lost')
    })

    test('two transactions of one connection are apart', async () => {
      const queue = `/queue/${unique('apart')}`
      await using stomp = await open()
      for (const transaction of ['kept', 'undone']) {
        stomp.send('BEGIN', { transaction })
        stomp.send('SEND', { destination: queue, transaction }, transaction)
      }
      stomp.send('ABORT', { transaction: 'undone' })
      await stomp.confirmed('COMMIT', { transaction: 'kept' })
      await stomp.confirmed('SEND', { destination: queue }, 'fence')
      await stomp.subscribe(queue)
      expect([(await stomp.next()).body, (await stomp.next()).body]).toEqual(['kept', 'fence'])
    })

    test.each(
      [
        ['COMMIT', { transaction: 'never-begun' }],
        ['ABORT', { transaction: 'never-begun' }],
        ['SEND', { transaction: 'never-begun', destination: '/queue/myapp.nowhere' }],
      ].slice(0, traits.needsBegin ? 3 : 2) as [string, Record<string, string>][],
    )('%s of a transaction that was not begun is an ERROR', async (command, headers) => {
      await using stomp = await open()
      stomp.send(command, headers)
      await stomp.next('ERROR')
    })
  })
}
