/** Sessions end with their token, unless they have a new one by then, and a page with a new token goes on. Design section 4. */
import { expect, test } from 'vitest'
import * as z from 'zod'
import { mintToken } from '../../../bridge/node.ts'
import { allGrants } from '../../../shared/contract/grants.ts'
import { startMaster } from '../../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../../worker/node.ts'
import { secret, startBridge } from '../../support/bridges/bridges.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'
import { scriptWorker } from '../../support/scripted-worker.ts'
import { until } from '../../support/until.ts'

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
  let isOpen = false
  let tokens = 0
  await using master = await startMaster({
    url,
    // No new one comes while the session lasts
    async token() {
      if (isOpen) throw new Error('signed out')
      return await mintToken({ secret, sub: 'ada', grants: allGrants, expiresInMs: tokens++ === 0 ? 4_000 : 60_000 })
    },
  })
  isOpen = true
  const waits: number[] = []
  const opened = new Promise<void>(resolve => {
    master.onChange(() => {
      const { connection } = master
      isOpen = connection.at === 'open'
      if (connection.at === 'waiting') waits.push(connection.retryAt - Date.now())
      else if (isOpen && waits.length > 0) resolve()
    })
  })
  const job = master.dispatch('slow.work', {})
  await job.sent
  await opened
  expect(waits.every(ms => ms <= 0)).toBe(true)
  finished.resolve()
  expect(await job.outcome).toMatchObject({ type: 'result', output: 'done' })
})

test('master and worker keep their sessions over several tokens, and a job outlives its own, handed out once', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { heartBeatMs: 100 } })
  const url = `${bridge.url.replace('http', 'ws')}/stomp`
  const given = { master: 0, worker: 0 }
  const tokenOf = (who: 'master' | 'worker') => () => {
    given[who]++
    return mintToken({ secret, sub: who, grants: allGrants, expiresInMs: 3_000 })
  }
  const slow = defineTask('slow.work', { input: z.object({}), output: z.number() })
  let runs = 0
  const run = implement(slow, async () => {
    runs++
    await until('each has had three more tokens', () => given.master >= 4 && given.worker >= 4)
    return runs
  })
  const states: string[] = []
  await using worker = await startWorker({
    url,
    tasks: [run],
    signals: false,
    token: tokenOf('worker'),
    onEvent: event => event.type === 'connection' && states.push(`worker ${event.state.at}`),
  })
  await using master = await startMaster({ url, token: tokenOf('master') })
  states.length = 0
  master.onChange(({ type }) => type === 'connection' && states.push(`master ${master.connection.at}`))
  expect(await master.run(slow, {})).toBe(1)
  expect([states, worker.stats.processed, runs]).toEqual([[], 1, 1])
  expect(bridge.events.filter(({ type }) => type === 'session_closed' || type === 'refused')).toEqual([])
})
