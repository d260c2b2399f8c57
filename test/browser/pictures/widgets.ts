/** Each widget in each state, on masters that say what they are told to. */
import type { FormGround } from '../fixtures/form.ts'
import type { JobGround } from '../fixtures/job.ts'
import type { JobsGround } from '../fixtures/jobs.ts'
import type { WorkersGround } from '../fixtures/workers.ts'
import type { Scene } from './scene.ts'

declare const ground: FormGround & JobsGround & JobGround & WorkersGround

const scene = (name: string, where: string, set?: () => void): Scene => ({
  name,
  where,
  async set(page) {
    if (set === undefined) return
    await page.waitForFunction(() => 'ground' in globalThis)
    await page.evaluate(set)
  },
})

export const widgetScenes: readonly Scene[] = [
  scene('look', 'look'),
  scene('form-empty', 'form', () => undefined),
  scene('form', 'form', () => ground.show(ground.schemas.thumbnail)),
  {
    name: 'form-everything',
    where: 'form',
    async set(page) {
      await page.waitForFunction(() => 'ground' in globalThis)
      await page.evaluate(() => ground.show(ground.schemas.everything))
      await page.getByRole('button', { name: 'Add to Steps' }).click()
      await page.getByText('Optional fields').first().click()
    },
  },
  {
    name: 'form-issues',
    where: 'form',
    async set(page) {
      await page.waitForFunction(() => 'ground' in globalThis)
      await page.evaluate(() => ground.show(ground.schemas.everything))
      await page.getByRole('button', { name: 'Dispatch' }).click()
    },
  },
  {
    name: 'form-rejected',
    where: 'form',
    async set(page) {
      await page.waitForFunction(() => 'ground' in globalThis)
      await page.evaluate(() => ground.show(ground.schemas.thumbnail))
      await page.getByLabel('Path').fill('pictures/nowhere.jpg')
      await page.getByRole('button', { name: 'Dispatch' }).click()
      await page.evaluate(() =>
        ground.end({ type: 'rejected', issues: [{ path: 'path', message: 'nothing is at this path' }] }),
      )
    },
  },
  {
    name: 'form-json',
    where: 'form',
    async set(page) {
      await page.waitForFunction(() => 'ground' in globalThis)
      await page.evaluate(() => ground.show(ground.schemas.thumbnail))
      await page.getByRole('button', { name: 'JSON', exact: true }).click()
    },
  },
  scene('form-away', 'form', () => {
    ground.show(ground.schemas.thumbnail)
    ground.away()
  }),
  scene('jobs-none', 'jobs', () => undefined),
  scene('jobs', 'jobs', () => {
    ground.master.set(...ground.everyState(Date.now()))
    ground.jobs.selected = [...ground.master.jobs.keys()].at(-4)
  }),
  scene('jobs-no-match', 'jobs', () => {
    ground.master.set(...ground.everyState(Date.now()))
    ground.jobs.find = 'nowhere'
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
    'unsent',
  ].map(
    (name, at): Scene => ({
      name: `job-${name}`,
      where: 'job',
      async set(page) {
        await page.waitForFunction(() => 'ground' in globalThis)
        await page.evaluate(index => ground.show(ground.everyState(Date.now())[index]!), at)
      },
    }),
  ),
  scene('job-table', 'job', () =>
    ground.show(
      ground.result([
        { file: 'logs/web.log', line: 12, text: 'GET /orders 500' },
        { file: 'logs/web.log', line: 80, text: 'GET /orders/7 500' },
        { file: 'logs/orders.log', line: 3, text: 'no connection to the database' },
      ]),
    ),
  ),
  scene('job-tree', 'job', () =>
    ground.show(
      ground.result({ cpus: 8, load: [0.2, 0.4, 0.3], disks: { '/': { bytes: 512e9, free: 12e9 } }, swap: null }),
    ),
  ),
  scene('job-log', 'job', () => {
    const at = Date.now()
    const reply = { v: 1, request_id: '', attempt: 1, worker_id: 'w-1' }
    const levels = ['info', 'debug', 'warn', 'error'] as const
    ground.view.show = 'log'
    ground.show(
      ground.job({
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
    ground.master.worker(...ground.everyWorker())
    ground.workers.selected = 'w-busy'
  }),
]
