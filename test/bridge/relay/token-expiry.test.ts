/** Sessions end with the token that opened them, and a page with a new token goes on. Design section 4. */
import { expect, test } from 'vitest'
import { mintToken } from '../../../bridge/node.ts'
import { allGrants } from '../../../shared/contract/grants.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { secret, startBridge } from '../../support/bridges/bridges.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'
import { scriptWorker } from '../../support/scripted-worker.ts'

test('a session ends when its token does and says so; one by password goes on', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { heartBeatMs: 100 } })
  await using byPassword = await connectRaw(bridge.url, { login: 'foo', passcode: 'bar' })
  const token = await mintToken({ secret, sub: 'ada', grants: {}, expiresInMs: 3_000 })
  const { exp } = JSON.parse(atob(token.split('.')[1]!)) as { exp: number }
  await using session = await connectRaw(bridge.url, { token })
  const error = await session.next('ERROR')
  expect(Date.now()).toBeGreaterThanOrEqual(exp * 1000)
  expect(error.header('drover-code')).toBe('not_authenticated')
  expect(error.header('message')).toMatch(/token has expired; connect again with a new one/)
  expect((await session.closed()).code).toBe(4401)
  byPassword.send(raw('BEGIN', ['transaction:t', 'receipt:r']))
  expect((await byPassword.next('RECEIPT')).header('receipt-id')).toBe('r')
})

test('a master whose token expires in mid-job connects with a new one at once, and has the outcome', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { heartBeatMs: 100 } })
  const url = `${bridge.url.replace('http', 'ws')}/stomp`
  const finished = Promise.withResolvers<void>()
  await using _worker = await scriptWorker({
    url: bridge.stompUrl!.replace('stomp://', 'stomp://foo:bar@'),
    task: 'slow.work',
    workerId: 'w1',
    onJob(job) {
      void (async () => {
        await job.reply({ type: 'accepted', name: 'w1' })
        await finished.promise
        await job.reply({ type: 'result', output: 'done' })
      })()
    },
  })
  let tokens = 0
  await using master = await startMaster({
    url,
    token: () => mintToken({ secret, sub: 'ada', grants: allGrants, expiresInMs: tokens++ === 0 ? 4_000 : 60_000 }),
  })
  const waits: number[] = []
  const opened = new Promise<void>(resolve => {
    master.onChange(() => {
      const { connection } = master
      if (connection.at === 'waiting') waits.push(connection.retryAt - Date.now())
      else if (connection.at === 'open' && waits.length > 0) resolve()
    })
  })
  const job = master.dispatch('slow.work', {})
  await job.sent
  await opened
  expect(tokens).toBe(2)
  expect(waits.every(ms => ms <= 0)).toBe(true)
  finished.resolve()
  expect(await job.outcome).toMatchObject({ type: 'result', output: 'done' })
})
