/** A job whose pass does not fit, so large that the broker takes no letter with all of it. */
import { expect, test } from 'vitest'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'
import { openTcpPeer } from '../tcp-peer.ts'

const limit = 4 * 1024 * 1024

test('it ends its worker once, and then lies in dead without its input', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const ns = unique('pass')
  const queue = `/queue/${ns}.tasks.a`
  await using bridge = await startBridge({ broker: stompUrl })
  await using plain = await openTcpPeer(stompUrl)
  const start = '{"request_id":"9f6c1f0e-5d0e-4c27-9a51-6b3c5f0e4f11","task":"a","input":"'
  const body = `${start}${'x'.repeat(limit - start.length - 2)}"}`
  const headers = { destination: queue, 'correlation-id': 'c1', 'drover-pass': 'made up' }
  await plain.sendAll(1, Object.entries(headers), new TextEncoder().encode(body))
  const token = await tokenFor('rex', { ns, work: ['a'], dead: true })
  const subscribe = (destination: string): string =>
    raw('SUBSCRIBE', ['id:w', `destination:${destination}`, 'ack:client-individual', 'receipt:s'])
  await using operator = await connectRaw(bridge.url, { token })
  operator.send(subscribe(`/queue/${ns}.dead`))
  {
    await using worker = await connectRaw(bridge.url, { token })
    worker.send(subscribe(queue))
    expect((await worker.next('ERROR')).header('message')).toMatch(/the limit is 4194304/)
  }
  await using worker = await connectRaw(bridge.url, { token })
  worker.send(subscribe(queue))
  const letter = JSON.parse(bodyOf(await operator.next('MESSAGE')))
  expect(letter).toMatchObject({ task: 'a', input_omitted: true, error: { code: 'rejected' } })
  expect(letter).not.toHaveProperty('input')
  worker.send(raw('UNSUBSCRIBE', ['id:w', 'receipt:u']))
  expect((await worker.next('RECEIPT')).header('receipt-id'), 'its session goes on').toBe('s')
})
