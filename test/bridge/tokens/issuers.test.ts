/** A bridge that takes the tokens of an identity provider as they are, by its address or from a file. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, test } from 'vitest'
import * as z from 'zod'
import type { IssuerOptions } from '../../../bridge/node.ts'
import { defineTask } from '../../../shared/contract/mod.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { implement } from '../../../worker/mod.ts'
import { startWorker } from '../../../worker/node.ts'
import { spawnBridge, startBridge } from '../../support/bridges/bridges.ts'
import { openRaw, raw } from '../../support/raw-session.ts'

const issuer = 'https://id.example/realms/shop'
const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'one', use: 'sig' }] }

const tokenOf = (sub: string, exp: number | string = '5 min'): Promise<string> =>
  new SignJWT({ aud: ['drover'], groups: ['job-admin'] })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setIssuer(issuer)
    .setSubject(sub)
    .setExpirationTime(exp)
    .sign(privateKey)

const trusting = (place: string): IssuerOptions => ({
  issuer,
  jwks: place,
  audience: 'drover',
  algorithms: ['ES256'],
  roles: 'groups',
  roleGrants: { 'job-admin': { dispatch: ['*'], work: ['*'] } },
})

/** Exchanges a token for a narrower one. */
async function exchange(url: string, bearer: string, grants: unknown) {
  const headers = { authorization: `Bearer ${bearer}` }
  const response = await fetch(`${url}/token`, { method: 'POST', headers, body: JSON.stringify({ grants }) })
  const body = (await response.json()) as { token: string; owner: string; expires_at: number; error: { code: string } }
  return { status: response.status, ...body }
}

async function serving(isHere: () => boolean) {
  const server = createServer((_request, response) => {
    if (isHere()) response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks))
    else response.writeHead(503).end()
  }).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/certs`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

test('a page and a worker sign in by it, a job runs, and POST /token narrows its token', async () => {
  await using provider = await serving(() => true)
  await using bridge = await startBridge({ broker: 'embedded', issuers: [trusting(provider.url)] })
  const url = `${bridge.url.replace('http', 'ws')}/stomp`
  const double = defineTask('math.double', { input: z.int() })
  const tasks = [implement(double, n => 2 * n)]
  await using _worker = await startWorker({ url, token: () => tokenOf('worker'), signals: false, tasks })
  await using master = await startMaster({ url, token: () => tokenOf('ada') })
  expect(await master.run(double, 21)).toBe(42)
  expect(bridge.events).toContainEqual(expect.objectContaining({ type: 'session_opened', owner: 'ada' }))

  const given = await exchange(bridge.url, await tokenOf('ada'), { dispatch: ['math.*'] })
  expect(given).toMatchObject({ status: 200, owner: 'ada' })
  expect(given.expires_at).toBeLessThanOrEqual(Date.now() + 6 * 60_000) // as the token that it comes of, and a minute
  expect(await exchange(bridge.url, given.token, {})).toMatchObject({ status: 200, owner: 'ada' })
  expect(await exchange(bridge.url, given.token, { dispatch: ['*'] })).toMatchObject({ status: 403 })
})

test('a token that ends within the tolerance gives no longer one, and no cookie', async () => {
  await using bridge = await startBridge({ broker: 'embedded', issuers: [{ ...trusting(''), jwks }] })
  const endedAt = Math.floor(Date.now() / 1000) - 30
  const ask = async (bearer: string) => {
    const headers = { authorization: `Bearer ${bearer}` }
    const response = await fetch(`${bridge.url}/token`, { method: 'POST', headers, body: '{"remember":true}' })
    expect(response.headers.getSetCookie()).toEqual([])
    return { status: response.status, ...((await response.json()) as { token: string; expires_at: number }) }
  }
  const first = await ask(await tokenOf('ada', endedAt))
  expect(first).toMatchObject({ status: 200, expires_at: (endedAt + 60) * 1000 })
  expect((await ask(first.token)).expires_at).toBe(first.expires_at)
  expect((await ask(await tokenOf('ada', endedAt - 31))).status).toBe(401)
})

test('while it is away from the start a page waits, and signs in once it is there', async () => {
  let isHere = false
  await using provider = await serving(() => isHere)
  await using bridge = await startBridge({ broker: 'embedded', issuers: [trusting(provider.url)] })
  expect(await exchange(bridge.url, await tokenOf('ada'), {})).toMatchObject({
    status: 503,
    error: { code: 'keys_unavailable' },
  })
  await using session = await openRaw(bridge.url)
  session.send(raw('CONNECT', ['accept-version:1.2', 'host:/', `passcode:${await tokenOf('ada')}`]))
  expect((await session.next('ERROR')).header('drover-code')).toBe('keys_unavailable')
  expect((await session.closed()).code).toBe(1013)
  const starting = startMaster({ url: `${bridge.url.replace('http', 'ws')}/stomp`, token: () => tokenOf('ada') })
  isHere = true
  await using master = await starting
  expect(master.connection.at).toBe('open')
  expect(bridge.events).toContainEqual(
    expect.objectContaining({ type: 'issuer_keys', message: expect.stringMatching(/can be proved.*answered 503/) }),
  )
})

test.each(['node', 'deno'] as const)('its keys stand in a file, on %s', async runtime => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-jwks-'))
  try {
    const file = join(folder, 'jwks.json')
    await writeFile(file, JSON.stringify(jwks))
    await using bridge = await spawnBridge(runtime, { broker: 'embedded', issuers: [trusting(file)] })
    expect(await exchange(bridge.url, await tokenOf('ada'), {})).toMatchObject({ status: 200, owner: 'ada' })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('issuers that cannot be used end the start', async () => {
  const wrong = { ...trusting('x'), algorithms: ['HS256'] } as unknown as IssuerOptions
  await expect(startBridge({ broker: 'embedded', issuers: [wrong] })).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringMatching(/issuers\.0\.algorithms/),
  })
})
