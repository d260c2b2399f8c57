/** The secret of a bridge is exchanged while people are signed in and jobs wait. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { mintToken } from '../../bridge/node.ts'
import { defineTask } from '../../shared/contract/mod.ts'
import { startMaster } from '../../shared/master/node.ts'
import { implement } from '../../worker/mod.ts'
import { startWorker } from '../../worker/node.ts'
import { startBridge } from '../support/bridges/bridges.ts'

const old = 'the secret of before, 32 bytes and more'
const fresh = 'the secret from now on, 32 bytes and more'
const double = defineTask('math.double', { input: z.int() })
const grants = { dispatch: ['*'], work: ['*'] }
const users = [{ login: 'foo', password: 'opal', grants }]

test('what was signed by the old one goes on until that is taken away', async () => {
  const settings = { broker: 'embedded', port: 0, stompPort: 0, users }
  await using bridge = await startBridge({ ...settings, secret: old })
  const url = `${bridge.url.replace('http', 'ws')}/stomp`
  const tokenBy = (secret: string) => mintToken({ secret, sub: 'foo', grants })
  const [oldToken, freshToken] = await Promise.all([tokenBy(old), tokenBy(fresh)])
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(`${bridge.url}/token`, { method: 'POST', headers, body: '{"remember":true}' })
    const { token = '' } = (await response.json()) as { token?: string }
    const [cookie = ''] = response.headers.getSetCookie()
    return { status: response.status, token, cookie: cookie.split(';')[0] ?? '' }
  }
  const working = (token: string) =>
    startWorker({ url, token: () => token, signals: false, tasks: [implement(double, n => 2 * n)] })

  await using master = await startMaster({ url, token: () => oldToken })
  const { cookie } = await ask({ authorization: `Basic ${btoa('foo:opal')}` })
  const [first, second] = [master.dispatch(double, 1), master.dispatch(double, 2)]
  await Promise.all([first.sent, second.sent])

  expect(bridge.reload({ ...settings, secret: [fresh, old] })).toEqual({ changed: ['secret'], needRestart: [] })
  for (const proof of [
    { authorization: `Bearer ${oldToken}` },
    { authorization: `Bearer ${freshToken}` },
    { cookie },
  ]) {
    const given = await ask(proof)
    expect(given.status, Object.keys(proof)[0]).toBe(200)
    // Signed by the first one
    expect((await ask({ authorization: `Bearer ${given.token}` })).status).toBe(200)
  }
  {
    await using _worker = await working(oldToken)
    expect(await Promise.all([first.outcome, second.outcome])).toMatchObject([{ output: 2 }, { output: 4 }])
  }
  const late = master.dispatch(double, 3)
  await late.sent

  bridge.reload({ ...settings, secret: old }) // as another bridge of this broker would still be
  await master.dispatch(double, 4).sent
  bridge.reload({ ...settings, secret: [fresh] })
  for (const proof of [{ authorization: `Bearer ${oldToken}` }, { cookie }]) expect((await ask(proof)).status).toBe(401)
  expect((await ask({ authorization: `Bearer ${freshToken}` })).status).toBe(200)
  await using _worker = await working(freshToken)
  expect(await late.outcome, 'by the new one').toMatchObject({ output: 6 })
  await expect
    .poll(() => bridge.events.filter(({ type }) => type === 'pass_misfit'))
    .toMatchObject([{ reason: expect.stringContaining('another secret'), count: 1 }])
  expect(master.connection.at, 'a session outlives them all').toBe('open')
})
