import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { drover, jsonLines, startDrover } from '../support/cli/program.ts'
import { startTestBed, type TestBed } from '../support/cli/test-bed.ts'
import { connectRaw } from '../support/raw-stomp.ts'

let testBed: TestBed
let folder: string
let env: Record<string, string>

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'drover-cli-')))
  await mkdir(join(folder, 'files'))
  await writeFile(join(folder, 'secret.txt'), 'secret')
  await writeFile(join(folder, 'files', 'large.bin'), new Uint8Array(300_000))
  await symlink(join(folder, 'secret.txt'), join(folder, 'files', 'link.png'))
  testBed = await startTestBed()
  env = { DROVER_URL: testBed.url }
  await Promise.all([
    testBed.worker('one'),
    testBed.worker('two'),
    testBed.worker('fenced', 'test/cli/fixtures/fenced.ts', { DROVER_FILES: join(folder, 'files') }),
  ])
})
afterAll(async () => {
  await testBed[Symbol.asyncDispose]()
  await rm(folder, { recursive: true, force: true })
})

/** Dispatches and gives the exit code and the lines. */
async function dispatch(...args: string[]) {
  const { code, stdout, stderr } = await drover(['dispatch', ...args], { env })
  return { code, lines: jsonLines(stdout), last: jsonLines(stdout).at(-1), stderr }
}

test('a result: JSON lines in a pipe, the outcome last and once, exit code 0', async () => {
  const { code, lines, last, stderr } = await dispatch('image.thumbnail', '--input', '{"path":"pictures/dusk.jpg"}')
  expect([code, stderr]).toEqual([0, ''])
  expect(lines[0]).toMatchObject({ type: 'accepted', attempt: 1 })
  expect(lines.filter(line => line.type === 'result')).toEqual([last])
  expect(last.output).toMatchObject({ width: 320, height: 200 })
  const picture = Buffer.from(last.output.data_url.replace('data:image/webp;base64,', ''), 'base64')
  expect(picture.length).toBe(last.output.bytes)
  expect(picture.subarray(8, 12).toString()).toBe('WEBP')
  expect(new Set(lines.map(line => line.request_id)).size).toBe(1)
})

test('image.thumbnail turns a picture upright and keeps to the asked format', async () => {
  const { last } = await dispatch('image.thumbnail', '-i', '{"path":"pictures/upright.jpg","width":70,"format":"png"}')
  expect(last.output).toMatchObject({ width: 70, data_url: expect.stringMatching(/^data:image\/png/) })
  expect(last.output.height).toBeGreaterThan(95)
})

test('a broadcast tells each answer as it comes and ends with who is missing', async () => {
  const { code, lines, last } = await dispatch('host.facts', '--broadcast')
  expect(code).toBe(0)
  const results = lines.filter(line => line.type === 'result')
  expect(results.map(line => line.output.runtime)).toEqual(Array(2).fill(`node ${process.versions.node}`))
  expect(new Set(results.map(line => line.output.pid)).size).toBe(2)
  expect(last).toMatchObject({ type: 'answered', missing: [] })
})

test('log.search streams matches as partials', async () => {
  const { code, lines, last } = await dispatch(
    'log.search',
    '-i',
    '{"pattern":"label*paper","files":"*.log","limit":4}',
  )
  const matches = lines.filter(line => line.type === 'partial').map(line => line.data)
  expect(code).toBe(0)
  expect(matches).toHaveLength(4)
  expect(matches[0]).toEqual({
    file: 'logs/orders.log',
    line: expect.any(Number),
    text: expect.stringMatching(/label.*paper/),
  })
  expect(last.output).toMatchObject({ matches: 4, is_complete: false })
})

test('folder.checksum gives the sums of sha256sum', async () => {
  const { last } = await dispatch('folder.checksum', '--input', '{"path":"logs/older"}')
  expect(last.output).toEqual({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/), files: 1, bytes: 32_727 })
})

test('an error is exit code 1, and a picture that is none is an error', async () => {
  const { code, last } = await dispatch('image.thumbnail', '-i', '{"path":"logs/web.log"}')
  expect([code, last.type, last.error.code]).toEqual([1, 'error', 'input_invalid'])
})

