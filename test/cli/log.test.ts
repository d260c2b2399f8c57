/** The log of the commands that keep running, by LogTape. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { drover, jsonLines, Program, startDrover } from '../support/cli/program.ts'
import { startTestBed } from '../support/cli/test-bed.ts'

const bridgeUrl = /"event":"ready".*"url":"([^"]+)"/

test.each([
  ['node', process.execPath, 'cli/drover.ts'],
  ['deno', 'deno', 'run', '--quiet', '-A', 'cli/main.ts'],
] as const)('on %s the lines of a session have its id, and its worker names the same', async (_, command, ...args) => {
  const env = { STOMP_PORT: '0' }
  const serve = ['serve', '--broker', 'embedded', '--port', '0', '--json', '--audit']
  await using bridge = new Program([command, ...args, ...serve], { env })
  const [, url = ''] = await bridge.says(bridgeUrl)
  const asFoo = { DROVER_URL: url.replace(/^http:\/\//, 'ws://foo:bar@').concat('/stomp') }
  await using worker = new Program([command, ...args, 'worker', 'examples/tasks/host-facts.ts', '--json'], {
    env: asFoo,
  })
  await worker.says(/"event":"ready"/)
  const { code } = await drover(['dispatch', 'host.facts', '--input', '{}'], { env: asFoo })
  expect(code).toBe(0)
  const [connected] = jsonLines(worker.stdout)
  worker.signal('SIGTERM')
  await worker.ended
  await bridge.says(new RegExp(`"event":"session_closed","text":"foo .*"session":"${connected.session}"`))
  const lines = jsonLines(bridge.stdout)
  const ofWorker = lines.filter(({ session }) => session === connected.session).map(({ event }) => event)
  expect(ofWorker).toEqual(['session_opened', 'session_closed'])
  const job = lines.find(({ event }) => event === 'job_dispatched')
  const ofMaster = lines.filter(({ session }) => session === job.session).map(({ event }) => event)
  expect(ofMaster).toEqual(['session_opened', 'job_dispatched', 'session_closed'])
  expect(jsonLines(worker.stdout).filter(({ request_id: id }) => id === job.request_id)).not.toEqual([])
})

test('a module of tasks that configured LogTape keeps its own sinks, beside the log of its worker', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'drover-log-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'tasks.mjs')
  const module = (name: string): string => JSON.stringify(import.meta.resolve(name))
  await writeFile(
    path,
    `import { configure, getLogger } from ${module('@logtape/logtape')}
     import { defineTask, implement } from ${module('../../worker/node.ts')}
     await configure({
       sinks: { own: record => console.error('own ' + record.message.join('')) },
       loggers: [{ category: 'shop', sinks: ['own'] }, { category: ['logtape', 'meta'], sinks: [] }],
     })
     const input = { '~standard': { version: 1, vendor: 'x', validate: value => ({ value }) } }
     export default implement(defineTask('shop.open', { input }), () => getLogger(['shop', 'door']).info('opens'))`,
  )
  await using testBed = await startTestBed()
  const env = { DROVER_URL: testBed.url }
  await using worker = startDrover(['worker', path, '--json'], { env })
  await worker.says(/"event":"ready"/)
  expect((await drover(['dispatch', 'shop.open', '--input', '{}'], { env })).code).toBe(0)
  worker.signal('SIGTERM')
  const { stderr, stdout } = await worker.ended
  expect(stderr).toBe('own opens\n')
  expect(jsonLines(stdout).filter(({ what }) => what === 'result')).toHaveLength(1)
})
