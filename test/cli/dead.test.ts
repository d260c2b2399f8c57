import { expect, test } from 'vitest'
import * as z from 'zod'
import { startMaster } from '../../shared/master/node.ts'
import { destinationsOf } from '../../shared/stomp/mod.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { startBridge, tokenFor } from '../support/bridges/bridges.ts'
import { startEmbedded } from '../support/brokers/embedded.ts'
import { drover, jsonLines } from '../support/cli/program.ts'
import { openSession } from '../support/plain-session.ts'

const task = defineTask('mend.it', { input: z.string(), output: z.string(), attempts: 2, retryDelayMs: 0 })

test('an operator lists, shows, sends again and drops from the command line', { timeout: 60_000 }, async () => {
  await using stack = new AsyncDisposableStack()
  const { url } = stack.use(await startEmbedded())
  let isMended = false
  const run = implement(task, input => {
    if (!isMended) throw Object.assign(new Error(`no \u001b[31mpart\u0007`), { code: 'no_part' })
    return input
  })
  stack.use(await startWorker({ url, name: 'box', tasks: [run], signals: false }))
  const env = { DROVER_URL: url }
  const dead = async (...args: string[]) => await drover(['dead', ...args], { env })
  const master = stack.use(await startMaster({ url }))
  const jobs = ['a', 'b', 'c'].map(input => master.dispatch(task, input))
  for (const job of jobs) await job.outcome
  const ids = jobs.map(job => job.request_id)
  const { stomp } = await openSession(url, 'myapp')
  stack.use(stomp)
  await stomp.publish({ destination: destinationsOf('myapp').dead, body: '\u001b[2Jnot a job' })

  const listed = await dead('list')
  expect([listed.code, listed.stderr]).toEqual([0, 'drover: 4 of 4 that fit, 4 in all\n'])
  for (const id of ids) expect(listed.stdout).toContain(id)
  expect(listed.stdout).toMatch(/mend\.it .* no_part: no part/)
  expect(listed.stdout).not.toContain('\u001b')
  const shown = await dead('show', ids[0]!)
  expect(shown.stdout).toMatch(/history\n .*failed {2}attempt 1 {2}on box .*\n .*failed {2}attempt 2 .*\ninput +"a"/)

  expect(await dead('retry')).toMatchObject({ code: 2, stderr: expect.stringMatching(/Say which letters/) })
  const preview = await dead('retry', '--task', 'mend.*', '--limit', '2')
  expect(preview).toMatchObject({
    code: 2,
    stderr: expect.stringMatching(/2 would be sent again \(1 more are .* add --yes/),
  })
  const failed = await dead('retry', ids[0]!, '--wait', '--by', 'ada')
  expect([failed.code, failed.stdout.trim().split('\n').at(-1)]).toEqual([
    1,
    expect.stringMatching(`^${ids[0]} error `),
  ])
  isMended = true
  const mended = await dead('retry', '--all', '--yes', '--wait', '--json')
  expect(mended).toMatchObject({ code: 1, stderr: expect.stringMatching(/stays: It is no job[\s\S]*3 sent again/) })
  expect(jsonLines(mended.stdout).filter(({ type }) => type === 'result')).toHaveLength(3)

  expect(await dead('drop', '--all', '--yes')).toMatchObject({ code: 0, stderr: expect.stringMatching(/1 dropped/) })
  expect((await dead('show', ids[0]!)).code).toBe(1)

  const bridge = stack.use(await startBridge({ broker: url }))
  const by = async (...args: string[]) =>
    await drover([
      'dead',
      ...args,
      '--url',
      bridge.url,
      '--token',
      await tokenFor('ops', { dead: true, operate: ['*'] }),
    ])
  isMended = false
  const last = master.dispatch(task, 'd')
  await last.outcome
  const id = last.request_id
  expect(await by('retry', id, '--wait')).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/grant to observe.*nothing was sent/),
  })
  expect(await by('retry', id)).toMatchObject({ code: 0, stdout: expect.stringContaining(id) })
})
