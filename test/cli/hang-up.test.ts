/** SIGHUP: the signal of a terminal that closes, and the one that `nohup` is there for. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Program, startDrover } from '../support/cli/program.ts'
import { startTestBed, type TestBed } from '../support/cli/test-bed.ts'

let testBed: TestBed
beforeAll(async () => {
  testBed = await startTestBed()
})
afterAll(() => testBed[Symbol.asyncDispose]())

const commands = [
  ['serve', ['serve', '--port', '0'], /^ready /m],
  ['worker', ['worker', 'test/cli/fixtures/facts.ts'], /takes .* from/],
] as const

test.for(commands)('%s goes on without a terminal, says so, and ends on SIGTERM', async ([, args, ready]) => {
  await using program = startDrover(args, { env: { DROVER_BROKER: testBed.url, DROVER_URL: testBed.url } })
  await program.says(ready)
  program.signal('SIGHUP')
  await program.says(/goes on after SIGHUP/)
  program.signal('SIGTERM')
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
})

test.skipIf(process.platform !== 'linux').for(commands)(
  '%s drains when its terminal hangs up',
  async ([, args, ready]) => {
    const env = { DROVER_BROKER: testBed.url, DROVER_URL: testBed.url }
    const command = `echo pid $$; exec ${process.execPath} cli/main.ts ${args.join(' ')}`
    await using terminal = new Program(['script', '-qec', command, '/dev/null'], { env })
    const [, pid] = await terminal.says(/pid (\d+)/)
    await terminal.says(ready)
    process.kill(Number(pid), 'SIGHUP')
    expect(await terminal.ended).toMatchObject({ code: 0, stdout: expect.not.stringContaining('goes on') })
  },
)
