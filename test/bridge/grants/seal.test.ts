/** The keys that a page is to seal by: how they travel from a bridge's configuration, or a token, to CONNECTED. */
import { decodeJwt } from 'jose'
import { expect, test } from 'vitest'
import { mintToken } from '../../../bridge/node.ts'
import { newKey, publicKeys } from '../../../shared/seal/mod.ts'
import { secret, startBridge } from '../../support/bridges/bridges.ts'
import { connectRaw } from '../../support/raw-session.ts'
import { connectRaw as connectTcp } from '../../support/raw-stomp.ts'

const seal = { keys: publicKeys({ keys: [await newKey('x25519')] }) }
const others = { keys: 'https://jobs.example/keys.json' }
const all = { dispatch: ['*'], broadcast: ['*'], work: ['*'], observe: ['*'], workers: true, dead: true, operate: [] }

test('sign-ins have the keys of the bridge, a token its own, and narrowing changes neither', async () => {
  let current: typeof seal | typeof others = seal
  await using bridge = await startBridge({
    broker: 'embedded',
    users: [
      { login: 'foo', password: 'bar', grants: all },
      { login: 'eve', password: 'adams', grants: { ...all, seal: others } },
    ],
    seal: () => current,
  })
  const sealOf = async (access: Parameters<typeof connectRaw>[1]) => {
    await using session = await connectRaw(bridge.url, access)
    return JSON.parse(session.connected.header('drover-grants')!).seal
  }
  const post = async (headers: Record<string, string>, body: object = {}) => {
    const response = await fetch(`${bridge.url}/token`, { method: 'POST', headers, body: JSON.stringify(body) })
    const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
    const { token = '', error } = (await response.json()) as { token?: string; error?: { code: string } }
    return { status: response.status, cookie, token, code: error?.code }
  }
  const basic = { authorization: `Basic ${btoa('foo:bar')}` }

  expect(await sealOf({ login: 'foo', passcode: 'bar' })).toEqual(seal)
  expect(await sealOf({ login: 'eve', passcode: 'adams' })).toEqual(others)
  const { token, cookie } = await post(basic, { remember: true })
  expect(await sealOf({ token })).toEqual(seal)

  // A cookie has little room, and it is exchanged for a day: it brings the keys of that time
  expect(decodeJwt(cookie.replace(/^drover-\d+=/, ''))['drover']).not.toHaveProperty('seal')
  current = others
  expect(await sealOf({ token: (await post({ cookie })).token })).toEqual(others)

  const bearer = { authorization: `Bearer ${token}` }
  const narrow = await post(bearer, { grants: { dispatch: ['image.*'] } })
  expect(await sealOf({ token: narrow.token })).toEqual(seal)
  expect(await post(bearer, { grants: { dispatch: ['*'], seal } })).toMatchObject({ status: 200 })
  expect(await post(bearer, { grants: { dispatch: ['*'], seal: others } })).toMatchObject({ code: 'forbidden' })
  const plain = await mintToken({ secret, sub: 'ada', grants: all })
  expect(await sealOf({ token: plain })).toBeUndefined()
  expect(await post({ authorization: `Bearer ${plain}` }, { grants: { seal } })).toMatchObject({ code: 'forbidden' })
})

test('a user who may do everything uses the TCP port as well, also with keys of their own', async () => {
  const users = [{ login: 'eve', password: 'adams', grants: { ...all, seal: others } }]
  await using bridge = await startBridge({ broker: 'embedded', users })
  await using stomp = await connectTcp(bridge.stompUrl!.replace('://', '://eve:adams@'))
  await stomp.subscribe('/queue/myapp.tasks.a')
})

test('a bridge, a user and a token with private keys are refused', async () => {
  const open = { keys: { keys: [await newKey('x25519')] } }
  const found = { code: 'config_invalid', message: expect.stringContaining('has its private part with it') }
  const users = [{ login: 'foo', password: 'x', grants: { seal: open } }]
  await expect(startBridge({ broker: 'embedded', seal: open })).rejects.toMatchObject(found)
  await expect(startBridge({ broker: 'embedded', users })).rejects.toMatchObject(found)
  await expect(mintToken({ secret, sub: 'ada', grants: { seal: open } })).rejects.toMatchObject(found)
})
