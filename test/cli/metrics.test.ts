/** `drover serve` and `drover worker` measured, as Prometheus does. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drover, Program, startDrover } from '../support/cli/program.ts'
import { startTestBed, type TestBed } from '../support/cli/test-bed.ts'

let testBed: TestBed

beforeAll(async () => {
  testBed = await startTestBed()
})
afterAll(() => testBed[Symbol.asyncDispose]())

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
