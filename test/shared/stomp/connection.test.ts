/** The connection against real brokers over real sockets, faults included. Design sections 3 and 5, promise 4. */
import { describe, expect, test } from 'vitest'
import type { Incoming, Stomp, StompState, Transaction } from '../../../shared/stomp/mod.ts'
import { unique } from '../../support/brokers/shared.ts'
import { brokerOf, openTestBed, type TestBed, type TestBedName, testBeds } from '../../support/stomp-test-beds.ts'

const code = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'fulfilled',
    error => error.code,
  )

/** Subscribes, acks and collects; `until` resolves with all bodies once one is `body`. */
function collect(stomp: Stomp, destination: string) {
  const messages: Incoming[] = []
  const waiting = new Map<string, () => void>()
  const subscription = stomp.subscribe({ destination }, message => {
    messages.push(message)
    message.ack()
    waiting.get(message.body)?.()
  })
  return {
    ready: subscription.ready,
    messages,
    async until(body: string): Promise<string[]> {
      await new Promise<void>(resolve => {
        waiting.set(body, resolve)
        if (messages.some(message => message.body === body)) resolve()
      })
      return messages.map(message => message.body)
    },
  }
}

/** RabbitMQ 3.10 closes a WebSocket ("STOMP died") without the ERROR that it logs as sent. */
const losesErrors = (name: TestBedName): boolean => name === 'rabbitmq over ws'

/** Which way to stall, so that no COMMIT arrives: on the ActiveMQs it waits for the RECEIPT of the step before it. */
const beforeCommit = (name: TestBedName): 'up' | 'down' =>
  brokerOf(name) === 'classic' || brokerOf(name) === 'artemis' ? 'down' : 'up'

/** A destination that the broker refuses, and the code of that. */
async function findRefusing(testBed: TestBed, name: TestBedName): Promise<{ destination: string; code: string }> {
  if (brokerOf(name) !== 'rabbitmq') return { destination: '/queue/theirs.inbox', code: 'forbidden' }
  // foo may do anything there; but a queue that has arguments refuses a reader without them.
  const destination = `/queue/${unique('with-arguments')}`
  await using owner = testBed.connect()
  await owner.subscribe({ destination, headers: it => it.dialect.replyReader }, () => {}).ready
  return { destination, code: losesErrors(name) ? 'connection_lost' : 'config_invalid' }
}

function untilState(stomp: Stomp, at: StompState['at']): Promise<StompState> {
  return new Promise(resolve => {
    const look = (state: StompState): void => {
      if (state.at !== at) return
      stop()
      resolve(state)
    }
    const stop = stomp.onState(look)
    look(stomp.state)
  })
}

