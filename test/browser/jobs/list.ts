/** Fills the fixture of `<drover-jobs>`, and reads the list off it. */
import type { JobsFixture } from '../fixtures/jobs.ts'
import type { Tab } from '../harness.ts'

/** In the page. */
declare const fixture: JobsFixture

/** `n` jobs that wait, the newest last. */
export const fill = (tab: Tab, n: number): Promise<unknown> =>
  tab.page.evaluate(
    n => fixture.master.set(...Array.from({ length: n }, (_, i) => fixture.job({ task: `task.n${i}` }))),
    n,
  )

/** In the order of the rows. */
export const tasks = (tab: Tab): Promise<string[]> => tab.page.locator('.job .task').allTextContents()
