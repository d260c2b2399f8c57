import { expect, test } from 'vitest'
import { large } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import type { CurrentTestBed } from '../test-bed.ts'

/** Outcomes and the largest frame that the way to the master takes. */
export function tooLarge(testBed: CurrentTestBed): void {
  test('too large: half a megabyte comes whole', async () => {
    const { master } = testBed()
    const { text } = await within('it ends', master.run(large, { bytes: 500_000 }))
    expect(text.length).toBe(500_000)
  })

  test('too large: an output past the limit is reported as output_too_large, and the worker lives on', async () => {
    const { master } = testBed()
    const outcome = await within('it ends', master.dispatch(large, { bytes: 20_000_000 }).outcome)
    expect(outcome).toMatchObject({ type: 'error', error: { code: 'output_too_large' } })
    expect((await within('the next ends', master.run(large, { bytes: 1 }))).text).toBe('x')
  })
}
