/** RabbitMQ: a reply queue lives for two hours after its master; one that an earlier version made, for as long as it was to. */
import { createMaster } from 'drover/master'
import { expect, test } from 'vitest'
import { readPrepared } from '../../../../scripts/test/prepared.ts'
import { connectStomp, type Headers } from '../../../../shared/stomp/mod.ts'
import { createNodeSocket } from '../../../../shared/stomp/sockets/node.ts'
import { startBridge } from '../../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../../support/brokers/shared.ts'

const made = (expires: string): Headers => ({ 'x-expires': expires, 'auto-delete': 'false', durable: 'true' })
const [before, today] = [made('60000'), made('7200000')]

test.skipIf(readPrepared().rabbitmq !== undefined).for([
  ['directly', 'old', before],
  ['directly', 'new', today],
  ['by a bridge', 'old', before],
  ['by a bridge', 'new', today],
] as const)('%s, a reply queue that is %s', async ([way, , headers]) => {
  const { stompUrl } = await sharedBroker('rabbitmq')
  const namespace = way === 'directly' ? unique('before') : 'myapp'
  const masterId = crypto.randomUUID()
  await using other = connectStomp({ url: stompUrl, namespace, createSocket: createNodeSocket })
  const { owner } = await other.opened()
  const destination = `/queue/${namespace}.reply.${owner}.${masterId}`
  const readAs = (as: Headers) => other.subscribe({ destination, headers: () => as }, () => {})
  if (headers === before) {
    const reader = readAs(before)
    await reader.ready
    await reader.unsubscribe()
  }
  await using stack = new AsyncDisposableStack()
  const bridge = way === 'directly' ? undefined : stack.use(await startBridge({ broker: stompUrl }))
  const url = bridge === undefined ? stompUrl : `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp`
  await using master = createMaster({ url, namespace, masterId, backoff: { baseMs: 10, capMs: 20 } })
  await master.ready
  expect(master.connection.at).toBe('open')
  await readAs(headers).ready
})
