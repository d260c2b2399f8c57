/** `drover dispatch` whose bridge goes away. */
import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { allGrants } from '../../shared/contract/grants.ts'
import { startBridge, tokenFor } from '../support/bridges/bridges.ts'
import { startDrover } from '../support/cli/program.ts'
import { until } from '../support/until.ts'

test('a bridge that stays away is told of once, however often it is tried', async () => {
  const bridge = await startBridge({ broker: 'embedded' })
  const token = await tokenFor('ada', allGrants)
  await using job = startDrover(['dispatch', 'no.worker', '--url', bridge.url, '--token', token])
  await job.says(/"unclaimed":true/)
  await bridge[Symbol.asyncDispose]()
  let tries = 0
  const server = createServer(socket => {
    tries++
    socket.destroy()
  })
  await new Promise<void>(resolve => server.listen(Number(new URL(bridge.url).port), '127.0.0.1', resolve))
  try {
    await until('it has tried again and again', () => tries >= 3, { timeoutMs: 60_000 })
  } finally {
    server.close()
  }
  job.signal('SIGKILL')
  const lines = (await job.ended).stderr.trim().split('\n')
  expect(lines.length).toBeGreaterThan(0)
  expect(lines).toEqual([...new Set(lines)])
})
