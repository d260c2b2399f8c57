import { expect, test } from 'vitest'
import { echo } from '../../support/system/tasks.ts'
import { within } from '../../support/until.ts'
import type { CurrentTestBed } from '../test-bed.ts'

const noStrays = { invalid: 0, unknown_type: 0, mismatched: 0, unknown_job: 0, repeated: 0, unsealed: 0 }

/** Masters side by side. */
export function twoMasters(testBed: CurrentTestBed): void {
  test('two masters: each has the replies to its own jobs and no other', async () => {
    const { environment } = testBed()
    await using ada = await environment.master({}, 'ada')
    await using bob = await environment.master({}, 'bob')
    const texts = Array.from({ length: 20 }, (_, index) => `${index}`)
    const run = (master: typeof ada, who: string) =>
      Promise.all(texts.map(text => master.run(echo, { text: `${who} ${text}` })))
    const [adas, bobs] = await within('all end', Promise.all([run(ada, 'ada'), run(bob, 'bob')]))
    expect(adas.map(({ text }) => text)).toEqual(texts.map(text => `ada ${text}`))
    expect(bobs.map(({ text }) => text)).toEqual(texts.map(text => `bob ${text}`))
    expect([ada.discards, bob.discards]).toEqual([noStrays, noStrays])
  })
}