test.for(['../secret.txt', '/etc/hostname', 'link.png'])(
  'a path that leads out of the allowed folder is an error that does not tell where it lies: %s',
  async path => {
    const { code, last } = await dispatch('fenced.thumbnail', '-i', JSON.stringify({ path }))
    expect([code, last.error.code]).toEqual([1, 'path_forbidden'])
    expect(last.error.message).toContain(`"${path}" leads out of the folder`)
    expect(JSON.stringify(last)).not.toContain(folder)
    expect(JSON.stringify(last)).not.toMatch(/\bat \w+ \(|confine\.ts/)
  },
)

test('a rejected input is exit code 3, with each path', async () => {
  const { code, last } = await dispatch('image.thumbnail', '-i', '{"path":"","width":1.5}')
  expect([code, last.type]).toEqual([3, 'rejected'])
  expect(last.issues.map((issue: { path: string }) => issue.path)).toEqual(['path', 'width'])
})

test('Ctrl-C cancels: exit code 4, and the worker stops', async () => {
  await using program = startDrover(['dispatch', 'folder.checksum', '-i', '{"max_bytes_per_s":1000}'], { env })
  await program.says(/"percent":[1-9]/)
  program.signal('SIGINT')
  const { code, stdout } = await program.ended
  expect([code, jsonLines(stdout).at(-1)]).toEqual([4, expect.objectContaining({ type: 'cancelled' })])
})

test('a job that no worker of its task takes before its timeout is exit code 6', async () => {
  const { code, lines, last } = await dispatch('nobody.home', '--timeout', '2500ms')
  expect([code, last]).toEqual([6, { request_id: lines[0].request_id, type: 'timed_out', timeout_ms: 2500 }])
  expect(lines).toContainEqual(expect.objectContaining({ type: 'unclaimed', unclaimed: true }))
})

test('a job of --delay is begun then, and its timeout counts from there', async () => {
  const input = '{"path":"pictures/dusk.jpg"}'
  const before = Date.now()
  const { code, lines } = await dispatch('image.thumbnail', '-i', input, '--delay', '3s', '--timeout', '2900ms')
  expect(code).toBe(0)
  const { at } = lines.find(({ type }) => type === 'accepted')
  expect(at - before).toBeGreaterThanOrEqual(3_000)
})

test('--attempts is for a job what attempts is for its task', async () => {
  const { code, lines } = await dispatch('failing.once', '--attempts', '2')
  expect([code, lines.map(({ type }) => type)]).toEqual([0, ['accepted', 'retrying', 'accepted', 'result']])
})

test('a job that takes longer than its timeout is exit code 5', async () => {
  const { code, last } = await dispatch('folder.checksum', '-i', '{"max_bytes_per_s":1000}', '--timeout', '1s')
  expect([code, last.type]).toEqual([5, 'timed_out'])
})

test('a broadcast without workers is exit code 6 at once', async () => {
  const { code, last } = await dispatch('nobody.home', '--broadcast')
  expect([code, last.type]).toEqual([6, 'no_worker'])
})

test('a broadcast to which a worker answers with an error is exit code 1', async () => {
  const { code, lines, last } = await dispatch('log.search', '--broadcast', '-i', '{"pattern":"x","path":"nowhere"}')
  expect([code, last.type, lines.filter(line => line.type === 'error').length]).toEqual([1, 'answered', 2])
})

test('the input may come from a file and from standard input', async () => {
  const file = join(folder, 'input.json')
  await writeFile(file, '{"path":"logs/older"}')
  expect((await dispatch('folder.checksum', '--input', `@${file}`)).code).toBe(0)
  const { code } = await drover(['dispatch', 'folder.checksum', '-i', '-'], { env, input: '{"path":"logs/older"}' })
  expect(code).toBe(0)
})

test.for([
  [['image.thumbnail', '--input', '{path:1}'], 'The input is not JSON'],
  [['image.thumbnail', '--input', '@/nowhere.json'], 'Cannot read the input from /nowhere.json'],
  [['Image.Thumbnail'], 'is not a task name'],
  [['image.thumbnail', '--timeout', '30'], '"30" is not a duration; write a number and a unit'],
  [['image.thumbnail', '--at', 'noon'], '"noon" is not an instant; write it as 2026-12-01T08:00Z'],
  [['image.thumbnail', '--at', '2020-12-01T08:00Z'], '"2020-12-01T08:00Z" is past'],
  [['image.thumbnail', '--delay', '5'], '"5" is not a duration'],
  [['image.thumbnail', '--delay', '5m', '--at', '2099-12-01T08:00Z'], "'--delay <duration>' cannot be used with"],
  [['image.thumbnail', '--delay', '5m', '--broadcast'], "'--delay <duration>' cannot be used with"],
  [['image.thumbnail', '--attempts', '0'], 'expected a whole number from 1 to 1000'],
  [['image.thumbnail', '--url', 'localhost'], '--url is "localhost"; expected an address'],
  [['image.thumbnail', '--url', 'ftp://localhost'], '--url begins with "ftp://"'],
  [[], "missing required argument 'task'"],
  [['image.thumbnail', '--nonsense'], "unknown option '--nonsense'"],
] as const)('%j is called wrongly: exit code 2 and a sentence', async ([args, sentence]) => {
  const { code, stderr } = await drover(['dispatch', ...args], { env })
  expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
  expect(stderr).not.toMatch(/^\s+at /m)
})

test.for([
  ['stomp://foo:bar@127.0.0.1:1', 'Cannot reach stomp://127.0.0.1:1'],
  ['ws://foo:bar@127.0.0.1:65/stomp', 'Cannot reach ws://127.0.0.1:65'],
] as const)('a broker that does not answer is one sentence without the password: %s', async ([url, sentence]) => {
  const { code, stderr } = await drover(['dispatch', 'host.facts', '--url', url])
  expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)])
  expect(stderr).not.toContain('bar')
  expect(stderr.trim().split('\n')).toHaveLength(1)
})

