/** Every command by the address of a bridge below a path. */
import { expect, test } from 'vitest'
import { drover, startDrover } from '../support/cli/program.ts'

test('a bridge below a path: worker, dispatch, token and queues by its address', async () => {
  const env = { STOMP_PORT: '0', DROVER_SECRET: '0123456789abcdef0123456789abcdef' }
  await using bridge = startDrover(['serve', '--broker', 'embedded', '--port', '0', '--base', '/jobs/drover'], { env })
  const [, url = ''] = await bridge.says(/^ready (\S+\/jobs\/drover)$/m)
  const asked = await drover(['token', '--url', url, '--login', 'foo'], { env: { DROVER_PASSWORD: 'bar' } })
  const token = asked.stdout.trim()
  expect([asked.code, token, asked.stderr]).toEqual([0, expect.stringMatching(/^ey/), ''])
  await using worker = startDrover(['worker', 'test/cli/fixtures/facts.ts', '--url', `${url}/`], {
    env: { DROVER_TOKEN: token },
  })
  await worker.says(/takes .* from/)
  const withLogin = url.replace('://', '://foo:bar@')
  for (const address of [withLogin, `${withLogin}/stomp`, `${withLogin.replace('http', 'ws')}/stomp`]) {
    const { code, stderr } = await drover(['dispatch', 'host.facts', '--url', address])
    expect([address, code, stderr]).toEqual([address, 0, expect.any(String)])
  }
  const queues = await drover(['queues', '--url', withLogin])
  expect([queues.code, queues.stdout]).toEqual([0, expect.stringContaining('myapp.tasks.host.facts')])
})
