/** The options that a bridge refuses to start with. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, test } from 'vitest'
import { hashPassword, serveBridge } from '../../bridge/node.ts'
import { secret, startBridge } from '../support/bridges/bridges.ts'

describe('options that it does not start with', () => {
  const options = { port: 0, stompPort: 0, broker: 'embedded', secret }
  test('open to others with the password that everybody knows', async () => {
    const users = [{ login: 'foo', password: 'bar', grants: {} }]
    await expect(serveBridge({ ...options, hostname: '0.0.0.0', users })).rejects.toMatchObject({
      code: 'config_invalid',
    })
  })
  test.each([
    ['a short secret', { secret: 'short' }],
    ['an origin with a star for all', { origins: ['https://*'] }],
    ['a host with a star', { hosts: ['*.jobs.example'] }],
    ['the origin of any file', { origins: ['null'] }],
    ['a broker URL that is none', { broker: 'localhost:61613' }],
    ['a broker URL of another kind', { broker: 'amqp://localhost' }],
    ['an address that is not here', { hostname: '192.0.2.1' }],
  ])('with %s', async (_what, wrong) => {
    await expect(serveBridge({ ...options, ...wrong })).rejects.toMatchObject({ code: 'config_invalid' })
  })
  test('on a port that is taken, and then it leaves nothing listening', async () => {
    const server = createServer()
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await expect(serveBridge({ ...options, port })).rejects.toMatchObject({ code: 'port_taken' })
    server.close()
  })
  test('a hash in place of the password lets it listen for others', async () => {
    const users = [{ login: 'foo', passwordHash: await hashPassword('better'), grants: {} }]
    await using bridge = await startBridge({ broker: 'embedded', hostname: '0.0.0.0', hosts: ['jobs.example'], users })
    const { port } = new URL(bridge.url)
    expect((await fetch(`http://127.0.0.1:${port}/token`)).status).toBe(403)
  })
})
