/** A broker that runs elsewhere: there, coming, away, or not for us. */
import { createServer } from 'node:net'
import { afterAll, expect, test } from 'vitest'
import { listenTcp } from '../../bridge/node/tcp.ts'
import { createEmbeddedBroker } from '../../broker/mod.ts'
import { untilBrokerAnswers } from '../../cli/broker-check.ts'
import { freePorts } from '../support/free-ports.ts'

const broker = createEmbeddedBroker()
afterAll(() => broker.close())

/** Waits for a broker at a port, and keeps all lines that come meanwhile. */
function waiting(port: number, { waitMs = 20_000, login = 'foo:bar', signal = new AbortController().signal } = {}) {
  const said: string[] = []
  const { promise: firstSaid, resolve } = Promise.withResolvers<void>()
  const answered = untilBrokerAnswers({
    url: `stomp://${login}@127.0.0.1:${port}`,
    waitMs,
    name: 'DROVER_BROKER',
    onAway: text => {
      said.push(text)
      resolve()
    },
    signal,
  })
  return { answered, said, firstSaid }
}

test('one that comes later is waited for, which is said once', async () => {
  const [port = 0] = await freePorts(1)
  const { answered, said, firstSaid } = waiting(port)
  await firstSaid
  const listener = await listenTcp({ port, accept: broker.accept })
  await answered
  await listener.close()
  expect(said).toEqual([expect.stringMatching(/^Cannot reach stomp:\/\/127.*ECONNREFUSED.*\. Trying for 20 s$/)])
})

test('one that stays away ends it in a sentence with address, reason and advice, without the password', async () => {
  const [port = 0] = await freePorts(1)
  const { answered } = waiting(port, { waitMs: 600 })
  const { code, message } = await answered.then(
    () => expect.unreachable(),
    error => error,
  )
  expect(code).toBe('broker_unreachable')
  expect(message).toMatch(
    /^No broker answered at stomp:\/\/foo:\*\*\*@127\S+ within 0\.6 s; start it, or correct DROVER/,
  )
  expect(message).toContain('ECONNREFUSED')
  expect(message).not.toContain('bar@')
})

test('one that refuses the login is not waited for', async () => {
  const listener = await listenTcp({ port: 0, accept: broker.accept })
  const { answered, said } = waiting(listener.port, { login: 'foo:wrong' })
  await expect(answered).rejects.toThrow(/^Login refused/)
  await listener.close()
  expect(said).toEqual([])
})

test('an abort ends it at once, in the middle of a try and between two', async () => {
  const reason = new Error('enough')
  const silent = createServer()
  await new Promise<void>(resolve => silent.listen(0, '127.0.0.1', resolve))
  const connected = new Promise(resolve => silent.once('connection', resolve))
  const trying = new AbortController()
  const { port } = silent.address() as { port: number }
  const inTry = waiting(port, { signal: trying.signal })
  await connected
  trying.abort(reason)
  await expect(inTry.answered).rejects.toBe(reason)
  await new Promise(resolve => silent.close(resolve))

  const pausing = new AbortController()
  const between = waiting(port, { signal: pausing.signal })
  await between.firstSaid
  pausing.abort(reason)
  await expect(between.answered).rejects.toMatchObject({ name: 'AbortError' })
})
