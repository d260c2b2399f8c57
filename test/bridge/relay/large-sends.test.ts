/** A large SEND leaves in parts. No part may reach the broker that the bridge has not taken for the body of that one SEND. */
import { expect, test } from 'vitest'
import { mintToken } from '../../../bridge/node.ts'
import { secret, startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'
import { startRecordingBroker } from './recording-broker.ts'

/** A body that is not copied behind its head. */
const filler = 'x'.repeat(20_000)
const smuggled = raw('SEND', ['destination:/queue/myapp.dead'], 'smuggled')

test("the question of a link has no body, however large: no frame reaches the broker in the question's wake", async () => {
  await using broker = await startRecordingBroker('ActiveMQ/6.1.8')
  await using bridge = await startBridge({ broker: broker.url })
  const job = { task: 'a', request_id: crypto.randomUUID() }
  const token = await mintToken({ secret, sub: 'ada', grants: {}, job })
  await using session = await connectRaw(bridge.url, { token })
  const own = `/queue/myapp.reply.ada_job.${job.request_id}_x`
  session.send(raw('SUBSCRIBE', ['id:r', `destination:${own}`, 'receipt:s']))
  await session.next('RECEIPT')
  // Its own NUL is that of the SEND
  const body = `${smuggled}${raw('SEND', ['destination:/queue/myapp.dead'], filler)}`.slice(0, -1)
  session.send(raw('SEND', ['destination:/bridge/job', `content-length:${body.length}`], body))
  expect((await session.next('ERROR')).header('message')).toContain('has a body')
  await broker.idle()
  expect(broker.frames.map(({ command }) => command)).toEqual(['SUBSCRIBE'])
})

test('whatever its head has to lose, the body arrives once and whole', async () => {
  await using broker = await startRecordingBroker('ActiveMQ/6.1.8')
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await connectRaw(bridge.url, { token: await tokenFor('ada', { dispatch: ['a'] }) })
  const body = `${smuggled}${filler}`
  const reply = 'reply-to:/queue/myapp.reply.ada.m'
  const to = [
    'destination:/queue/myapp.tasks.a',
    `content-length:${body.length}`,
    'correlation-id:c',
    reply,
    'receipt:r',
  ]
  const heads = [[], ['priority: 5 '], ['x:1', 'x:2'], ['drover-sender:eve'], ['x:a\\cb']]
  for (const more of heads) {
    session.send(raw('SEND', [...to, ...more], body))
    await session.next('RECEIPT')
    expect([more, broker.frames.length]).toEqual([more, 1])
    const sent = broker.frames.pop()
    expect(new TextDecoder().decode(sent?.body) === body, `the body behind ${more}`).toBe(true)
    expect(sent?.headerValues('drover-sender')).toEqual(['ada'])
  }
  const crLf = raw('SEND', [...to, 'x:1'], '')
    .replaceAll('\n', '\r\n')
    .replace('\0', `${body}\0`)
  session.send(crLf)
  await session.next('RECEIPT')
  expect(new TextDecoder().decode(broker.frames.pop()?.body) === body).toBe(true)
})
