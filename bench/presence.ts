/**
 * Presence at scale: workers that beat, and pages that read them through a bridge. How many messages reach the pages, and the
 * CPU time of bridge and broker, beside the same pages while no worker says anything.
 */
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { brokerNames, startBroker, type TestBroker } from '../test/support/brokers/start.ts'
import { fair } from './brokers.ts'
import { cpuMsOf } from './cpu.ts'
import { type Connection, openSession, subscribe } from './load.ts'
import { secret, tokenFor } from './logins.ts'
import { measure } from './measure.ts'
import { type Peer, startPeer } from './peers/peer.ts'
import { type BeatingWorker, startWorker } from './peers/worker.ts'
import { table, whole } from './report.ts'

const workerCount = Number(process.env.WORKERS ?? 10)
const pageCount = Number(process.env.PAGES ?? 50)
const tasks = Array.from({ length: Number(process.env.TASKS ?? 1) }, (_, n) => `bench.${n}`)
const seconds = Number(process.env.MEASURE_S ?? 10)
const intervalMs = Number(process.env.INTERVAL_MS ?? 5_000)
const brokers = brokerNames.filter(name => (process.env.BROKERS ?? 'embedded,classic').split(',').includes(name))

/** The beats of the workers while it is measured. */
const loads = {
  silent: 'no worker beats',
  idle: 'beats in which nothing changes',
  busy: 'beats with other counts each',
} as const
type Load = keyof typeof loads

/** How pages ask for presence, as older masters do or for changes. */
const asks = { 'every beat': {}, changes: { 'drover-presence': 'changes' } } as const
type Ask = keyof typeof asks

interface Arrived {
  frames: number
  bytes: number
}

/** Prints, for each broker, the messages that reach the pages, and the CPU time of all between. */
export async function benchPresence(): Promise<void> {
  const rows = [['', 'messages/s', 'KiB/s', 'CPU of the bridge', 'of the broker']]
  for (const name of brokers) {
    await using broker = await startBroker(name, fair)
    await using bridge = await startPeer('bridge.ts', { UPSTREAM: broker.stompUrl, SECRET: secret })
    const workers: BeatingWorker[] = []
    for (let n = 0; n < workerCount; n++) workers.push(await startWorker(broker.stompUrl, { n, tasks, intervalMs }))
    const become = (load: Load): void => {
      for (const [n, worker] of workers.entries()) worker.become(load, (n * intervalMs) / workerCount)
    }
    for (const ask of Object.keys(asks) as Ask[]) {
      // Who hears every beat is quiet while there is none, and who is told of changes while nothing changes
      const quiet = ask === 'changes' ? 'idle' : 'silent'
      become(quiet)
      const arrived: Arrived = { frames: 0, bytes: 0 }
      const pages = await openPages(bridge.url, arrived, ask)
      await untilQuiet(arrived)
      for (const load of ['silent', 'idle', 'busy'] as const) {
        if (load === 'silent' && quiet === 'idle') continue
        become(load)
        const row = [`${name}, ${ask}: ${loads[load]}`, ...(await figuresOf(broker, bridge, arrived))]
        console.log(row.join('  '))
        rows.push(row)
      }
      for (const page of pages) page.close()
    }
    for (const worker of workers) worker.close()
  }
  table(
    `Presence: ${workerCount} workers that beat each ${intervalMs / 1_000} s for ${tasks.length} tasks, ${pageCount} pages, ${seconds} s each`,
    rows,
  )
}

/** Opens sessions that read presence as masters do, some at a time: a bridge lets few in that have not logged in. */
async function openPages(url: string, arrived: Arrived, ask: Ask): Promise<Connection[]> {
  const passcode = await tokenFor({ dispatch: ['bench.*'] })
  const pages: Connection[] = []
  await measure(async () => void pages.push(await openPage(url, passcode, arrived, ask)), 10, pageCount)
  return pages
}

/** The broker may be busy. */
async function openPageLater(url: string, passcode: string): Promise<Connection> {
  await sleep(2_000)
  return await openSession(url, { passcode })
}

async function openPage(url: string, passcode: string, arrived: Arrived, ask: Ask): Promise<Connection> {
  const page = await openSession(url, { passcode }).catch(() => openPageLater(url, passcode))
  for (const [id, task] of tasks.entries()) {
    await subscribe(page, `/topic/myapp.workers.${task}`, { id: String(id), ack: 'auto', ...asks[ask] })
    if (ask === 'every beat') page.send(`SEND\ndestination:/topic/myapp.control.${task}\n\n{"v":1,"type":"ping"}\0`)
  }
  page.onFrames = (count, { length }) => {
    arrived.frames += count
    arrived.bytes += length
  }
  return page
}

/** Pages ask who is there, and each worker answers for as long as somebody does. It gives up after a minute. */
async function untilQuiet(arrived: Arrived): Promise<void> {
  for (let n = 0; n < 24; n++) {
    const before = arrived.frames
    await sleep(2_500)
    if (arrived.frames === before) return
  }
}

async function figuresOf(broker: TestBroker, bridge: Peer, arrived: Arrived): Promise<string[]> {
  await sleep(intervalMs) // every worker has begun
  const read = async () => ({ ...arrived, bridge: await bridge.cpuMs(), broker: await cpuMsIn(broker.data) })
  const before = await read()
  const since = performance.now()
  await sleep(seconds * 1_000)
  const after = await read()
  const took = (performance.now() - since) / 1_000
  const rate = (what: keyof typeof before): number => (after[what] - before[what]) / took
  const percent = (ms: number): string => `${(ms / 10).toFixed(1)} %`
  return [whole(rate('frames')), whole(rate('bytes') / 1_024), percent(rate('bridge')), percent(rate('broker'))]
}

/** CPU time of the processes that were started with this folder, ms. */
async function cpuMsIn(folder: string): Promise<number> {
  let ms = 0
  for (const pid of await readdir('/proc')) {
    const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
    if (command.includes(folder)) ms += cpuMsOf(Number(pid))
  }
  return ms
}
