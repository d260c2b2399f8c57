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
  const addresses = [withLogin, `${withLogin}/stomp`, `${withLogin.replace('http', 'ws')}/stomp`]
  // All at once, since most of their time is a process that starts
  const [queues, beside, ...dispatched] = await Promise.all([
    drover(['queues', '--url', withLogin]),
    drover(['queues', '--url', withLogin.replace('/jobs/drover', '')]),
    ...addresses.map(address => drover(['dispatch', 'host.facts', '--url', address])),
  ])
  const ends = dispatched.map(({ code, stderr }, at) => [addresses[at], code, code === 0 ? '' : stderr])
  expect(ends).toEqual(addresses.map(address => [address, 0, '']))
  expect(beside.stderr).toMatch(
    /^drover: http:\S+:\d+\/ tells of no queues; name the address with the path of the bridge/,
  )
  expect([queues.code, queues.stdout]).toEqual([0, expect.stringContaining('myapp.tasks.host.facts')])
})
