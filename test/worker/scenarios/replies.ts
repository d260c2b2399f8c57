import { expect, test } from 'vitest'
import { until } from '../../support/until.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Its replies while a job is here, attempt by attempt. */
export function replies(testBed: CurrentTestBed): void {
  test.for(['queue', 'topic'] as const)('tries a job by %s again, each attempt numbered anew', async mode => {
    const { master } = testBed()
    const id = await master.send('w.flaky', {}, { mode })
    expect(await master.outcome(id)).toMatchObject({ type: 'result', attempt: 2, output: 2 })
    expect(master.of(id).map(({ type, attempt, seq }) => [type, attempt, seq])).toEqual([
      ['accepted', 1, 0],
      ['retrying', 1, 1],
      ['accepted', 2, 0],
      ['result', 2, 1],
    ])
  })

  test('sends progress at most every 100 ms, then the log line, the piece and the result, in order', async () => {
    const { master, newGate, open } = testBed()
    const gate = newGate()
    const id = await master.send('w.talks', { gate })
    await until('three come', () => master.of(id).filter(({ type }) => type === 'progress').length >= 3)
    await open(gate)
    await master.outcome(id)
    const replies = master.of(id)
    const seqs = replies.map(({ seq }) => seq!)
    expect(seqs).toEqual(seqs.map((_, index) => index))
    expect(replies.slice(-3).map(({ type }) => type)).toEqual(['log', 'partial', 'result'])
    const times = replies.filter(({ type }) => type === 'progress').map(({ at }) => at!)
    // The last may be sooner: it is flushed before the log line.
    for (let i = 1; i < times.length - 1; i++) expect(times[i]! - times[i - 1]!).toBeGreaterThanOrEqual(95)
  })

  test('answers state: accepted and progress of a running job, the outcome of an ended one', async () => {
    const { master, newGate, open } = testBed()
    const gate = newGate()
    const id = await master.send('w.talks', { gate })
    await until('progress comes', () => master.of(id).some(({ type }) => type === 'progress'))
    await master.control('w.talks', { type: 'state', request_id: id })
    await until('it says accepted again', () => master.of(id).filter(({ type }) => type === 'accepted').length === 2)
    await open(gate)
    await master.outcome(id)
    await master.control('w.talks', { type: 'state', request_id: id })
    await until('the outcome comes again', () => master.of(id).filter(({ type }) => type === 'result').length === 2)
  })
}
