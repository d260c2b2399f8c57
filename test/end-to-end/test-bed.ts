/** What the tests of one file share: one place with a Node worker, a Deno worker and a master of this process. */
import type { Master } from 'drover/master'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { Place } from '../support/system/environment.ts'
import type { SetUp } from '../support/system/set-ups.ts'
import type { WorkerProcess } from '../support/system/worker-process.ts'
import { type Ground, layGround } from './deployment.ts'

export interface Stage {
  readonly ground: Ground
  readonly place: Place
  /** Concurrency 1, as `deno`; a worker's name is its runtime. */
  readonly node: WorkerProcess
  readonly deno: WorkerProcess
  readonly master: Master
}

/** Gives the stage to a test; there is none before the tests begin. */
export type OnStage = () => Stage

/** Sets the stage before the tests of this file and clears it away after them; a test that fails shows the logs. */
export function setStage(setUp: SetUp): OnStage {
  const open = new AsyncDisposableStack()
  let stage: Stage
  beforeAll(async () => {
    const ground = open.use(await layGround(setUp))
    const place = ground.place()
    const [node, deno, master] = await Promise.all([
      place.worker('node', 'node'),
      place.worker('deno', 'deno'),
      place.master(),
    ])
    open.use(node)
    open.use(deno)
    open.use(master)
    stage = { ground, place, node, deno, master }
  })
  beforeEach(({ onTestFailed }) => {
    onTestFailed(() => console.error(stage?.ground.evidence()))
  })
  afterAll(() => open.disposeAsync())
  return () => stage
}
