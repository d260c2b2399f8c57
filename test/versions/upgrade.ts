/**
 * Runs two versions against each other, and upgrades one to the other with jobs in flight:
 *
 *     node test/versions/upgrade.ts --old FOLDER [--brokers embedded,classic] [--only pairs|upgrades] [--orders bwm,mwb]
 *
 * FOLDER is a checkout of the earlier version with its dependencies. `pairs` is every mixture of a bridge (or none), a
 * worker and a master of the two. `upgrades` begins with the old one and restarts bridge (b), workers (w) and master (m) as
 * the new one, in each order. A line for each, and exit code 1 when a job was lost or had another end than it should.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { mintToken } from '../../bridge/node.ts'
import { unique } from '../support/brokers/shared.ts'
import { type BrokerName, brokerNames, startBroker, type TestBroker } from '../support/brokers/start.ts'
import { freePorts } from '../support/free-ports.ts'
import type { GuardedProcess } from '../support/processes/guarded.ts'
import { until } from '../support/until.ts'
import { grantsOf } from './parts/grants.ts'
import type { MasterPart } from './parts/master.ts'
import { here, linesOf, startPart } from './parts/parts.ts'

const { values } = parseArgs({
  options: {
    old: { type: 'string' },
    brokers: { type: 'string', default: ['inside', ...brokerNames].join(',') },
    only: { type: 'string' },
    orders: { type: 'string', default: 'bwm,bmw,wbm,wmb,mbw,mwb' },
  },
})
if (values.old === undefined) throw new Error('--old is missing; expected the folder of an earlier checkout')
const folders = { old: resolve(values.old), new: here }
type Version = keyof typeof folders
const versions = ['old', 'new'] as const
const secret = 'a secret of two versions, 32 bytes and more'
const tasks = ['old.steps', 'old.flaky', 'old.fragile', 'old.deadly']

interface Outcome {
  type: string
  losses: number
  late: number
  error?: { code: string; message: string }
}

/** One broker (`inside` a bridge, or by itself), and the parts that use it. */
class TestBed {
  readonly #namespace = unique('mixed')
  readonly #broker: TestBroker | undefined
  readonly #folder: string
  #bridge: GuardedProcess | undefined
  #ports: number[] = []
  #workers: GuardedProcess[] = []
  #masters: GuardedProcess[] = []
  #ended: GuardedProcess[] = []

  constructor(broker: TestBroker | undefined, folder: string) {
    this.#broker = broker
    this.#folder = folder
  }

