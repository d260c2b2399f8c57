import { describe, expect, test } from 'vitest'
import { readPrepared } from '../../../scripts/test/prepared.ts'
import { connectRaw } from '../raw-stomp.ts'
import shareBrokers from './share.ts'
import { sharedBroker, unique } from './shared.ts'
import { brokerNames, startBroker } from './start.ts'

const isMissing = (name: string): boolean => Object.hasOwn(readPrepared(), name)

describe.each(brokerNames)('startBroker(%s)', name => {
  test.skipIf(isMissing(name))(
    'comes back on its ports after kill -9, with its persistent messages unless it lives in memory',
    async () => {
      await using broker = await startBroker(name)
      const queue = `/queue/${unique('kept')}`
      if (name === 'rabbitmq') {
        // A receipt says that a message is on disk; that its queue is, only an orderly end makes sure
        await using first = await connectRaw(broker.stompUrl)
        await first.confirmed('SEND', { destination: queue, persistent: 'true' }, 'first')
        await broker.restart('SIGTERM')
      }
      await using before = await connectRaw(broker.stompUrl)
      await before.confirmed('SEND', { destination: queue, persistent: 'true' }, 'kept')
      await broker.kill()
      await before.expectClosed()
      await broker.restart()
      await using after = await connectRaw(broker.stompUrl)
      await after.confirmed('SEND', { destination: queue, persistent: 'true' }, 'fence')
      await after.subscribe(queue)
      const kept = name === 'rabbitmq' ? ['first', 'kept'] : ['kept']
      const expected = name === 'embedded' ? ['fence'] : kept
      for (const body of expected) expect((await after.next()).body).toBe(body)
    },
    120_000,
  )
})

test('a broker that does not come up is an error with the end of its log, and leaves nothing running', async () => {
  await expect(startBroker('embedded', { env: { PORT: 'none' } })).rejects.toThrow(
    /embedded ended before port \d+ was open[\s\S]*port/,
  )
})

test('sharedBroker() gives every caller the same broker', async () => {
  const [one, other] = await Promise.all([sharedBroker('embedded'), sharedBroker('embedded')])
  expect(one).toEqual(other)
  await using stomp = await connectRaw(one.stompUrl)
  await stomp.confirmed('SEND', { destination: `/topic/${unique('shared')}` }, '')
})

test('shareBrokers() starts on the first request, and its end ends all brokers that it started', async () => {
  let address = ''
  const provide = (_name: string, value: string): void => {
    address = value
  }
  const end = await shareBrokers({ provide })
  expect((await fetch(`${address}/no-such-broker`)).status).toBe(404)
  const broker = (await (await fetch(`${address}/embedded`)).json()) as { stompUrl: string }
  await using stomp = await connectRaw(broker.stompUrl)
  await end()
  await stomp.expectClosed()
  await expect(fetch(`${address}/embedded`)).rejects.toThrow()
})
