/** The page at `/`, with real jobs on real workers. */
import type { RunningBridge } from 'drover/bridge'
import { startWorker } from 'drover/worker'
import type { Page } from 'playwright-core'
import { tasks } from '../../../examples/tasks/mod.ts'
import { startBridge } from '../test-bridge.ts'
import type { Scene } from './scene.ts'

/** A bridge with two workers; and one that nobody works for. */
export async function startPageTestBed(): Promise<{ busy: RunningBridge; lonely: RunningBridge } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const [busy, lonely] = await Promise.all([startBridge(), startBridge()])
  stack.use(busy)
  stack.use(lonely)
  for (const name of ['plum', 'fig']) {
    const url = busy.stompUrl!.replace('://', '://foo:bar@')
    stack.use(await startWorker({ url, name, tasks, concurrency: 4, signals: false, presenceIntervalMs: 1000 }))
  }
  const open = stack.move()
  return { busy, lonely, [Symbol.asyncDispose]: () => open.disposeAsync() }
}

async function signIn(page: Page): Promise<void> {
  await page.getByLabel('Login').fill('foo')
  await page.getByLabel('Password').fill('bar')
  await page.getByRole('button', { name: 'Sign in' }).click()
  await page.getByText('Connected', { exact: true }).waitFor()
  await page.mouse.move(0, 0) // a list that is pointed at keeps new jobs waiting
}

/** Dispatches some jobs, each of which is as it should be once this resolves. @returns the id of the one to show */
async function dispatchSome(page: Page, shown: 'picture' | 'broadcast'): Promise<string> {
  return await page.evaluate(async wanted => {
    const { current } = document.querySelector('drover-app')!.shadowRoot!.querySelector('drover-master')!
    const master = current!
    const broadcast = master.broadcast('log.search', { pattern: 'error', ignore_case: true })
    await broadcast.done
    await master.broadcast('host.facts', {}).done
    await master.dispatch('image.thumbnail', { path: 'pictures/nowhere.jpg', width: 320 }).outcome
    const ended = master.dispatch('folder.checksum', { path: '.', max_bytes_per_s: 1000 })
    const slow = master.dispatch('folder.checksum', { path: '.', max_bytes_per_s: 5000 })
    for await (const reply of ended.replies()) if (reply.type === 'progress') break
    ended.cancel('no longer needed')
    await ended.outcome
    await master.dispatch('folder.checksum', { path: 'logs' }).outcome
    for await (const reply of slow.replies()) if (reply.type === 'progress' && (reply.percent ?? 0) > 3) break
    const picture = master.dispatch('image.thumbnail', { path: 'pictures/dusk.jpg', width: 480 })
    await picture.outcome
    return wanted === 'picture' ? picture.request_id : broadcast.request_id
  }, shown)
}

const choose = (page: Page): Promise<unknown> =>
  page.getByLabel('Task', { exact: true }).selectOption('image.thumbnail')

export function pageScenes(busy: RunningBridge, lonely: RunningBridge): readonly Scene[] {
  const page = (name: string, set: (page: Page) => Promise<unknown>, where = busy.url): Scene => ({
    name: `page-${name}`,
    where,
    set,
    isWindow: true,
    end: page =>
      page.evaluate(() => {
        const master = document.querySelector('drover-app')?.shadowRoot?.querySelector('drover-master')?.current
        for (const id of master?.jobs.keys() ?? []) master?.cancel(id)
      }),
  })
  return [
    page('sign-in', page => page.getByLabel('Login').waitFor()),
    page('job', async page => {
      await signIn(page)
      const id = await dispatchSome(page, 'picture')
      await page.evaluate(id => {
        location.hash = `#/jobs/${id}`
      }, id)
      await page.getByRole('article').getByRole('img').waitFor()
      await choose(page)
    }),
    page('jobs', async page => {
      await signIn(page)
      await dispatchSome(page, 'picture')
      await choose(page)
    }),
    page('broadcast', async page => {
      await signIn(page)
      const id = await dispatchSome(page, 'broadcast')
      await page.evaluate(id => {
        location.hash = `#/jobs/${id}`
      }, id)
      await page.getByRole('article').waitFor()
    }),
    page('workers', async page => {
      await signIn(page)
      await page.getByRole('link', { name: 'Workers' }).click()
      await page.locator('drover-workers').getByText('plum').waitFor()
    }),
    page('dispatch', async page => {
      await signIn(page)
      await page.evaluate(() => {
        location.hash = '#/dispatch'
      })
      await choose(page)
    }),
    page(
      'no-worker',
      async page => {
        await signIn(page)
        await page
          .getByText('No worker is connected')
          .or(page.getByText('No worker is there'))
          .first()
          .waitFor({ timeout: 20_000 })
      },
      lonely.url,
    ),
  ]
}
