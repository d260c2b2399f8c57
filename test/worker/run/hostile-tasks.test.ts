/** Tasks that misbehave end their own job, and never their worker. Promise 5. */
import { expect, test } from 'vitest'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import { startWorkerProcess } from '../process.ts'

test.for(['node', 'deno'] as const)(
  'a %s worker lives on, though its tasks leave or return anything',
  async runtime => {
    const { stompUrl } = await sharedBroker('embedded')
    const namespace = unique('hostile')
    await using master = await scriptMaster(stompUrl, namespace, [])
    await using worker = await startWorkerProcess(runtime, { url: stompUrl, namespace, name: 'one', stopGraceMs: 100 })
    const outcomeOf = async (how: string) => master.outcome(await master.send('w.hostile', how))
    expect(await outcomeOf('rejects')).toMatchObject({ type: 'result', output: 'rejects' })
    expect(await outcomeOf('throws')).toMatchObject({ type: 'result', output: 'throws' })
    expect(await outcomeOf('circular')).toMatchObject({ type: 'error', error: { code: 'output_invalid' } })
    expect(await outcomeOf('huge')).toMatchObject({ type: 'error', error: { code: 'output_too_large' } })
    const discards = (): string[] => worker.lines('event {"type":"problem","message":"Nobody waits')
    await until('both discards are told', () => discards().length === 2, { evidence: () => worker.child.log() })
    const hanging = await master.send('w.hanging', {}, { body: { timeout_ms: 300 } })
    expect(await master.outcome(hanging)).toMatchObject({ type: 'cancelled', reason: 'timed out' })
    expect(worker.child.isRunning).toBe(true)
  },
)
