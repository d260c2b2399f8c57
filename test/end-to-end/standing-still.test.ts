/**
 * A master that stands still while its job's worker streams more than the embedded broker keeps. The worker is not cut off,
 * the outcome comes once the master reads again, and the dropped events are counted in it.
 */
import { mintToken } from 'drover/bridge'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { defineTask, implement, startWorker, type WorkerEvent } from '../../worker/node.ts'
import { startBroker } from '../support/brokers/start.ts'
import { jsonLines, startDrover } from '../support/cli/program.ts'
import { startBridgeProcess } from '../support/system/bridge-process.ts'
import { until, within } from '../support/until.ts'

const parts = 400
const part = 'x'.repeat(200_000)

interface Route {
  url: string
  token?: string
  /** Resolves once the connection of the master that stands still was ended, where it is. */
  cutOff?(): Promise<unknown>
}

async function directly(stack: AsyncDisposableStack): Promise<Route> {
  return { url: stack.use(await startBroker('embedded')).stompUrl }
}

async function byBridge(stack: AsyncDisposableStack): Promise<Route> {
  const { url, secret } = stack.use(await startBridgeProcess('embedded', { limits: { stalledMs: 2_000 } }))
  const token = await mintToken({ secret, sub: 'ada', grants: { dispatch: ['*'], work: ['*'] }, expiresInMs: 600_000 })
  const health = url.replace('ws:', 'http:').replace('/stomp', '/health')
  const sessions = async () => ((await (await fetch(health)).json()) as { sessions: number }).sessions
  return { url, token, cutOff: () => until('the bridge ends the session', async () => (await sessions()) === 0) }
}

test.for([
  ['directly', directly],
  ['by a bridge', byBridge],
] as const)('%s: 80 MB for a master that stands still cut off no worker', async ([, route]) => {
  await using stack = new AsyncDisposableStack()
  const { url, token, cutOff } = await route(stack)
  const standsStill = Promise.withResolvers<void>()
  const streams = implement(defineTask('still.streams', { input: z.unknown() }), async function* () {
    await standsStill.promise
    for (let sent = 0; sent < parts; sent++) yield part
    return 'whole'
  })
  const events: WorkerEvent[] = []
  await using worker = await startWorker({
    url,
    ...(token === undefined ? {} : { token: () => token }),
    tasks: [streams],
    signals: false,
    onEvent: event => void events.push(event),
  })
  const env = { DROVER_URL: url, ...(token === undefined ? {} : { DROVER_TOKEN: token }) }
  await using master = startDrover(['dispatch', 'still.streams'], { env })
  await master.says(/"accepted"/)
  master.signal('SIGSTOP')
  standsStill.resolve()
  const evidence = () => JSON.stringify(events)
  await until('the worker is done', () => worker.stats.processed === 1, { evidence })
  await within('the broker has its outcome', worker.drain(), { evidence })
  await cutOff?.()
  master.signal('SIGCONT')
  const { code, stdout, stderr } = await master.ended
  const lines = jsonLines(stdout)
  expect([code, lines.at(-1)]).toMatchObject([0, { type: 'result', output: 'whole' }])
  const came = lines.filter(line => line.type === 'partial').length
  expect(came).toBeGreaterThan(200)
  expect(stderr).toContain(`drover: ${parts - came} messages of this job did not come; its outcome is whole\n`)
  const connection = events.flatMap(event => (event.type === 'connection' ? [event.state.at] : []))
  expect(connection, evidence()).toEqual(['open', 'closed'])
})
