/** Who may log in to the embedded broker over TCP, where there are no grants: those who may do everything anyway. */
import { type IncomingMessage, request } from 'node:http'
import { expect, test } from 'vitest'
import { connectTcp } from '../../bridge/node/tcp.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { encodeFrame, FrameScanner } from '../../shared/frames/mod.ts'
import { startBridge, tokenFor } from '../support/bridges/bridges.ts'
import { connectRaw } from '../support/raw-session.ts'

async function logIn(url: string, login: string, passcode: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>()
  const scanner = new FrameScanner()
  const link = await connectTcp(new URL(url))({
    bytes: chunk => scanner.push(chunk).forEach(frame => void resolve(frame.header('drover-code') ?? frame.command)),
    drained() {},
    closed: () => resolve('closed'),
  })
  link.send(
    encodeFrame('CONNECT', [
      ['accept-version', '1.2'],
      ['login', login],
      ['passcode', passcode],
    ]),
  )
  const said = await promise
  link.close()
  return said
}

test('a password with narrower grants than all opens no TCP connection', async () => {
  const password = 'the same for each'
  const grantsOf = {
    whole: allGrants,
    elsewhere: { ...allGrants, ns: 'elsewhere' },
    older: { ...allGrants, operate: [] },
    narrow: { dispatch: ['image.*'] },
    worker: { work: ['*'] },
    unread: { ...allGrants, dead: false },
  }
  const users = Object.entries(grantsOf).map(([login, grants]) => ({ login, password, grants }))
  await using bridge = await startBridge({ broker: 'embedded', users })
  const answers: Record<string, string> = {}
  for (const { login } of users) answers[login] = await logIn(bridge.stompUrl!, login, password)
  expect(answers).toEqual({
    whole: 'CONNECTED',
    elsewhere: 'CONNECTED',
    older: 'CONNECTED',
    narrow: 'not_authenticated',
    worker: 'not_authenticated',
    unread: 'not_authenticated',
  })
})

test('wrong passcodes over TCP are limited, together with those over HTTP, and the bridge itself is not', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const overTcp = Array.from({ length: 20 }, (_, tries) => logIn(bridge.stompUrl!, 'foo', `wrong ${tries}`))
  const answers = await Promise.all(overTcp)
  expect(new Set(answers)).toEqual(new Set(['not_authenticated', 'too_many_attempts']))
  const overHttp = Array.from({ length: 5 }, async () => {
    const headers = { authorization: `Basic ${btoa('foo:wrong')}` }
    return (await fetch(`${bridge.url}/token`, { method: 'POST', headers })).status
  })
  expect(await Promise.all(overHttp)).toContain(429)
  await using _session = await connectRaw(bridge.url, { token: await tokenFor('ada', {}) })
})

test('guesses from twenty addresses are counted together, and hold up nobody who signed in before', async () => {
  const users = [{ login: 'ada', password: 'right', grants: {} }]
  await using bridge = await startBridge({ broker: 'embedded', users })
  const ask = async (password: string, localAddress: string): Promise<number | undefined> => {
    const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>()
    const headers = { authorization: `Basic ${btoa(`ada:${password}`)}` }
    request(`${bridge.url}/token`, { method: 'POST', headers, localAddress }, resolve).on('error', reject).end()
    return (await promise).resume().statusCode
  }
  expect(await ask('right', '127.0.0.99')).toBe(200)
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, at) => ask(`guess ${at}`, `127.0.0.${(at % 20) + 1}`)),
  )
  expect(answers.filter(status => status === 401)).toHaveLength(5)
  expect(answers.filter(status => status === 429)).toHaveLength(35)
  expect(await ask('right', '127.0.0.99')).toBe(200)
})
