/**
 * A whole job, with a retry, over an embedded broker whose disk fails, stalls or loses power at each of its commits in turn. Promise
 * 1: it ends once, with its own outcome, and no queue holds anything of it afterwards.
 */
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { listenTcp } from '../../bridge/node/tcp.ts'
import { createEmbeddedBroker, type EmbeddedBroker } from '../../broker/mod.ts'
import { FakeDisk } from '../../broker/store/testing.ts'
import type { Accept, ByteLink } from '../../shared/frames/byte-link.ts'
import { startMaster } from '../../shared/master/node.ts'
import { defineTask, implement, startWorker } from '../../worker/node.ts'
import { until, within } from '../support/until.ts'

const task = defineTask('commits.task', { input: z.object({}), output: z.string(), attempts: 2, retryDelayMs: 600 })

/** A broker on a machine that can lose power. Then all is gone that was not flushed, and nobody hears anything more of it. */
class Machine implements AsyncDisposable {
  disk = new FakeDisk()
  port = 0
  broker: EmbeddedBroker = createEmbeddedBroker({ store: this.disk })
  readonly #links = new Set<ByteLink>()
  readonly #ended: AsyncDisposable[] = []
  #close = async (): Promise<void> => {}

  async start(): Promise<this> {
    const accept: Accept = link => {
      this.#links.add(link)
      const { broker } = this
      // Of a machine without power no word leaves
      const own = new Proxy(link, {
        get: (target, name) => {
          if (name === 'send' && broker !== this.broker) return () => {}
          const value: unknown = Reflect.get(target, name, target)
          return typeof value === 'function' ? value.bind(target) : value
        },
      })
      return broker.accept(own)
    }
    const { port, close } = await listenTcp({ port: 0, accept })
    this.port = port
    this.#close = close
    return this
  }

  losePower(): void {
    const [before, disk] = [this.broker, this.disk]
    this.disk = disk.afterPowerLoss()
    this.broker = createEmbeddedBroker({ store: this.disk })
    for (const link of this.#links) link.close()
    this.#links.clear()
    disk.goOn()
    this.#ended.push(before)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#close()
    for (const one of [this.broker, ...this.#ended]) await one[Symbol.asyncDispose]()
  }
}

/** A job from its dispatch to its outcome, with a disk that something happens to as it begins its n-th write from there. */
async function life(at: number, fault: (machine: Machine) => void) {
  await using machine = await new Machine().start()
  const address = { url: `stomp://foo:bar@127.0.0.1:${machine.port}`, namespace: 'myapp.commits' }
  let runs = 0
  const run = implement(task, (_, { attempt }) => {
    runs++
    if (attempt === 1) throw new Error('the first attempt fails')
    return 'done'
  })
  await using _ = await startWorker({ ...address, signals: false, tasks: [run] })
  await using master = await startMaster(address)
  await until('the first writes are over', () => machine.broker.stats().subscriptions >= 4)
  const before = machine.disk.writes
  let isStruck = false
  machine.disk.onWrite = write => {
    if (isStruck || write !== before + at) return
    isStruck = true
    fault(machine)
  }
  const job = master.dispatch(task, {})
  const outcome = await within(`the job ends with a fault at write ${at}`, job.outcome, {
    evidence: () => JSON.stringify([runs, job.snapshot, machine.broker.stats()]),
  })
  const left = (): number =>
    machine.broker.stats().queues.reduce((sum, { waiting, pending }) => sum + waiting + pending, 0)
  await until('no queue holds anything', () => left() === 0)
  await until('nothing is kept', () => machine.disk.rows.size === 0)
  return { outcome, runs, isStruck, writes: machine.disk.writes - before }
}

const faults: Readonly<Record<string, (machine: Machine) => void>> = {
  'fails, and nothing of it is there': ({ disk }) => fail(disk),
  'fails, and it is there all the same': ({ disk }) => {
    disk.isThereAnyway = true
    fail(disk)
  },
  'stands still for a while': ({ disk }) => {
    disk.standStill()
    void wait(1_500).then(() => disk.goOn())
  },
  'loses power at once': machine => loseAfter(machine, 0),
  // By then those who wait for no write have sent all that they had, such as replies
  'loses power before it is flushed': machine => loseAfter(machine, 250),
}

function loseAfter(machine: Machine, ms: number): void {
  machine.disk.standStill()
  void wait(ms).then(() => machine.losePower())
}

function fail(disk: FakeDisk): void {
  disk.failure = new Error('disk I/O error')
  void wait(100).then(() => {
    disk.failure = undefined
  })
}

test('a job of two attempts takes some commits, none of which fails', async () => {
  const { outcome, runs, writes } = await life(1, () => {})
  expect([outcome, runs]).toEqual([expect.objectContaining({ type: 'result', output: 'done' }), 2])
  expect(writes).toBeGreaterThanOrEqual(4)
})

test.for(Object.keys(faults))(
  'at whichever of its commits the disk %s, a job ends once, by its own outcome',
  { timeout: 90_000 },
  async name => {
    const lives = await Promise.all([1, 2, 3, 4, 5].map(at => life(at, faults[name]!)))
    expect(lives.map(({ outcome }) => outcome)).toEqual(
      lives.map(() => expect.objectContaining({ type: 'result', output: 'done' })),
    )
    expect(lives.slice(0, 4).map(({ isStruck }) => isStruck)).toEqual([true, true, true, true])
    // Each loss may have cut off one run of either attempt
    expect(Math.max(...lives.map(({ runs }) => runs))).toBeLessThanOrEqual(4)
  },
)
