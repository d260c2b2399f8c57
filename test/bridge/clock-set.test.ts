/** Somebody sets the clock of the machine of a bridge. Each wait lasts as long as before. */
import { expect, test } from 'vitest'
import { createMac } from '../../bridge/node/mac.ts'
import { sharedPorts } from '../../bridge/node/ports.ts'
import { connectTcp, listenTcp } from '../../bridge/node/tcp.ts'
import { serve } from '../../bridge/serve.ts'
import { systemClock } from '../../shared/clock.ts'
import { readTls } from '../../shared/stomp/sockets/node-tls.ts'
import { bridgeDefaults } from '../support/bridges/bridges.ts'
import { connected, startBroker } from './relay/fake-broker.ts'

const dayMs = 86_400_000

test('waits for a login, what is known of the broker, and the uptime', async () => {
  let logins = 0
  await using broker = await startBroker((text, link) => {
    if (!text.startsWith('CONNECT')) return
    logins++
    link.send(connected)
  })
  const clock = {
    ...systemClock,
    offMs: 0,
    steadyMs: 5_000,
    now: () => Date.now() + clock.offMs,
    steady: () => clock.steadyMs,
  }
  const ports = { ...sharedPorts, createMac, connectTcp, listenTcp, readTls, clock }
  const options = { ...bridgeDefaults, broker: broker.url, limits: { readyMs: 600_000 }, onEvent() {} }
  await using bridge = await serve(options, ports)
  const get = async (path: string): Promise<unknown> => await (await fetch(`${bridge.url}${path}`)).json()
  const signIn = async (): Promise<number> => {
    const authorization = `Basic ${btoa('foo:wrong')}`
    return (await fetch(`${bridge.url}/token`, { method: 'POST', headers: { authorization } })).status
  }
  expect(await get('/ready')).toEqual({ status: 'ready' })
  const tries = []
  for (let tried = 0; tried < 6; tried++) tries.push(await signIn())
  expect(tries).toEqual([401, 401, 401, 401, 401, 429])
  for (const offMs of [dayMs, -dayMs]) {
    clock.offMs = offMs
    expect([offMs, await signIn()]).toEqual([offMs, 429])
    expect(await get('/ready')).toEqual({ status: 'ready' })
    expect([offMs, logins]).toEqual([offMs, 1])
    expect(await get('/health')).toMatchObject({ uptime_ms: 0 })
  }
  clock.steadyMs += 60_000
  expect(await signIn()).toBe(401)
  expect(await get('/health')).toMatchObject({ uptime_ms: 60_000 })
})
