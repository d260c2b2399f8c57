/** SIGHUP: `drover serve --config` reads its settings again, and who is there stays. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startDrover } from '../support/cli/program.ts'
import { connectRaw, raw } from '../support/raw-session.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'drover-reload-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const secrets = ['1', '2'].map(digit => digit.repeat(40))
const usersNamed = (...logins: string[]): string =>
  JSON.stringify(logins.map(login => ({ login, password: `password of ${login}`, grants: { dispatch: ['*'] } })))

test('users, origins and secrets change, a session goes on, and the log tells what could not change', async () => {
  const config = join(folder, 'drover.toml')
  const settings = (more: string) =>
    writeFile(
      config,
      `broker = "embedded"\nport = 0\nstomp_port = 0\nusers = "users.json"\nsecret_file = "secrets"\n${more}`,
    )
  await writeFile(join(folder, 'users.json'), usersNamed('ada', 'bob'))
  await writeFile(join(folder, 'secrets'), secrets[0]!)
  await settings('')
  await using bridge = startDrover(['serve', '--config', config])
  const [, url = ''] = await bridge.says(/^ready (http:\S+)/m)
  const ask = async (headers: Record<string, string>) => {
    const response = await fetch(`${url}/token`, { method: 'POST', headers })
    return { status: response.status, ...((await response.json()) as { token?: string }) }
  }
  const signIn = (login: string, headers = {}) =>
    ask({ authorization: `Basic ${btoa(`${login}:password of ${login}`)}`, ...headers })
  const origin = 'https://shop.example'
  const { token = '' } = await signIn('ada')
  await using session = await connectRaw(url, { token })
  const alive = async (receipt: string): Promise<void> => {
    session.send(raw('SUBSCRIBE', [`id:${receipt}`, 'destination:/queue/myapp.reply.ada.m', `receipt:${receipt}`]))
    await session.next('RECEIPT')
    session.send(raw('UNSUBSCRIBE', [`id:${receipt}`]))
  }
  expect((await signIn('ada', { origin })).status).toBe(403)

  await writeFile(join(folder, 'users.json'), usersNamed('bob', 'eve'))
  await writeFile(join(folder, 'secrets'), `${secrets[1]}\n${secrets[0]}\n`)
  await settings(
    `origins = ["${origin}"]\ndrain = "5s"\nlog = "json"\ndata = "kept.db"\n[limits]\nheart_beat_ms = 5000\nmax_sessions = 5\n`,
  )
  bridge.signal('SIGHUP')
  await bridge.says(/read its settings again: users, secret, origins, limits\.max_sessions, drain changed/)
  await bridge.says(/these need a new start to count: data, limits\.heart_beat_ms, log/)
  const statuses = await Promise.all(['ada', 'bob', 'eve'].map(async login => (await signIn(login)).status))
  expect(statuses).toEqual([401, 200, 200])
  expect((await signIn('eve', { origin })).status).toBe(200)
  expect((await ask({ authorization: `Bearer ${token}` })).status, 'a token by the secret of before').toBe(200)
  await alive('a')

  await writeFile(join(folder, 'users.json'), usersNamed('ada'))
  await settings('prot = 1\n[limits]\nmax_sessions = 0\n')
  bridge.signal('SIGHUP')
  await bridge.says(
    /the settings stay as they were: \S+ cannot be used: .*(max_sessions.*; prot|prot.*; .*max_sessions)/,
  )
  expect((await signIn('eve')).status).toBe(200)

  await writeFile(join(folder, 'secrets'), secrets[1]!)
  await settings('')
  bridge.signal('SIGHUP')
  await bridge.says(
    /again: users, secret, origins, limits\.max_sessions, drain changed\n(?:.*\n)*?.*again: users, secret, origins/,
  )
  expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(401)
  await alive('b')
  bridge.signal('SIGTERM')
  expect(await bridge.ended).toMatchObject({ code: 0, stderr: '' })
})
