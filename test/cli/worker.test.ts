import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { mintToken } from '../../bridge/node.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { secret, startBridge } from '../support/bridges/bridges.ts'
import { drover, jsonLines, startDrover } from '../support/cli/program.ts'
import { startTestBed, type TestBed } from '../support/cli/test-bed.ts'
import { connectRaw } from '../support/raw-stomp.ts'

let testBed: TestBed
let folder: string

beforeAll(async () => {
  testBed = await startTestBed()
  folder = await mkdtemp(join(tmpdir(), 'drover-worker-'))
})
afterAll(async () => {
  await testBed[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

const howTo = 'export "tasks" (or a default), an array of results of implement(task, run)'

test.for([
  ['empty.ts', 'export const other = 1', `empty.ts exports no tasks; ${howTo}`],
  ['none.ts', 'export const tasks = []', `none.ts exports an empty list of tasks; ${howTo}`],
  ['odd.ts', 'export const tasks = [1]', 'odd.ts exports something at place 1 that is no implementation; '],
  ['bare.ts', "export default { name: 'a.b', input: {} }", '(a task without the function that does it)'],
  ['broken.ts', 'export const tasks = [', 'Cannot load '],
  ['throws.ts', "throw new Error('no database')", 'throws.ts: no database'],
  ['lost.ts', "import './nowhere.ts'", 'nowhere.ts'],
  [
    'twice.ts',
    "const one = { task: { name: 'a.b', input: {} }, run() {} }\nexport const tasks = [one, one]",
    'implements "a.b" twice; keep one',
  ],
] as const)('a module that cannot be used is one sentence and exit code 2: %s', async ([name, source, sentence]) => {
  const path = join(folder, name)
  await writeFile(path, source)
  const { code, stderr } = await drover(['worker', path], { env: { DROVER_URL: testBed.url } })
  expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
  expect(stderr).not.toMatch(/^\s+at /m)
})

test('a module in a project of CommonJS, as npm init makes one, says the way out', async () => {
  const project = await mkdtemp(join(folder, 'commonjs-'))
  await writeFile(join(project, 'package.json'), '{"type":"commonjs"}')
  await writeFile(join(project, 'tasks.ts'), "import * as z from 'zod'\nexport const tasks = [z]")
  const { code, stderr } = await drover(['worker', 'tasks.ts'], { cwd: project })
  expect([code, stderr]).toEqual([2, expect.stringContaining('put "type": "module" into its package.json')])
})

test('a module that is not there says where it was looked for', async () => {
  const { code, stderr } = await drover(['worker', 'tasks.ts'], { cwd: folder })
  expect([code, stderr]).toEqual([2, expect.stringContaining(`There is no module ${join(folder, 'tasks.ts')}; `)])
})

test.for([
  [['--concurrency', '0'], 'expected a whole number from 1 to 1000'],
  [['--url', 'nowhere'], '--url is "nowhere"; expected an address'],
] as const)('%j is called wrongly: exit code 2', async ([args, sentence]) => {
  const { code, stderr } = await drover(['worker', 'examples/tasks/mod.ts', ...args])
  expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
})

test('it tells of each job, and drains on SIGTERM', async () => {
  const worker = await testBed.worker('talker', undefined, { JOURNAL_STREAM: '' })
  const env = { DROVER_URL: testBed.url }
  expect((await drover(['dispatch', 'host.facts'], { env })).code).toBe(0)
  await drover(['dispatch', 'image.thumbnail', '-i', '{"path":"nowhere.png"}'], { env })
  const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`
  await worker.says(/ talker takes host\.facts, .*; limits: /)
  await worker.says(new RegExp(`^${time} talker accepted {2}host\\.facts [0-9a-f]{8}$`, 'm'))
  await worker.says(/ talker result {4}host\.facts [0-9a-f]{8} in \d+ ms$/m)
  await worker.says(/ talker error {5}image\.thumbnail [0-9a-f]{8} in \d+ ms: There is no "nowhere\.png"/m)
  worker.signal('SIGTERM')
  const { code, stdout, stderr } = await worker.ended
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/takes no more jobs; 0 still running\n.*ended\n$/)
})

test('--json writes one object a line, and --end-with-stdin drains it when its parent is gone', async () => {
  const args = ['worker', 'examples/tasks/mod.ts', '--name', 'child', '--json', '--end-with-stdin']
  await using worker = startDrover(args, { env: { DROVER_URL: testBed.url } })
  await worker.says(/"event":"ready"/)
  worker.closeStdin()
  const { code, stdout } = await worker.ended
  expect(code).toBe(0)
  expect(jsonLines(stdout).map(line => line.event)).toEqual(['connection', 'ready', 'draining', 'closed'])
  expect(stdout).not.toContain('foo:bar')
})

test('the reader of its log goes: it drains, and its jobs end', async () => {
  const path = join(folder, 'slow.mjs')
  const drover = join(import.meta.dirname, '../../worker/node.ts')
  await writeFile(
    path,
    `import { defineTask, implement } from ${JSON.stringify(drover)}
     const input = { '~standard': { version: 1, vendor: 'x', validate: value => ({ value }) } }
     const second = Promise.withResolvers()
     export default implement(defineTask('slow.wait', { input }), async which => {
       if (which === 'first') await second.promise
       else setTimeout(second.resolve, 100)
     })`,
  )
  await using broker = await startTestBed()
  await using worker = startDrover(['worker', path, '--concurrency', '2', '--url', broker.url])
  await worker.says(/takes slow.wait/)
  const dispatch = (which: string) =>
    startDrover(['dispatch', 'slow.wait', '-i', JSON.stringify(which), '--timeout', '15s', '--url', broker.url])
  await using first = dispatch('first')
  await first.says(/accepted/)
  worker.closeStdout()
  // It finds out as it writes of the second; the first ends after that, however long the second took to start
  await using second = dispatch('second')
  expect([(await second.ended).code, (await first.ended).code]).toEqual([0, 0])
  const { code, signal } = await worker.ended
  expect([code, signal]).toEqual([0, null])
})

test('at its end it says how many messages it could not read', async () => {
  await using worker = await testBed.worker('puzzled')
  await using raw = await connectRaw(testBed.url)
  await raw.confirmed('SEND', { destination: '/topic/myapp.control.host.facts' }, '{"type":"dance"}')
  await raw.confirmed('SEND', { destination: '/topic/myapp.control.host.facts' }, 'stop')
  await raw.confirmed('SEND', { destination: '/topic/myapp.tasks.host.facts' }, '{')
  await worker.says(/A control message for "host.facts" cannot be read/)
  await worker.says(/A broadcast of "host.facts" was dropped/)
  worker.signal('SIGTERM')
  const { stdout } = await worker.ended
  expect(stdout).toMatch(/ended; 3 messages could not be read, or not be sent in time\n$/)
})

test('--json has the facts of a job as fields, and --drain-timeout aborts the jobs that still run', async () => {
  const args = ['worker', 'examples/tasks/mod.ts', '--name', 'brief', '--json', '--drain-timeout', '200ms']
  await using own = await startTestBed()
  const env = { DROVER_URL: own.url }
  await using worker = startDrover(args, { env })
  await worker.says(/"event":"ready"/)
  expect((await drover(['dispatch', 'host.facts'], { env })).code).toBe(0)
  await worker.says(/"what":"result"/)
  await using _slow = startDrover(['dispatch', 'folder.checksum', '-i', '{"max_bytes_per_s":20000}'], { env })
  await worker.says(/"what":"accepted","task":"folder\.checksum"/)
  worker.signal('SIGTERM')
  const { code, stdout } = await worker.ended
  expect(code).toBe(0)
  const lines = jsonLines(stdout)
  expect(lines.find(line => line.what === 'result')).toMatchObject({
    at: expect.any(Number),
    level: 'info',
    event: 'job',
    task: 'host.facts',
    request_id: expect.any(String),
    attempt: 1,
    took_ms: expect.any(Number),
  })
  const draining = lines.find(line => line.event === 'draining')
  const lastMs = lines.at(-1).at - draining.at
  expect([draining.text, lastMs >= 150, lastMs < 10_000]).toEqual(['takes no more jobs; 1 still running', true, true])
})

test('--state is for one worker at a time, and --unacked-limit names the tasks above it', async () => {
  const file = join(folder, 'worker.db')
  const args = ['worker', 'examples/tasks/mod.ts', '--name', 'kept', '--url', testBed.url, '--state', file]
  await using worker = startDrover([...args, '--unacked-limit', '90s'])
  await worker.says(/within 90 s, as this worker was told \(--unacked-limit, .*"host\.facts".* may run longer/)
  await worker.says(/takes .* from/)
  const second = await drover(args)
  expect([second.code, second.stderr]).toEqual([
    1,
    expect.stringMatching(/worker\.db is in use by the process \d+; end that first, or name another file\n$/),
  ])
  worker.signal('SIGTERM')
  expect((await worker.ended).code).toBe(0)
  expect((await drover([...args, '--unacked-limit', '90'])).code).toBe(2)
  expect(await readdir(folder)).toEqual(expect.arrayContaining(['worker.db']))
  expect(await readdir(folder), 'it is let go of').not.toContain('worker.db-holder')
})

test('a broker that refuses it ends it with exit code 1', async () => {
  const url = testBed.url.replace('bar', 'baz')
  const { code, stdout, stderr } = await drover(['worker', 'examples/tasks/mod.ts', '--url', url])
  expect([code, stderr]).toEqual([1, expect.stringMatching(/^drover: .*(credentials|login|password|passcode)/i)])
  expect(stdout + stderr).not.toContain('baz')
})

test('it waits for a broker that is away', async () => {
  const args = ['worker', 'examples/tasks/mod.ts', '--url', 'stomp://foo:bar@127.0.0.1:1']
  await using worker = startDrover(args)
  await worker.says(/Cannot reach stomp:\/\/127\.0\.0\.1:1.*; connecting again/)
  worker.signal('SIGTERM')
  expect((await worker.ended).code).toBe(0)
})

test('its token ends: it says so once, aborts its jobs, and ends with exit code 1', async () => {
  // The bridge is of this process: its clock goes on an hour once all that this is about is under way
  const real = Date.now
  let aheadMs = 0
  const clock = vi.spyOn(Date, 'now').mockImplementation(() => real() + aheadMs)
  onTestFinished(() => clock.mockRestore())
  await using bridge = await startBridge({ broker: 'embedded', limits: { heartBeatMs: 100 } })
  const DROVER_TOKEN = await mintToken({ secret, sub: 'wk', grants: allGrants, expiresInMs: 3_600_000 })
  const args = ['worker', 'examples/tasks/mod.ts', '--name', 'brief', '--url', bridge.url]
  await using worker = startDrover(args, { env: { DROVER_TOKEN } })
  await worker.says(/takes .* from/)
  const job = ['dispatch', 'folder.checksum', '-i', '{"max_bytes_per_s":1000}', '--url', bridge.url]
  await using master = startDrover(job, { env: { DROVER_TOKEN } })
  await worker.says(/accepted/)
  aheadMs = 3_600_000
  const { code, stdout, stderr } = await worker.ended
  expect([code, stderr]).toEqual([
    1,
    expect.stringMatching(
      /^drover: The token given by --token or DROVER_TOKEN has expired: start again with a new one \(.*\); 1 job that was running was aborted, for another worker to do\n$/,
    ),
  ])
  expect(stdout).not.toMatch(/expired|connecting again/)
  expect(stdout.match(/connected to/g)).toHaveLength(1)
  const ended = await master.ended
  expect([ended.code, ended.stderr]).toEqual([
    1,
    expect.stringMatching(
      /^drover: The connection ended before the job did \(The token given by .* has expired.*\); it may/,
    ),
  ])
  const again = await drover(args, {
    env: { DROVER_TOKEN: await mintToken({ secret, sub: 'wk', grants: allGrants, expiresInMs: 1 }) },
  })
  expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/has expired/)])
})
