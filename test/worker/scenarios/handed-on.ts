import { expect, test } from 'vitest'
import { unique } from '../../support/brokers/shared.ts'
import { scriptMaster } from '../../support/scripted-master.ts'
import { until } from '../../support/until.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Jobs that another worker ends. */
export function handedOn(testBed: CurrentTestBed): void {
  test('publishes a job again that lost its worker, once more counted, and at its limit buries it', async () => {
    const { masterUrl, newGate, startWorker } = testBed()
    const own = { namespace: unique('lost') }
    await using other = await scriptMaster(masterUrl, own.namespace, [])
    const id = await other.send('w.gated', { gate: newGate() })
    for (const losses of [0, 1, 2]) {
      await using killed = await startWorker(own)
      await killed.line(`run w.gated ${id} 1 ${losses}`)
    }
    await using _last = await startWorker(own)
    expect(await other.outcome(id)).toMatchObject({ type: 'error', error: { code: 'job_dead', retryable: false } })
    await until('it is in dead', () =>
      other.dead.some(({ body }) => body.request_id === id && body.losses === 3 && body.alone === 1),
    )
  })

  test('gives a job of another task back while it runs one, so that somebody else takes it', async () => {
    const { masterUrl, newGate, open, startWorker } = testBed()
    const own = { namespace: unique('two') }
    await using other = await scriptMaster(masterUrl, own.namespace, [])
    await using busy = await startWorker(own)
    const gate = newGate()
    const long = await other.send('w.gated', { gate })
    await busy.line(`run w.gated ${long}`)
    await using free = await startWorker({ ...own, name: 'free' })
    const ids = await Promise.all([1, 2, 3, 4].map(a => other.send('w.add', { a, b: 0 })))
    for (const id of ids) expect(await other.outcome(id)).toMatchObject({ type: 'result' })
    await until('its log has all four', () => free.lines('run w.add').length === 4)
    expect(free.lines('run w.add').filter(line => !line.endsWith(' 1 0'))).toEqual([])
    await open(gate)
    await other.outcome(long)
  })

  test('drains on SIGTERM: a job that runs too long goes to another, and no loss; the worker says gone and ends with 0', async () => {
    const { masterUrl, newGate, open, startWorker } = testBed()
    const own = { namespace: unique('drain'), drainTimeoutMs: 100 }
    await using other = await scriptMaster(masterUrl, own.namespace, ['w.gated'])
    await using leaving = await startWorker(own)
    const gate = newGate()
    const id = await other.send('w.gated', { gate })
    await leaving.line(`run w.gated ${id}`)
    leaving.child.signal('SIGTERM')
    await leaving.child.ended
    expect(leaving.child.log()).toContain('closed')
    await until('it says gone', () => other.presence.at(-1)?.state === 'gone')
    await open(gate)
    await using _next = await startWorker(own)
    expect(await other.outcome(id)).toMatchObject({ type: 'result', output: 0 })
    expect(other.of(id).filter(({ type }) => type === 'requeued')).toHaveLength(1)
  })

  test('drains while its queue has one more: that goes to another without a loss', async () => {
    const { masterUrl, newGate, open, startWorker } = testBed()
    const own = { namespace: unique('leave') }
    await using other = await scriptMaster(masterUrl, own.namespace, ['w.gated'])
    await using leaving = await startWorker(own)
    const gate = newGate()
    const first = await other.send('w.gated', { gate })
    await leaving.line(`run w.gated ${first}`)
    const second = await other.send('w.gated', { gate })
    leaving.child.signal('SIGTERM')
    await until('it drains', () => other.presence.some(({ state }) => state === 'draining'))
    await open(gate)
    expect(await other.outcome(first)).toMatchObject({ type: 'result', output: 0 })
    await leaving.child.ended
    expect(leaving.child.log()).not.toContain('"type":"problem"')
    await using next = await startWorker(own)
    expect(await other.outcome(second)).toMatchObject({ type: 'result', output: 0 })
    await next.line(`run w.gated ${second} 1 0`)
  })
}
