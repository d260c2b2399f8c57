/** Limits by address behind a reverse proxy: with `--trust-proxy` each client has its own, without it nobody is cut off. */
import { describe, expect, test } from 'vitest'
import { spawnBridge, tokenFor } from '../../../support/bridges/bridges.ts'
import { connectRaw, openRaw, type RawSession, raw } from '../../../support/raw-session.ts'

const limits = { maxAddressSessions: 1 }
const by = (client: string) => ({ headers: { 'x-forwarded-for': client } })
const connect = async (url: string, owner: string, client: string): Promise<RawSession> =>
  await connectRaw(url, { token: await tokenFor(owner, {}), ...by(client) })

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('each client of a trusted proxy has limits of its own', async () => {
    await using bridge = await spawnBridge(runtime, { broker: 'embedded', limits, trustProxy: ['loopback'] })
    await using _first = await connect(bridge.url, 'ada', '203.0.113.7')
    await using _second = await connect(bridge.url, 'bob', '203.0.113.8')
    await using refused = await openRaw(bridge.url, by('203.0.113.7'))
    refused.send(raw('CONNECT', ['accept-version:1.2', `passcode:${await tokenFor('eve', {})}`]))
    expect((await refused.next('ERROR')).header('message')).toMatch(/this address .* limit is 1 .max_address_sessions/)
    expect((await refused.closed()).code).toBe(1013)
  })

  test('clients of a proxy on this machine that is not trusted have no limit by address', async () => {
    await using bridge = await spawnBridge(runtime, { broker: 'embedded', limits })
    await using _first = await connect(bridge.url, 'ada', '203.0.113.7')
    await using _second = await connect(bridge.url, 'bob', '203.0.113.7')
    expect(await (await fetch(`${bridge.url}/health`)).json()).toMatchObject({ sessions: 2 })
  })
})
