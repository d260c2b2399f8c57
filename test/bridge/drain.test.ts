/** A bridge that is told to end: it says so, its sessions go one after the other, and each in order. */
import { expect, test } from 'vitest'
import { startBridge } from '../support/bridges/bridges.ts'
import { startDrover } from '../support/cli/program.ts'
import { connectRaw, openRaw } from '../support/raw-session.ts'
import { until } from '../support/until.ts'
import { connected, startBroker } from './relay/fake-broker.ts'

const foo = { login: 'foo', passcode: 'bar' }

test('it is not ready, takes nobody, and tells its sessions, which end at the broker in order', async () => {
  const frames: string[] = []
  const held: (() => void)[] = []
  await using broker = await startBroker((text, link) => {
    frames.push(text)
    if (text.startsWith('CONNECT')) link.send(connected)
    const receipt = /\nreceipt:([^\n]+)/.exec(text)?.[1]
    held.push(() => link.send(new TextEncoder().encode(`RECEIPT\nreceipt-id:${receipt}\n\n\0`)))
  })
  await using bridge = await startBridge({ broker: broker.url })
  const sessions = await Promise.all(Array.from({ length: 3 }, () => connectRaw(bridge.url, foo)))
  const waiting = await openRaw(bridge.url)
  expect((await fetch(`${bridge.url}/ready`)).status).toBe(200)
  let isOver = false
  const drained = bridge.drain(60_000).then(() => {
    isOver = true
  })
  const ready = await fetch(`${bridge.url}/ready`)
  expect([ready.status, await ready.json()]).toEqual([
    503,
    { status: 'not_ready', reason: 'This bridge is shutting down' },
  ])
  expect((await fetch(`${bridge.url}/health`)).status).toBe(200)
  await expect(openRaw(bridge.url)).rejects.toThrow('503')
  for (const session of [...sessions, waiting]) {
    expect((await session.next('ERROR')).header('drover-code')).toBe('closed')
    expect((await session.closed()).code).toBe(1012)
  }
  const goodbyes = (): readonly string[] => frames.filter(frame => frame.startsWith('DISCONNECT'))
  await until('the broker is told of the ends', () => goodbyes().length === 3)
  expect(isOver).toBe(false) // the broker may have something to do yet
  for (const answer of held) answer()
  await drained
  const ended = bridge.events.filter(event => event.type === 'session_closed' && event.owner === 'foo')
  expect(ended).toHaveLength(3)
  expect(ended).toEqual(ended.map(() => expect.objectContaining({ ended_by: 'closed', close_code: 1012 })))
})

test('drover serve ends with 0 within its --drain, also when a peer does not take its end', async () => {
  const args = ['serve', '--broker', 'embedded', '--port', '0', '--drain', '1500ms']
  await using bridge = startDrover(args, { env: { STOMP_PORT: '0' } })
  const [, url = ''] = await bridge.says(/^ready (\S+)/m)
  await using session = await connectRaw(url, foo)
  session.socket.pause()
  const since = performance.now()
  bridge.signal('SIGTERM')
  expect(await bridge.ended).toMatchObject({ code: 0, signal: null, stderr: '' })
  // Without a bound a WebSocket that does not answer its close is waited for, for 5 s
  expect(performance.now() - since).toBeLessThan(4_500)
})
