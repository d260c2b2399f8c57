/** Which version of STOMP a session speaks, where its broker is better spoken to in another than the newest. */
import { expect, test } from 'vitest'
import { startBridge } from '../../support/bridges/bridges.ts'
import { openRaw, type RawSession, raw } from '../../support/raw-session.ts'
import { startRecordingBroker } from './recording-broker.ts'

const connect = async (session: RawSession, accepted: string): Promise<string | undefined> => {
  session.send(raw('CONNECT', [`accept-version:${accepted}`, 'login:foo', 'passcode:bar']))
  return (await session.next('CONNECTED')).header('version')
}

test('the first session finds out, and logs in a second time; the others know', async () => {
  await using broker = await startRecordingBroker('ActiveMQ-Artemis/2.44.0')
  await using bridge = await startBridge({ broker: broker.url })
  await using first = await openRaw(bridge.url)
  expect(await connect(first, '1.0,1.1,1.2')).toBe('1.1')
  expect(broker.versions).toEqual(['1.2', '1.1'])
  await using second = await openRaw(bridge.url)
  expect(await connect(second, '1.0,1.1,1.2')).toBe('1.1')
  expect(broker.versions).toEqual(['1.2', '1.1', '1.1'])
  // That the first login's connection has gone is nothing to its session
  first.send(raw('SEND', ['destination:/topic/myapp.tasks.a', 'correlation-id:c', 'x:a\\cb', 'receipt:r']))
  await first.next('RECEIPT')
  expect(broker.frames.map(frame => frame.header('x'))).toEqual(['a\\cb'])
})

test('a client of 1.2 alone is spoken to in that', async () => {
  await using broker = await startRecordingBroker('ActiveMQ-Artemis/2.44.0')
  await using bridge = await startBridge({ broker: broker.url })
  await using session = await openRaw(bridge.url)
  expect(await connect(session, '1.2')).toBe('1.2')
  expect(broker.versions).toEqual(['1.2'])
})
