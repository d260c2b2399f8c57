/** Every widget with something in it: its fixture, its tag, and the function in the page that fills it. */
import type { FormFixture } from './fixtures/form.ts'
import type { JobFixture } from './fixtures/job.ts'
import type { JobsFixture } from './fixtures/jobs.ts'
import type { WorkersFixture } from './fixtures/workers.ts'

/** In the page. */
declare const fixture: FormFixture & JobsFixture & JobFixture & WorkersFixture

export const filledWidgets: readonly (readonly [fixture: string, tag: string, fill: () => void])[] = [
  ['jobs', 'drover-jobs', () => fixture.master.set(...fixture.everyState(0).slice(0, 6))],
  ['job', 'drover-job', () => fixture.show(fixture.result([{ file: 'web.log', line: 4 }]))],
  ['workers', 'drover-workers', () => fixture.master.worker(...fixture.everyWorker())],
  ['form', 'drover-form', () => fixture.show(fixture.schemas.everything)],
]
