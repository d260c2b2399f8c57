/** The programs of examples/plain-stomp, both ways round: their masters with our workers, our masters with their workers. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Prepared, pythonPath, readPrepared } from '../../scripts/test/prepared.ts'
import { startMaster } from '../../shared/master/node.ts'
import { sharedBroker } from '../support/brokers/shared.ts'
import type { BrokerName } from '../support/brokers/start.ts'
import { jsonLines, Program, startDrover } from '../support/cli/program.ts'
import { startTestBed } from '../support/cli/test-bed.ts'

interface TestBed extends AsyncDisposable {
  readonly url: string
}

const missing = readPrepared()
/** On the brokers of the run: nobody else's tests use the namespace `myapp` with one shared reply queue. */
const shared = (name: BrokerName) => async (): Promise<TestBed> => ({
  url: (await sharedBroker(name)).stompUrl,
  async [Symbol.asyncDispose]() {},
})
const testBeds: readonly { name: BrokerName; start(): Promise<TestBed> }[] = [
  { name: 'embedded', start: startTestBed },
  { name: 'classic', start: shared('classic') },
  { name: 'rabbitmq', start: shared('rabbitmq') },
]
const languages: readonly { name: keyof Prepared; program: string; suffix: string }[] = [
  { name: 'python', program: 'python3', suffix: 'py' },
  { name: 'ruby', program: 'ruby', suffix: 'rb' },
]
const isMissing = (name: string): boolean => Object.hasOwn(missing, name)

for (const { name: broker, start } of testBeds) {
  describe.skipIf(isMissing(broker))(`on ${broker}`, () => {
    let testBed: TestBed
    const programs: Program[] = []

    const keep = (program: Program): Program => {
      programs.push(program)
      return program
    }
    const plain = (file: string, language: (typeof languages)[number], args: readonly string[] = []): Program => {
      const env = { STOMP_HOST: '127.0.0.1', STOMP_PORT: new URL(testBed.url).port, PYTHONPATH: pythonPath }
      return keep(new Program([language.program, `examples/plain-stomp/${file}.${language.suffix}`, ...args], { env }))
    }

    beforeAll(async () => {
      testBed = await start()
      const worker = ['worker', 'examples/tasks/mod.ts', '--name', 'ours']
      await keep(startDrover(worker, { env: { DROVER_URL: testBed.url } })).says(/takes .* from/)
    })
    afterAll(async () => {
      await Promise.all(programs.map(program => program[Symbol.asyncDispose]()))
      await testBed[Symbol.asyncDispose]()
    })

    for (const language of languages) {
      // Ruby is not everywhere: without it these are left out, and not skipped, which would fail in CI.
      if (language.name === 'ruby' && isMissing('ruby')) continue
      describe.skipIf(isMissing(language.name))(`in ${language.name}`, () => {
        test('their master gives a job to our worker and reads the result from the shared reply queue', async () => {
          const input = '{"path":"pictures/noon.png","width":64}'
          const { code, stdout, stderr } = await plain('master', language, ['image.thumbnail', input]).ended
          expect([code, stderr]).toEqual([0, ''])
          const replies = jsonLines(stdout)
          expect(replies.at(-1)).toMatchObject({ type: 'result', output: { width: 64, height: 48 } })
        })

        test('their master asks every worker of ours', async () => {
          const { code, stdout } = await plain('master', language, ['--all', 'host.facts']).ended
          const results = jsonLines(stdout).filter(reply => reply.type === 'result')
          expect([code, typeof results[0]?.output.hostname]).toEqual([0, 'string'])
        })

        test('their master is told the faults of its input', async () => {
          const { stdout } = await plain('master', language, ['image.thumbnail', '{"path":7}']).ended
          expect(jsonLines(stdout).at(-1)).toMatchObject({ type: 'rejected', issues: [{ path: 'path' }] })
        })

        test('our masters, with a reply queue of their own and with the shared one, get answers of their worker', async () => {
          await using worker = plain('worker', language)
          await worker.says(/waiting for jobs of text\.count/)
          for (const replyQueue of ['own', 'single'] as const) {
            await using master = await startMaster({ url: testBed.url, replyQueue })
            const job = master.dispatch('text.count', { text: 'drei kurze Wörter' })
            const outcome = await job.outcome
            expect(outcome).toMatchObject({
              type: 'result',
              output: { words: 3, characters: 17 },
              name: `plain-${language.name}`,
            })
            const refused = await master.dispatch('text.count', { words: 1 }).outcome
            expect(refused).toMatchObject({ type: 'rejected', issues: [{ path: 'text' }] })
          }
        })

        test('our master broadcasts and their worker joins in by accepting', async () => {
          await using worker = plain('worker', language)
          await worker.says(/waiting for jobs of text\.count/)
          await using master = await startMaster({ url: testBed.url })
          const broadcast = master.broadcast(
            'text.count',
            { text: 'two words' },
            { until: { count: 1 }, timeoutMs: 10_000 },
          )
          expect(await broadcast.done).toMatchObject({
            type: 'answered',
            outcomes: [{ output: { words: 2 } }],
            missing: [],
          })
        })
      })
    }
  })
}
