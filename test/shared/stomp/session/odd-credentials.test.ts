/** Credentials of any characters, by an address: they sign in as they are, or a sentence says so at the start; and no output has them. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { serveBridge } from '../../../../bridge/node.ts'
import { defaultUsers } from '../../../../broker/users.ts'
import { checkBroker } from '../../../../cli/broker-check.ts'
import { defineTask, implement, startWorker } from '../../../../worker/node.ts'
import { secret, startBridge } from '../../../support/bridges/bridges.ts'
import { isMissing } from '../../../support/brokers/each.ts'
import { startEmbedded } from '../../../support/brokers/embedded.ts'
import { sharedBroker } from '../../../support/brokers/shared.ts'
import { drover, startDrover } from '../../../support/cli/program.ts'

// RabbitMQ of the tests has this user
const login = 'o:d@d/ 50%ü'
const passcode = ' p@s:s/%25 羊? '
const odd = `${encodeURIComponent(login)}:${encodeURIComponent(passcode)}`

test.for(['embedded', 'rabbitmq'] as const)('on %s they sign in, directly and as the login of a bridge', async name => {
  if (name === 'rabbitmq' && isMissing(name)) return
  await using stack = new AsyncDisposableStack()
  const users = [{ ...defaultUsers[0]!, login, passcode }]
  const at = name === 'rabbitmq' ? (await sharedBroker(name)).stompUrl : stack.use(await startEmbedded({ users })).url
  const broker = `stomp://${odd}@${new URL(at).host}`
  await checkBroker(broker)
  await using bridge = await startBridge({ broker })
  expect((await fetch(`${bridge.url}/ready`)).status).toBe(200)
})

test.each([
  ['login', 'fo%0Ao:s3cret', ''],
  ['login', 'fo%0D%0Ao:s3cret', ''],
  ['passcode', 'foo:s3cret%0Aaccept-version:1.0', ''],
  ['passcode', 'foo:s3cret%00', ''],
  ['host', 'foo:s3cret', '/team%0Alogin:admin'],
  ['host', 'foo:s3cret', '/team%00'],
])('a %s with an end of a line is told at the start, by all: %s', async (name, userinfo, path) => {
  const url = `stomp://${userinfo}@127.0.0.1:1${path}`
  const sentence = new RegExp(`The ${name} cannot be sent: expected a text without line breaks`)
  const serving = serveBridge({ port: 0, stompPort: 0, secret, broker: url })
  await expect(serving).rejects.toMatchObject({ code: 'config_invalid', message: expect.stringMatching(sentence) })
  const tasks = [implement(defineTask('a.b', { input: z.string() }), input => input)]
  await expect(startWorker({ url, tasks, signals: false })).rejects.toThrow(sentence)
  // Commands take long to start, and one of each will do
  if (!userinfo.includes('fo%0Ao') && !path.includes('login')) return
  const env = { DROVER_DEBUG: '1' }
  for (const args of [
    ['serve', '--broker', url, '--check'],
    ['dispatch', 'a.b', '--url', url],
  ]) {
    const { code, stdout, stderr } = await drover(args, { env })
    expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)])
    expect(stdout + stderr).not.toMatch(/s3cret|admin/)
  }
})

test('a bridge prints neither of them: at its start, in errors, settings and metrics', async () => {
  const url = `stomp://${odd}@127.0.0.1:1`
  const env = { DROVER_BROKER: url, DROVER_DEBUG: '1', DROVER_SECRET: secret }
  const printed = await drover(['serve', '--print-config'], { env })
  await using bridge = startDrover(['serve', '--port', '0', '--metrics-port', '0', '--json'], { env })
  const [, metrics = ''] = await bridge.says(/metrics on (http:[^"]+)"/)
  await bridge.says(/nobody can connect until the broker takes this bridge/)
  const measured = await (await fetch(metrics)).text()
  bridge.signal('SIGINT')
  const { stdout, stderr } = await bridge.ended
  const refused = await drover(['dispatch', 'a.b', '--url', url], { env: { DROVER_DEBUG: '1' } })
  expect(refused.code).toBe(1)
  const all = [printed.stdout, printed.stderr, stdout, stderr, measured, refused.stdout, refused.stderr].join('\n')
  expect(all).not.toContain(passcode.trim())
  expect(all).not.toContain(encodeURIComponent(passcode.trim()))
})
