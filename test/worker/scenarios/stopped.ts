import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Jobs that are cancelled, or whose time is over. */
export function stopped(testBed: CurrentTestBed): void {
  test('never runs a job whose cancel came before it, and ends by its signal one that runs', async () => {
    const { master, worker, newGate, accepted } = testBed()
    const before = crypto.randomUUID()
    await master.control('w.add', { type: 'cancel', request_id: before, reason: 'changed my mind' })
    await master.control('w.add', { type: 'ping' })
    await master.send('w.add', { a: 1, b: 1 }, { body: { request_id: before } })
    expect(await master.outcome(before)).toMatchObject({ type: 'cancelled', reason: 'changed my mind' })
    const running = await master.send('w.gated', { gate: newGate() })
    await accepted(running)
    await master.control('w.gated', { type: 'cancel', request_id: running })
    expect(await master.outcome(running)).toMatchObject({ type: 'cancelled' })
    await worker.line(`run w.gated ${running}`)
    expect(worker.lines(`run w.add ${before}`)).toEqual([])
  })

  test('ignores the cancel of a job by the control topic of another task', async () => {
    const { master, newGate, open, accepted } = testBed()
    const gate = newGate()
    const id = await master.send('w.gated', { gate })
    await accepted(id)
    await master.control('w.add', { type: 'cancel', request_id: id })
    await open(gate)
    expect(await master.outcome(id)).toMatchObject({ type: 'result' })
  })

  test('reports a task that ignores its signal as cancelled, frees its slot and says so, and drops its late result', async () => {
    const { master, worker, newGate, open } = testBed()
    const stuck = () => master.presence.filter(said => said.type === 'announce').at(-1)?.stuck
    const gate = newGate()
    const id = await master.send('w.deaf', { gate }, { body: { timeout_ms: 300 } })
    expect(await master.outcome(id)).toMatchObject({ type: 'cancelled', reason: 'timed out' })
    await master.outcome(await master.send('w.add', { a: 1, b: 1 }))
    await until('it says that one is stuck', () => stuck() === 1)
    await open(gate)
    await worker.line(`late ${id}`)
    await until('it says that none is', () => stuck() === undefined)
    expect(master.of(id).map(({ type }) => type)).toEqual(['accepted', 'cancelled'])
  })

  test('says of a job that it is past its time instead of running it', async () => {
    const { master, worker, newGate, open, accepted } = testBed()
    const expires = String(Date.now() + 60_000)
    const inTime = await master.send('w.add', { a: 1, b: 1 }, { headers: { expires } })
    expect(await master.outcome(inTime)).toMatchObject({ type: 'result' })
    const gate = newGate()
    const long = await master.send('w.gated', { gate })
    await accepted(long)
    // The one slot is taken, so its time passes while it waits for it.
    const late = await master.send('w.add', { a: 1, b: 1 }, { mode: 'topic', body: { timeout_ms: 10 } })
    expect(await master.outcome(late)).toMatchObject({ type: 'cancelled', reason: 'timed out', seq: 0 })
    await open(gate)
    await master.outcome(long)
    const last = await master.send('w.add', { a: 1, b: 1 })
    await master.outcome(last)
    expect(master.of(late)).toHaveLength(1)
    await worker.line(`run w.add ${last}`)
    expect(worker.lines(`run w.add ${late}`)).toEqual([])
  })

  test('makes no attempt that could only begin when the time of the job is over', async () => {
    const { master } = testBed()
    // It would begin in 60 s.
    const id = await master.send('w.patient', {}, { body: { timeout_ms: 50_000 } })
    expect(await master.outcome(id)).toMatchObject({ type: 'error', attempt: 1 })
    expect(master.of(id).map(({ type }) => type)).toEqual(['accepted', 'error'])
  })
}
