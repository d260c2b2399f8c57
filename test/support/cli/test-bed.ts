/** A broker in this process and workers of the command line, for tests of the commands that need them. */
import { startEmbedded } from '../brokers/embedded.ts'
import { type Program, startDrover } from './program.ts'

export interface TestBed extends AsyncDisposable {
  readonly url: string
  /** Starts `drover worker` and waits until it takes jobs. It ends with the test bed. */
  worker(name: string, module?: string, env?: Readonly<Record<string, string>>): Promise<Program>
}

/** Starts a broker on a free port. */
export async function startTestBed(): Promise<TestBed> {
  const broker = await startEmbedded()
  const { url } = broker
  const workers: Program[] = []
  return {
    url,
    async worker(name, module = 'examples/tasks/mod.ts', env = {}) {
      const worker = startDrover(['worker', module, '--name', name], { env: { DROVER_URL: url, ...env } })
      workers.push(worker)
      await worker.says(/takes .* from/)
      return worker
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(workers.map(worker => worker[Symbol.asyncDispose]()))
      await broker[Symbol.asyncDispose]()
    },
  }
}
