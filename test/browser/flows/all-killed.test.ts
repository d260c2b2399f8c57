/** Everything but the browser is killed with -9 while a page has jobs in every state: each of them ends. Promise 1. */
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobOptions } from 'drover/master'
import { expect, test } from 'vitest'
import type {} from '../../../browser/master/master.ts'
import { refreshBrowser } from '../../../scripts/build/browser.ts'
import { type Program, startDrover } from '../../support/cli/program.ts'
import { freePorts } from '../../support/free-ports.ts'
import { makeGate } from '../../support/gate.ts'
import { startHarness } from '../harness.ts'
import { giveLogin } from './test-bed.ts'
import { away, countOf, rowOf, untilState } from './user.ts'

test('a page that is reloaded after bridge, broker and worker were killed shows how every job ended', async () => {
  await using stack = new AsyncDisposableStack()
  await refreshBrowser(process.cwd())
  const harness = stack.use(await startHarness())
  const folder = await mkdtemp(join(tmpdir(), 'drover-killed-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const gate = stack.use(await makeGate())
  const [port = 0, stompPort = 0] = await freePorts(2)
  const runsFile = join(folder, 'runs')
  const env = {
    PORT: `${port}`,
    STOMP_PORT: `${stompPort}`,
    DROVER_SECRET_FILE: join(folder, 'secret'),
    DROVER_URL: `stomp://foo:bar@127.0.0.1:${stompPort}`,
    RUNS: runsFile,
  }
  const started: Program[] = []
  const start = async (args: readonly string[], sign: RegExp): Promise<void> => {
    const program = stack.use(startDrover(args, { env }))
    started.push(program)
    await program.says(sign)
  }
  const startAll = async (): Promise<void> => {
    await start(['serve', '--broker', 'embedded', '--data', join(folder, 'drover.db')], /ready http/)
    const state = join(folder, 'worker.db')
    const worker = ['worker', 'test/browser/fixtures/keeping-tasks.ts', '--name', 'kept', '--state', state]
    await start([...worker, '--concurrency', '4'], /takes keep/)
  }
  await startAll()

  const { page } = stack.use(
    await harness.open(`http://127.0.0.1:${port}`, { reducedMotion: true, height: 1600, allow: away }),
  )
  await giveLogin(page)
  await page.getByText('Connected', { exact: true }).waitFor()
  await page.mouse.move(0, 0) // over the list it holds new rows back
  const dispatch = (task: string, input: object, options: JobOptions = {}): Promise<string> =>
    page
      .locator('drover-master')
      .evaluate(
        (element, [task, input, options]) =>
          (element as HTMLElementTagNameMap['drover-master']).current!.dispatch(task, input, options).request_id,
        [task, input, options] as const,
      )
  const [done, failed] = [await dispatch('keep.quick', { fails: false }), await dispatch('keep.quick', { fails: true })]
  await untilState(page, done, 'Done')
  await untilState(page, failed, 'Failed')
  const running = await dispatch('keep.gated', { gate: gate.path })
  await untilState(page, running, 'Running')
  const waiting = await dispatch('keep.gated', { gate: gate.path })
  const [retrying, delayed] = [
    await dispatch('keep.flaky', {}),
    await dispatch('keep.quick', { fails: false }, { delayMs: 6_000 }),
  ]
  await untilState(page, retrying, 'Retrying')
  for (const id of [waiting, delayed]) await untilState(page, id, 'Queued')
  const lastBefore = (await readFile(runsFile, 'utf8')).trim().split('\n').sort()
  expect(lastBefore).toEqual([done, failed, running, retrying].sort())

  for (const program of started) program.signal('SIGKILL')
  await Promise.all(started.map(({ ended }) => ended))
  const unsent = await dispatch('keep.quick', { fails: false })
  await untilState(page, unsent, 'Waiting to be sent')
  await startAll()
  await page.reload()
  await page.getByText('Connected', { exact: true }).waitFor()
  expect(await countOf(page)).toBe(7)
  await gate.open()
  const ends = { done, running, waiting, retrying, delayed, unsent }
  for (const id of Object.values(ends)) await untilState(page, id, 'Done')
  await untilState(page, failed, 'Failed')
  await rowOf(page, retrying).getByText('attempt 2', { exact: false }).first().waitFor()
  // Ended jobs stay so, and only the run that the kill cut off, or that had failed, was followed by another
  const runs = (await readFile(runsFile, 'utf8')).trim().split('\n')
  const counts = Object.entries({ ...ends, failed }).map(([name, id]) => [name, runs.filter(one => one === id).length])
  expect(Object.fromEntries(counts)).toEqual({
    done: 1,
    failed: 1,
    running: 2,
    waiting: 1,
    retrying: 2,
    delayed: 1,
    unsent: 1,
  })
}, 90_000)
