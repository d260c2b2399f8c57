/** The environment that the tests of one file share: a Node worker, a Deno worker and a master of this process. */
import type { Master } from 'drover/master'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Environment } from '../support/system/environment.ts'
import type { SetUp } from '../support/system/set-ups.ts'
import type { WorkerProcess } from '../support/system/worker-process.ts'
import { type Deployment, deploy } from './deployment.ts'

export interface TestBed {
  readonly deployment: Deployment
  readonly environment: Environment
  /** Concurrency 1, as `deno`; a worker's name is its runtime. */
  readonly node: WorkerProcess
  readonly deno: WorkerProcess
  readonly master: Master
}

/** Gives the test bed to a test; there is none before the tests begin. */
export type CurrentTestBed = () => TestBed

/** Starts the test bed before the tests of this file and ends it after them; a test that fails shows the logs. */
export function setUpTestBed(setUp: SetUp): CurrentTestBed {
  const open = new AsyncDisposableStack()
  let testBed: TestBed
  beforeAll(async () => {
    const deployment = open.use(await deploy(setUp))
    const environment = deployment.environment()
    const [node, deno, master] = await Promise.all([
      environment.worker('node', 'node'),
      environment.worker('deno', 'deno'),
      environment.master(),
    ])
    open.use(node)
    open.use(deno)
    open.use(master)
    testBed = { deployment, environment, node, deno, master }
  })
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => console.error(testBed?.deployment.evidence()))
  })
  afterAll(() => open.disposeAsync())
  return () => testBed
}
