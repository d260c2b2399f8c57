/** Clocks that somebody sets while jobs are under way: master's, worker's and bridge's. The broker's time counts. */
import { expect, test } from 'vitest'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { spawnBridge } from '../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../support/brokers/shared.ts'
import { makeGate } from '../support/gate.ts'
import { makeSteppedClock } from '../support/stepped-clock.ts'
import { type Runtime, startWorkerProcess } from '../support/system/worker-process.ts'
import type { SteppedSettings, StepReport } from './fixtures/stepped-master.ts'
import { startMasterProcess } from './master-process.ts'

const missing = readPrepared()
const hourMs = 3_600_000
const steps = [90_000, -90_000, hourMs, -hourMs]
/** The broker runs apart from the bridge, since a broker that sets its own clock is another matter. */
const combinations = (
  [
    ['embedded', 'node'],
    ['classic', 'deno'],
  ] as const
).filter(([broker]) => broker === 'embedded' || missing[broker] === undefined)

// Not everywhere: without it this is left out, and not skipped, which would fail in CI
if (missing.faketime === undefined) {
  test('clocks that are set by 90 s or an hour, either way, end no job and no connection', async () => {
    await Promise.all(combinations.map(([broker, runtime]) => endsNothing(broker, runtime)))
  })
}

async function endsNothing(broker: 'embedded' | 'classic', runtime: Runtime): Promise<void> {
  await using stack = new AsyncDisposableStack()
  const { stompUrl } = await sharedBroker(broker)
  const namespace = unique('steps')
  const [ofMaster, ofWorker, ofBridge] = [0, 1, 2].map(() => stack.use(makeSteppedClock())) as [Clock, Clock, Clock]
  const gate = stack.use(await makeGate())
  const users = [{ login: 'foo', password: 'bar', grants: { ...allGrants, ns: namespace } }]
  const bridge = stack.use(await spawnBridge('node', { broker: stompUrl, users }, { env: ofBridge.env }))
  const url = `${bridge.url.replace('http://', 'ws://foo:bar@')}/stomp`
  const worker = { url, namespace, name: 'one', concurrency: 3 }
  stack.use(await startWorkerProcess(runtime, worker, { env: ofWorker.env }))
  const settings: SteppedSettings = {
    url,
    namespace,
    masterId: 'stepped',
    file: '',
    clocks: { master: ofMaster.file, worker: ofWorker.file, bridge: ofBridge.file },
    steps,
    gate: gate.path,
  }
  const program = new URL('fixtures/stepped-master.ts', import.meta.url)
  const master = stack.use(startMasterProcess(settings, { env: ofMaster.env, program }))
  await master.line('done', 50_000)

  const [log] = master.log().split('done\n') as [string]
  const reports = [...log.matchAll(/^step (.*)$/gm)].map(([, text]) => JSON.parse(text!) as StepReport)
  const who = ['master', 'worker', 'bridge'] as const
  expect(reports, log).toEqual(
    who.flatMap(one =>
      steps.map(offMs => ({
        who: one,
        off: { master: 0, worker: 0, bridge: 0, [one]: offMs },
        outcomes: {
          running: 'result',
          waiting: 'result',
          fails: 'result',
          after: 'result',
          untaken: 'timed_out',
          everywhere: ['result'],
        },
        timedOutMs: expect.any(Number),
      })),
    ),
  )
  for (const { timedOutMs } of reports) {
    expect(timedOutMs, log).toBeGreaterThan(290)
    expect(timedOutMs, log).toBeLessThan(10_000)
  }
  expect(log, 'the master was connected all the time').not.toContain('connection ')
  const sessions = bridge.events.filter(({ type }) => type === 'session_opened')
  expect(sessions, 'master and worker connected once').toHaveLength(2)
}

type Clock = ReturnType<typeof makeSteppedClock>
