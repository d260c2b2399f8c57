import { expect, test } from 'vitest'
import { steps } from '../../support/system/tasks.ts'
import { collect, within } from '../../support/until.ts'
import { ofType } from '../expectations.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** The replies of a run before its outcome. */
export function replies(testBed: CurrentTestBed): void {
  test('replies: progress, log lines and partials come in order, from accepted to the result', async () => {
    const { master } = testBed()
    const job = master.dispatch(steps, { count: 20 })
    const seen = await within('the last reply comes', collect(job.replies()))
    expect(seen.at(0)?.type).toBe('accepted')
    expect(seen.at(-1)).toMatchObject({ type: 'result', output: { steps: 20 } })
    const seqs = seen.map(news => ('seq' in news ? news.seq : undefined) ?? Number.NaN)
    expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
    expect(new Set(seqs).size).toBe(seqs.length)
    const numbers = Array.from({ length: 20 }, (_, index) => index + 1)
    expect(ofType(seen, 'partial').map(({ data }) => data)).toEqual(numbers.map(step => ({ step })))
    expect(ofType(seen, 'log').map(({ message }) => message)).toEqual(numbers.map(step => `log ${step}`))
    const percents = ofType(seen, 'progress').map(({ percent }) => percent ?? Number.NaN)
    expect(percents).toEqual(percents.toSorted((a, b) => a - b))
    // Outcomes are persistent, and overtake progress at some brokers
    await expect.poll(() => job.snapshot.progress?.percent, { message: 'the last progress comes' }).toBe(100)
  })
}
