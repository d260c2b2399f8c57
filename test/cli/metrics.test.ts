/** `drover serve` and `drover worker` measured, as Prometheus does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drover, jsonLines, Program, startDrover } from '../support/cli/program.ts'
import { startTestBed, type TestBed } from '../support/cli/test-bed.ts'

let testBed: TestBed

beforeAll(async () => {
  testBed = await startTestBed()
})
afterAll(() => testBed[Symbol.asyncDispose]())

const bridgeUrl = /"event":"ready".*"url":"([^"]+)"/

const scraped = async (program: Program): Promise<string> => {
  const [url = ''] = await program.says(/http:\/\/127\.0\.0\.1:\d+\/metrics/)
  return await (await fetch(url)).text()
}

describe.each(['node', 'deno'] as const)('on %s', runtime => {
  test('a worker counts what became of its jobs, and how long they ran', async () => {
    const args = ['worker', 'examples/tasks/host-facts.ts', '--metrics-port', '0']
    const env = { DROVER_URL: testBed.url }
    await using worker =
      runtime === 'node'
        ? startDrover(args, { env })
        : new Program(['deno', 'run', '-A', 'cli/main.ts', ...args], { env })
    await worker.says(/takes .* from/)
    const { code } = await drover(['dispatch', 'host.facts', '--input', '{}'], { env })
    expect(code).toBe(0)
    await worker.says(/result/)
    const text = await scraped(worker)
    expect(text).toMatch(/^drover_worker_jobs_total\{task="host.facts",outcome="result"\} 1$/m)
    expect(text).toMatch(/^drover_worker_run_seconds_count\{task="host.facts"\} 1$/m)
    expect(text).toMatch(/^drover_worker_connected 1$/m)
    expect(text).toMatch(/^drover_worker_connections_total 1$/m)
    expect(text).toMatch(/^drover_worker_jobs_running 0$/m)
  })
})

test('a bridge has its metrics and its audit where they are asked for, and names the job as its master does', async () => {
  const args = ['serve', '--port', '0', '--metrics-port', '0', '--audit', '--json']
  await using bridge = startDrover(args, { env: { DROVER_BROKER: testBed.url } })
  const [, url = ''] = await bridge.says(bridgeUrl)
  const env = { DROVER_URL: url.replace(/^http:\/\//, 'ws://foo:bar@').concat('/stomp') }
  await using worker = startDrover(['worker', 'examples/tasks/host-facts.ts'], { env })
  await worker.says(/takes .* from/)
  const { stdout } = await drover(['dispatch', 'host.facts', '--input', '{}', '--json'], { env })
  const requestId = jsonLines(stdout).find(line => line.request_id !== undefined)?.request_id
  expect(requestId).toEqual(expect.any(String))
  await bridge.says(/"event":"session_closed"/)
  const lines = jsonLines(bridge.stdout)
  expect(lines.filter(({ event }) => event === 'job_dispatched')).toEqual([
    expect.objectContaining({ owner: 'foo', address: '127.0.0.1', task: 'host.facts', request_id: requestId }),
  ])
  expect(lines.find(({ event }) => event === 'session_closed')).toMatchObject({
    ended_by: 'disconnected',
    close_code: 1000,
  })
  const text = await scraped(bridge)
  expect(text).toMatch(/^drover_bridge_jobs_dispatched_total\{task="host.facts"\} 1$/m)
  expect(text).toMatch(/^drover_bridge_job_answers_total\{task="host.facts",answer="outcome"\} 1$/m)
})
