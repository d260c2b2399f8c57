/** Every command by a broker that has an authority of its own, and asks for a certificate. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startEmbedded } from '../support/brokers/embedded.ts'
import { drover, startDrover } from '../support/cli/program.ts'
import { makeAuthority } from '../support/tls/authority.ts'
import { startTlsFront } from '../support/tls/front.ts'

const authority = makeAuthority()
afterAll(() => authority[Symbol.dispose]())
const { ca } = authority
const folder = join(ca, '..')
const server = authority.sign('server', 'subjectAltName=DNS:broker.test')
const { cert, key } = authority.sign('client')
authority.encrypt(key, 'phr4se')
const secret = '0123456789abcdef0123456789abcdef'

test('a bridge by its file, a worker by options, a master by variables; and no passphrase in any output', async () => {
  await using broker = await startEmbedded()
  await using front = await startTlsFront(broker.port, server, { clients: ca })
  const url = `stomp+ssl://foo:bar@127.0.0.1:${front.port}`
  const config = join(folder, 'drover.toml')
  const tls = ['ca = "ca.pem"', 'cert = "client.pem"', 'key = "client.key.encrypted"', 'server_name = "broker.test"']
  writeFileSync(config, ['port = 0', '[broker_tls]', ...tls, 'key_passphrase = "phr4se"'].join('\n'))
  const env = { DROVER_BROKER: url, DROVER_SECRET: secret, DROVER_DEBUG: '1' }
  await using bridge = startDrover(['serve', '--config', config], { env })
  const [, at = ''] = await bridge.says(/^ready (\S+)$/m)
  expect((await fetch(`${at}/ready`)).status).toBe(200)
  const given = ['--tls-ca', ca, '--tls-cert', cert, '--tls-key', key, '--tls-server-name', 'broker.test']
  await using worker = startDrover(['worker', 'test/cli/fixtures/facts.ts', '--url', url, ...given])
  await worker.says(/takes .* from/)
  const byEnv = {
    DROVER_TLS_CA: ca,
    DROVER_TLS_CERT: cert,
    DROVER_TLS_KEY: `${key}.encrypted`,
    DROVER_TLS_KEY_PASSPHRASE: 'phr4se',
    DROVER_TLS_SERVER_NAME: 'broker.test',
    DROVER_DEBUG: '1',
  }
  const dispatch = ['dispatch', 'host.facts', '--url']
  const guessed = { ...env, DROVER_TLS_KEY_PASSPHRASE: 'guessed' }
  // All at once, since most of their time is a process that starts
  const [asked, printed, wrong, refused, plain, local] = await Promise.all([
    drover([...dispatch, url], { env: byEnv }),
    drover(['serve', '--config', config, '--print-config'], { env }),
    drover(['serve', '--config', config, '--check'], { env: guessed }),
    drover([...dispatch, url, '--tls-ca', ca, '--tls-server-name', 'broker.test']),
    drover([...dispatch, broker.url, '--tls-ca', ca]),
    // Variables are for addresses with TLS
    drover([...dispatch, broker.url], { env: byEnv }),
  ])
  expect([asked.code, asked.stdout]).toEqual([0, expect.stringContaining('"hostname"')])
  expect(printed.stdout).toMatch(/\[broker_tls\][^[]*key_passphrase = "\*\*\*"/)
  expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringMatching(/be read by the passphrase that is given/)])
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringMatching(/asks for a certificate of this side/)])
  expect([plain.code, plain.stderr]).toEqual([2, expect.stringMatching(/do nothing, since stomp:\/\/ has no TLS/)])
  expect(local.code).toBe(0)
  bridge.signal('SIGINT')
  const ended = await bridge.ended
  const all = [asked, printed, wrong, refused, ended].map(({ stdout, stderr }) => stdout + stderr).join('\n')
  expect(all).not.toMatch(/phr4se|guessed|foo:bar/)
})