describe.for(testBeds)('%s', name => {
  test('tells its session and carries bodies of every kind', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect()
    const session = await stomp.opened()
    expect(session).toMatchObject({
      dialect: { name: brokerOf(name) },
      owner: 'foo',
      namespace: 'myapp',
      bridged: false,
    })
    const destination = `/queue/${unique('bodies')}`
    const inbox = collect(stomp, destination)
    await inbox.ready
    const bodies = ['', 'héllo €\u{1f600}', 'NUL \0 inside', 'lines\nand: colons', 'x'.repeat(1_048_576)]
    for (const body of bodies) await stomp.publish({ destination, body })
    await stomp.publish({ destination, headers: { note: 'a:b\nd €' }, body: 'last' })
    expect(await inbox.until('last')).toEqual([...bodies, 'last'])
    expect(inbox.messages.at(-1)).toMatchObject({ destination, headers: { note: 'a:b\nd €' } })
  })

  if (!losesErrors(name)) {
    test('rejects a refused frame, by destination, and goes on', async () => {
      await using testBed = await openTestBed(name)
      const stomp = testBed.connect()
      await stomp.opened()
      const refusing = await findRefusing(testBed, name)
      const { ready } = stomp.subscribe({ destination: refusing.destination }, () => {})
      expect(await code(ready)).toBe(refusing.code)
      await stomp.opened()
      await expect(stomp.publish({ destination: refusing.destination, body: '' })).rejects.toMatchObject({
        code: refusing.code,
        message: expect.stringContaining(refusing.destination.slice('/queue/'.length)),
      })
      await stomp.opened()
      await stomp.publish({ destination: `/topic/${unique('mine')}`, body: '' })
    })
  }

  test('closes for good on a wrong passcode', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect({ passcode: 'wrong' })
    expect(await untilState(stomp, 'closed')).toMatchObject({ reason: { code: 'not_authenticated' } })
  })

  test('comes back with a new token and every subscription after the socket was destroyed', async () => {
    await using testBed = await openTestBed(name)
    let tokens = 0
    const stomp = testBed.connect({
      token: () => {
        tokens++
        return 'bar'
      },
    })
    const destination = `/queue/${unique('back')}`
    const inbox = collect(stomp, destination)
    await inbox.ready
    await stomp.publish({ destination, body: 'one' })
    await inbox.until('one')
    await stomp.publish({ destination: `/topic/${unique('fence')}`, body: '' }) // the ack of one has arrived, too
    const before = { tokens, accepted: testBed.proxy.accepted }
    testBed.proxy.cut()
    await untilState(stomp, 'waiting')
    await stomp.opened()
    await stomp.publish({ destination, body: 'two' })
    expect(await inbox.until('two')).toEqual(['one', 'two'])
    expect({ tokens, accepted: testBed.proxy.accepted }).toEqual({
      tokens: before.tokens + 1,
      accepted: before.accepted + 1,
    })
  })

  test('waits while the broker is away, and says so', async () => {
    await using testBed = await openTestBed(name)
    testBed.proxy.refuse()
    const stomp = testBed.connect()
    expect(await untilState(stomp, 'waiting')).toMatchObject({ reason: { code: 'broker_unreachable' } })
    testBed.proxy.admit()
    await stomp.opened()
  })

  test('hands out a message without its ACK again, with the old ack without effect', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect()
    const destination = `/queue/${unique('again')}`
    const got: Incoming[] = []
    const seen = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    stomp.subscribe({ destination }, message => seen[got.push(message) - 1]?.resolve())
    await stomp.opened()
    await stomp.publish({ destination, body: 'job' })
    await seen[0]?.promise
    testBed.proxy.cut()
    await seen[1]?.promise
    expect(got[1]?.headers.redelivered).toBe('true')
    got[0]?.ack()
    await stomp.transaction(transaction => got[1]?.ack(transaction))
    await stomp.close()
    const after = testBed.connect()
    await after.opened()
    await after.publish({ destination, body: 'fence' })
    expect(await collect(after, destination).until('fence')).toEqual(['fence'])
  })

  test('rejects a publish whose connection goes before the RECEIPT', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect()
    await stomp.opened()
    const destination = `/queue/${unique('cut')}`
    testBed.proxy.stall('down')
    const sent = code(stomp.publish({ destination, body: 'maybe' }))
    testBed.proxy.cut()
    testBed.proxy.flow()
    expect(await sent).toBe('connection_lost')
  })

  test('rejects a publish whose RECEIPT does not come in time', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect({ receiptTimeoutMs: 300 })
    await stomp.opened()
    testBed.proxy.drop('down')
    expect(await code(stomp.publish({ destination: `/queue/${unique('late')}`, body: '' }))).toBe('timed_out')
    testBed.proxy.flow()
  })

  test('leaves a peer that fell silent', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect({ heartbeatMs: 500 })
    await stomp.opened()
    testBed.proxy.stall('down')
    expect(await untilState(stomp, 'waiting')).toMatchObject({ reason: { code: 'connection_lost' } })
    testBed.proxy.flow()
    await stomp.opened()
  })

  test('does all of a transaction or nothing', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect()
    const destination = `/queue/${unique('whole')}`
    await stomp.opened()
    const refusing = await findRefusing(testBed, name)
    const refused = stomp.transaction(transaction => {
      transaction.publish({ destination, body: 'part' })
      transaction.publish({ destination: refusing.destination, body: 'refused' })
    })
    expect(await code(refused)).toBe(refusing.code)
    await stomp.opened()
    await stomp.transaction(transaction => {
      transaction.publish({ destination, body: 'a' })
      transaction.publish({ destination, body: 'b' })
    })
    expect(await collect(stomp, destination).until('b')).toEqual(['a', 'b'])
  })

  test('takes nothing of a transaction that was cut before COMMIT', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect()
    const destination = `/queue/${unique('halved')}`
    await stomp.opened()
    const halve = (transaction: Transaction): void => {
      for (const body of ['gone', 'gone too']) transaction.publish({ destination, body })
    }
    if (name === 'embedded') void testBed.proxy.cutOn('up', 'COMMIT')
    else testBed.proxy.stall(beforeCommit(name))
    const lost = code(stomp.transaction(halve))
    if (name !== 'embedded') testBed.proxy.cut()
    testBed.proxy.flow()
    expect(await lost).toBe('connection_lost')
    await untilState(stomp, 'waiting')
    await stomp.opened()
    await stomp.publish({ destination, body: 'fence' })
    expect(await collect(stomp, destination).until('fence')).toEqual(['fence'])
  })

  test('a message whose transaction was cut before COMMIT is handed out again', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect()
    const destination = `/queue/${unique('job')}`
    const seen = [Promise.withResolvers<Incoming>(), Promise.withResolvers<Incoming>()]
    let count = 0
    stomp.subscribe({ destination }, message => seen[count++]?.resolve(message))
    await stomp.opened()
    await stomp.publish({ destination, body: 'job' })
    const job = await seen[0]!.promise
    if (name === 'embedded') void testBed.proxy.cutOn('up', 'COMMIT')
    else testBed.proxy.stall(beforeCommit(name))
    const lost = code(
      stomp.transaction(transaction => {
        transaction.publish({ destination: `/queue/${unique('outcome')}`, body: 'outcome' })
        job.ack(transaction)
      }),
    )
    if (name !== 'embedded') testBed.proxy.cut()
    testBed.proxy.flow()
    expect(await lost).toBe('connection_lost')
    expect((await seen[1]!.promise).body).toBe('job')
  })

  test('close() lets everything arrive that was sent before it', async () => {
    await using testBed = await openTestBed(name)
    const stomp = testBed.connect()
    await stomp.opened()
    const destination = `/queue/${unique('flushed')}`
    for (let i = 0; i < 50; i++) stomp.publishUnconfirmed({ destination, body: `${i}` })
    await stomp.close()
    expect(await code(stomp.opened())).toBe('closed')
    const reader = testBed.connect()
    expect(await collect(reader, destination).until('49')).toHaveLength(50)
  })
})