test('a wrong passcode is one sentence', async () => {
  const { code, stderr } = await drover(['dispatch', 'host.facts', '--url', testBed.url.replace('bar', 'baz')])
  expect([code, stderr.trim().split('\n').length]).toEqual([1, 1])
  expect(stderr).toMatch(/credentials|password|passcode/i)
})

test('a closed pipe ends it quietly', async () => {
  await using program = startDrover(['dispatch', 'log.search', '-i', '{"pattern":"*","limit":2000}'], { env })
  await program.says(/"partial"/)
  program.closeStdout()
  expect((await program.ended).stderr).toBe('')
})

test.each([
  ['a byte order mark', Buffer.from('\ufeff{"max_bytes_per_s":"x"}'), /"rejected"/],
  [
    'UTF-16, as some shells write it',
    Buffer.from('\ufeff{"a":1}', 'utf16le'),
    /^drover: The input is not in UTF-8; .*\n$/,
  ],
  ['Latin-1', Buffer.from('"caf\u00e9"', 'latin1'), /^drover: The input is not in UTF-8; .*\n$/],
  ['a text of 20 million characters', Buffer.from(`"${'\\n'.repeat(10_000_000)}"`), /4194304/],
])('an input from a file that has %s is taken, or told its fault', async (_, bytes, says) => {
  const path = join(folder, 'odd.json')
  await writeFile(path, bytes)
  const args = (input: string) => ['dispatch', 'folder.checksum', '--url', testBed.url, '--input', input]
  const ended = [drover(args(`@${path}`)), drover(args('-'), { input: bytes })]
  for (const { stdout, stderr } of await Promise.all(ended)) expect(stderr || stdout).toMatch(says)
})

test.each([101, 5_000, 400_000])('an input that is %i levels deep is one sentence', async levels => {
  const path = join(folder, 'deep.json')
  await writeFile(path, `${'['.repeat(levels)}${']'.repeat(levels)}`)
  const { code, stderr } = await dispatch('image.thumbnail', '--input', `@${path}`)
  expect(code).not.toBe(0)
  expect(stderr).toMatch(/^drover: .*nested more than 99 levels deep; send a flatter value\n$/)
})

test('messages that could not be read are told once, at the end', async () => {
  const task = 'strange.words'
  const destination = `/topic/myapp.workers.${task}`
  await using raw = await connectRaw(testBed.url)
  await raw.confirmed('SUBSCRIBE', { id: 's', destination: `/queue/myapp.tasks.${task}` })
  const running = dispatch(task, '--timeout', '60s')
  const job = await raw.next({ command: 'MESSAGE' })
  const to = job.headers['reply-to']!
  for (const body of ['{', 'what', '{"type":"beat"}']) await raw.confirmed('SEND', { destination: to }, body)
  await raw.confirmed('SEND', { destination }, 'no presence')
  const { request_id } = JSON.parse(job.body) as { request_id: string }
  await raw.confirmed('SEND', { destination: to }, JSON.stringify({ request_id, type: 'result', output: 7 }))
  const { code, last, stderr } = await running
  expect([code, last.output]).toEqual([0, 7])
  expect(stderr).toBe('drover: 4 of the messages that came could not be read\n')
})

test('--to, --key, --tag and --priority go with the job, and the key brings its outcome again', async () => {
  const key = crypto.randomUUID()
  const args = ['host.facts', '--to', 'two', '--key', key]
  const { code, lines, last } = await dispatch(...args)
  expect([code, lines[0]]).toEqual([0, expect.objectContaining({ type: 'accepted', name: 'two' })])
  const { request_id: first, output, took_ms } = last
  expect((await dispatch(...args)).last, 'the same run').toMatchObject({ request_id: first, output, took_ms })

  await using raw = await connectRaw(testBed.url)
  await raw.confirmed('SUBSCRIBE', { id: 's', destination: '/queue/myapp.named.tagged.work._42ox' })
  const running = dispatch('tagged.work', '--to', 'Box', '--tag', 'nightly', '--tag', 'order 17', '--priority', '9')
  const job = await raw.next({ command: 'MESSAGE' })
  const body = JSON.parse(job.body) as { request_id: string }
  expect(job.headers).toMatchObject({ priority: '9' })
  expect(body).toMatchObject({ to: 'Box', tags: ['nightly', 'order 17'] })
  const { request_id } = body
  await raw.confirmed('SEND', { destination: job.headers['reply-to']! }, JSON.stringify({ request_id, type: 'result' }))
  expect((await running).code).toBe(0)
})

test.each([
  [['--priority', '10'], 'expected a whole number from 0 to 9'],
  [['--to', 'two', '--broadcast'], '--to sends to one worker and --broadcast to all'],
  [['--tag', ' '.repeat(101)], 'tags.0 cannot be used'],
])('%j is called wrongly: exit code 2', async (args, sentence) => {
  const { code, stderr } = await dispatch('host.facts', ...args)
  expect([code, stderr]).toEqual([2, expect.stringContaining(sentence)])
})
