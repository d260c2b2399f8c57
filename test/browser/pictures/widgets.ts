/** Each widget in each state, on masters with scripted jobs. */
import type { FormFixture } from '../fixtures/form.ts'
import type { JobFixture } from '../fixtures/job.ts'
import type { JobsFixture } from '../fixtures/jobs.ts'
import type { WorkersFixture } from '../fixtures/workers.ts'
import type { Scene } from './scene.ts'

declare const fixture: FormFixture & JobsFixture & JobFixture & WorkersFixture

const scene = (name: string, where: string, set?: () => void): Scene => ({
  name,
  where,
  async set(page) {
    if (set === undefined) return
    await page.waitForFunction(() => 'fixture' in globalThis)
    await page.evaluate(set)
  },
})

export const widgetScenes: readonly Scene[] = [
  scene('look', 'look'),
  scene('form-empty', 'form', () => undefined),
  scene('form', 'form', () => fixture.show(fixture.schemas.thumbnail)),
  {
    name: 'form-everything',
    where: 'form',
    async set(page) {
      await page.waitForFunction(() => 'fixture' in globalThis)
      await page.evaluate(() => fixture.show(fixture.schemas.everything))
      await page.getByRole('button', { name: 'Add to Steps' }).click()
      await page.getByText('Optional fields').first().click()
    },
  },
  {
    name: 'form-issues',
    where: 'form',
    async set(page) {
      await page.waitForFunction(() => 'fixture' in globalThis)
      await page.evaluate(() => fixture.show(fixture.schemas.everything))
      await page.getByRole('button', { name: 'Dispatch' }).click()
    },
  },
  {
    name: 'form-rejected',
    where: 'form',
    async set(page) {
      await page.waitForFunction(() => 'fixture' in globalThis)
      await page.evaluate(() => fixture.show(fixture.schemas.thumbnail))
      await page.getByLabel('Path').fill('pictures/nowhere.jpg')
      await page.getByRole('button', { name: 'Dispatch' }).click()
      await page.evaluate(() =>
        fixture.end({ type: 'rejected', issues: [{ path: 'path', message: 'nothing is at this path' }] }),
      )
    },
  },
  {
    name: 'form-json',
    where: 'form',
    async set(page) {
      await page.waitForFunction(() => 'fixture' in globalThis)
      await page.evaluate(() => fixture.show(fixture.schemas.thumbnail))
      await page.getByRole('button', { name: 'JSON', exact: true }).click()
    },
  },
  scene('form-away', 'form', () => {
    fixture.show(fixture.schemas.thumbnail)
    fixture.away()
  }),
  scene('jobs-none', 'jobs', () => undefined),
  scene('jobs', 'jobs', () => {
    fixture.master.set(...fixture.everyState(Date.now()))
    fixture.jobs.selected = [...fixture.master.jobs.keys()].at(-5)
  }),
  scene('jobs-no-match', 'jobs', () => {
    fixture.master.set(...fixture.everyState(Date.now()))
    fixture.jobs.find = 'nowhere'
  }),
  scene('job-none', 'job', () => undefined),
  ...[
    'no-worker',
    'cancelled',
    'timed-out',
    'rejected',
    'failed',
    'broadcast',
    'done',
    'cancelling',
    'retrying',
    'running',
    'unclaimed',
    'queued',
    'delayed',
    'unsent',
  ].map(
    (name, at): Scene => ({
      name: `job-${name}`,
      where: 'job',
      async set(page) {
        await page.waitForFunction(() => 'fixture' in globalThis)
        await page.evaluate(index => fixture.show(fixture.everyState(Date.now())[index]!), at)
      },
    }),
  ),
  scene('job-table', 'job', () =>
    fixture.show(
      fixture.result([
        { file: 'logs/web.log', line: 12, text: 'GET /orders 500' },
        { file: 'logs/web.log', line: 80, text: 'GET /orders/7 500' },
        { file: 'logs/orders.log', line: 3, text: 'no connection to the database' },
      ]),
    ),
  ),
  scene('job-tree', 'job', () =>
    fixture.show(
      fixture.result({ cpus: 8, load: [0.2, 0.4, 0.3], disks: { '/': { bytes: 512e9, free: 12e9 } }, swap: null }),
    ),
  ),
  scene('job-log', 'job', () => {
    const at = Date.now()
    const reply = { v: 1, request_id: '', attempt: 1, worker_id: 'w-1' }
    const levels = ['info', 'debug', 'warn', 'error'] as const
    fixture.view.show = 'log'
    fixture.show(
      fixture.job({
        phase: { at: 'running', since: at },
        workers: [{ worker_id: 'w-1', name: 'plum-1', attempt: 1, at: 'running', seen: {} }],
        replies: Array.from({ length: 12 }, (_, index) => ({
          ...reply,
          type: 'log' as const,
          seq: index,
          at: at - 12_000 + index * 1000,
          level: levels[index % 4]!,
          message: `read ${index * 1000} of 12000 lines`,
        })),
      }),
    )
  }),
  scene('workers-none', 'workers', () => undefined),
  scene('workers', 'workers', () => {
    fixture.master.worker(...fixture.everyWorker())
    fixture.workers.selected = 'w-busy'
  }),
]