  async bridge(version: Version): Promise<void> {
    await this.#bridge?.end()
    if (this.#ports.length === 0) this.#ports = await freePorts(2)
    const [port = 0, stompPort = 0] = this.#ports
    const broker = this.#broker?.stompUrl ?? 'embedded'
    this.#bridge = await startPart('bridge', folders[version], { port, stompPort, broker, secret })
  }

  /** Drains those of before first. */
  async workers(version: Version): Promise<void> {
    const before = this.#workers.splice(0)
    for (const worker of before) worker.signal('SIGTERM')
    this.#ended.push(...before)
    await Promise.all(before.map(({ ended }) => ended))
    for (const name of ['one', 'two']) await this.worker(version, name)
  }

  async worker(version: Version, name: string): Promise<void> {
    const access = await this.#access(name)
    const settings = { ...access, name, concurrency: 2, tasks, presenceIntervalMs: 500 }
    this.#workers.push(await startPart('worker', folders[version], settings))
  }

  /** Kills the one of before, as a page that is closed. */
  async master(version: Version, dispatch: MasterPart['dispatch'], everyMs = 0): Promise<void> {
    await this.#masters.at(-1)?.end()
    const file = join(this.#folder, 'node.jobs')
    const settings = { ...(await this.#access('ada')), masterId: 'm', file, dispatch, everyMs }
    this.#masters.push(await startPart('master', folders[version], settings))
  }

  /** Of the newest master, once nothing is open there and `count` jobs are known. */
  async outcomes(count: number, timeoutMs: number): Promise<Map<string, Outcome>> {
    const master = this.#masters.at(-1)!
    const outcomes = (): string[] => linesOf(master, 'outcome')
    await until(
      `${count} jobs have ended`,
      () => outcomes().length >= count && linesOf(master, 'open').at(-1) === '0',
      {
        timeoutMs,
      },
    ).catch(() => {})
    return new Map(outcomes().map(line => [line.slice(0, 36), JSON.parse(line.slice(37)) as Outcome]))
  }

  /** Restarts workers that a job has killed. */
  async revive(version: Version): Promise<void> {
    const gone = this.#workers.filter(({ isRunning }) => !isRunning)
    this.#workers = this.#workers.filter(({ isRunning }) => isRunning)
    this.#ended.push(...gone)
    for (const _ of gone) await this.worker(version, 'one')
  }

  get sent(): Set<string> {
    return new Set(this.#masters.flatMap(master => linesOf(master, 'sent')))
  }

  runs(requestId: string): number {
    return [...this.#workers, ...this.#ended].flatMap(one => linesOf(one, 'run')).filter(id => id === requestId).length
  }

  /** The refusals of its newest bridge. */
  get refusals(): string {
    const log = this.#bridge?.log().split('\n') ?? []
    return log.filter(line => /"code"|"pass_misfit"|"refused"/.test(line)).join(' ')
  }

  evidence(): string {
    const parts = {
      bridge: this.#bridge,
      ...Object.fromEntries([...this.#masters, ...this.#workers, ...this.#ended].entries()),
    }
    return Object.entries(parts)
      .map(([name, part]) => `--- ${name}\n${part?.log().slice(-2500) ?? ''}`)
      .join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#masters, ...this.#workers, this.#bridge].map(async part => await part?.end()))
    await rm(this.#folder, { recursive: true, force: true })
  }

  async #access(sub: string): Promise<{ url: string; token?: string; namespace: string }> {
    const namespace = this.#namespace
    if (this.#bridge === undefined) return { url: this.#broker!.stompUrl, namespace }
    const token = await mintToken({ secret, sub, grants: grantsOf(namespace), expiresInMs: 3_600_000 })
    return { url: `ws://127.0.0.1:${this.#ports[0]}/stomp`, token, namespace }
  }
}

const makeTestBed = async (broker: TestBroker | undefined): Promise<TestBed> =>
  new TestBed(broker, await mkdtemp(join(tmpdir(), 'drover-mixed-')))

let failures = 0
function tell(title: string, problems: readonly string[], facts: string, evidence: () => string): void {
  console.log(`${problems.length === 0 ? 'ok  ' : 'FAIL'} ${title}: ${[...problems, facts].join('; ')}`)
  if (problems.length === 0) return
  failures++
  console.log(evidence())
}

async function pair(
  name: string,
  broker: TestBroker | undefined,
  bridge: Version | undefined,
  worker: Version,
  master: Version,
): Promise<void> {
  await using testBed = await makeTestBed(broker)
  if (bridge !== undefined) await testBed.bridge(bridge)
  await testBed.workers(worker)
  const timeoutMs = 40_000
  const wanted = ['result', 'result', 'result', 'answered', 'result', 'error']
  const dispatch = [
    ...Array.from({ length: 3 }, () => ({ task: 'old.steps', input: { ms: 50 }, timeoutMs })),
    { task: 'old.steps', input: { ms: 50 }, timeoutMs: 5_000, toAll: true },
    { task: 'old.flaky', input: { failures: 1 }, timeoutMs },
    { task: 'old.flaky', input: { failures: 3 }, timeoutMs },
  ]
  await testBed.master(master, dispatch, 100)
  const outcomes = await testBed.outcomes(dispatch.length, 45_000)
  await testBed.master(master, [{ task: 'old.fragile', input: {}, timeoutMs }])
  const reviving = setInterval(() => void testBed.revive(worker).catch(() => {}), 500)
  const fragile = [...(await testBed.outcomes(dispatch.length + 1, 45_000))].filter(([id]) => !outcomes.has(id))
  clearInterval(reviving)
  const types = [...outcomes.values()].map(({ type }) => type)
  const problems: string[] = []
  if (types.toSorted().join() !== wanted.toSorted().join()) problems.push(`outcomes were ${types}; expected ${wanted}`)
  if (fragile.map(([, { type }]) => type).join() !== 'result')
    problems.push(`the fragile job: ${JSON.stringify(fragile)}`)
  tell(name, problems, `losses of the fragile job ${fragile.map(([, { losses }]) => losses)}`, () => testBed.evidence())
}

async function upgrade(name: string, broker: TestBroker | undefined, order: string, isBridged: boolean): Promise<void> {
  await using testBed = await makeTestBed(broker)
  if (isBridged) await testBed.bridge('old')
  await testBed.workers('old')
  const batch = (count: number) =>
    Array.from({ length: count }, (_, n) =>
      n % 5 === 4
        ? { task: 'old.flaky', input: { failures: 1, ms: (n * 530) % 3_000 }, timeoutMs: 120_000 }
        : { task: 'old.steps', input: { ms: 100 + ((n * 37) % 300) }, timeoutMs: 120_000 },
    )
  await testBed.master('old', batch(80), 30)
  await delay(1200)
  for (const part of order) {
    if (part === 'b') await testBed.bridge('new')
    if (part === 'w') await testBed.workers('new')
    if (part === 'm') await testBed.master('new', batch(40), 30)
    await delay(600)
  }
  if (!order.includes('m')) throw new Error('an order needs the master, whose end is looked at')
  await until('all is sent', () => testBed.sent.size > 40, { timeoutMs: 10_000 }).catch(() => {})
  await delay(1500)
  const sent = testBed.sent
  const outcomes = await testBed.outcomes(sent.size, 130_000)
  const lost = [...testBed.sent].filter(id => !outcomes.has(id))
  const others = [...outcomes].filter(([, { type }]) => type !== 'result')
  const losses = [...outcomes.values()].reduce((sum, one) => sum + one.losses, 0)
  const late = [...outcomes.values()].reduce((sum, one) => sum + one.late, 0)
  const problems: string[] = []
  if (lost.length > 0) problems.push(`${lost.length} have no outcome: ${lost}`)
  if (others.length > 0) problems.push(`not results: ${JSON.stringify(others.slice(0, 3))} (${others.length})`)
  tell(name, problems, `${outcomes.size} jobs, losses shown ${losses}, late ${late}${testBed.refusals}`, () =>
    testBed.evidence(),
  )
}

for (const brokerName of values.brokers.split(',')) {
  await using broker = brokerName === 'inside' ? undefined : await startBroker(brokerName as BrokerName)
  if (values.only !== 'upgrades') {
    for (const bridge of brokerName === 'inside' ? versions : [undefined, ...versions])
      for (const worker of versions)
        for (const master of versions) {
          if (bridge !== 'old' && worker === 'new' && master === 'new') continue // the subject of every other test
          await pair(
            `${brokerName}, bridge ${bridge ?? 'none'}, worker ${worker}, master ${master}`,
            broker,
            bridge,
            worker,
            master,
          )
        }
  }
  if (values.only === 'pairs') continue
  for (const order of values.orders.split(','))
    await upgrade(`${brokerName}, upgraded in the order ${order}`, broker, order, true)
  if (brokerName === 'inside') continue
  for (const order of ['wm', 'mw'])
    await upgrade(`${brokerName}, without a bridge, in the order ${order}`, broker, order, false)
}
process.exitCode = failures > 0 ? 1 : 0
