/** The parts of a version at work, each with a tap on its line. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Master } from '../../shared/master/mod.ts'
import { freePorts } from '../support/free-ports.ts'
import type { GuardedProcess } from '../support/processes/guarded.ts'
import { connectRaw, type RawStomp } from '../support/raw-stomp.ts'
import { moduleOf } from './parts/checkout.ts'
import { grantsOf } from './parts/grants.ts'
import { startPart } from './parts/parts.ts'
import { startTap, type Tap, type Told } from './tap.ts'

/** Of its bridge, and so of the passes that are recorded. */
export const secret = 'a secret of recorded bridges, 32 bytes and more'

export interface TestBed extends AsyncDisposable {
  readonly folder: string
  /** The lines since somebody emptied it. */
  readonly told: Told[]
  readonly master: Master
  /** Where its jobs are kept. */
  readonly file: string
  readonly toMaster: Tap
  worker(): Promise<GuardedProcess>
  /** A program without Drover, on the broker itself. @param who names it */
  plain(who: string): Promise<RawStomp>
}

/**
 * @param folder the checkout
 * @param broker its url
 * @param isBridged whether master and workers are behind a bridge
 */
export async function startTestBed(folder: string, broker: string, isBridged: boolean): Promise<TestBed> {
  await using stack = new AsyncDisposableStack()
  const told: Told[] = []
  const tap = async (url: string, who: string, within = stack): Promise<Tap> =>
    within.use(await startTap(url, who, one => told.push(one)))
  let url = broker
  if (isBridged) {
    const [port = 0, stompPort = 0] = await freePorts(2)
    const settings = { port, stompPort, broker: (await tap(broker, 'bridge')).url, secret }
    const bridge = await startPart('bridge', folder, settings)
    stack.defer(() => bridge.end())
    url = `ws://127.0.0.1:${port}/stomp`
  }
  const tokenOf = async (sub: string): Promise<string | undefined> => {
    if (!isBridged) return undefined
    const { mintToken } = await moduleOf(folder, 'bridge/node.ts')
    return await mintToken({ secret, sub, grants: grantsOf('myapp'), expiresInMs: 86_400_000 })
  }
  const kept = await mkdtemp(join(tmpdir(), 'drover-recorded-'))
  stack.defer(() => rm(kept, { recursive: true, force: true }))
  const file = join(kept, 'node.jobs')
  const toMaster = await tap(url, 'master')
  const toWorker = await tap(url, 'worker')
  const { fileStorage, startMaster } = await moduleOf(folder, 'shared/master/node.ts')
  const masterToken = await tokenOf('ada')
  const workerToken = await tokenOf('one')
  const master = stack.use(
    await startMaster({
      url: toMaster.url,
      namespace: 'myapp',
      masterId: 'm',
      storage: fileStorage(file),
      ...(masterToken === undefined ? {} : { token: () => masterToken }),
    }),
  )
  const open = stack.move()
  return {
    folder,
    told,
    master,
    file,
    toMaster,
    async worker() {
      const tasks = ['old.steps', 'old.flaky', 'old.deadly', 'old.fragile', 'old.large']
      const settings = { url: toWorker.url, token: workerToken, namespace: 'myapp', name: 'one', tasks }
      const worker = await startPart('worker', folder, settings)
      open.defer(() => worker.end())
      return worker
    },
    plain: async who => open.use(await connectRaw((await tap(broker, who, open)).url)),
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}
