/** The embedded broker in memory and with a store, by turns; and how it is with many messages that wait. */
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startBroker } from '../test/support/brokers/start.ts'
import { acknowledge, openSession, sendFrame, subscribe } from './load.ts'
import { median, ratio, table, whole } from './report.ts'

const rounds = Number(process.env.ROUNDS ?? 3)
const messages = Number(process.env.MESSAGES ?? 4_000)
const waiting = (process.env.WAITING ?? '100000,1000000').split(',').map(Number)
const user = { login: 'foo', passcode: 'bar' }
const destination = '/queue/myapp.tasks.bench'

interface Figures {
  readonly aSecond: number
  readonly medianMs: number
}

/** SENDs of 1 KiB with a receipt, `window` of them unconfirmed at the most, to a reader that acknowledges each. */
async function measure(url: string, window: number, count: number): Promise<Figures> {
  const [sender, reader] = [await openSession(url, user), await openSession(url, user)]
  await subscribe(reader, destination, { ack: 'client-individual', 'prefetch-count': '1000' })
  const acks = acknowledge(bytes => reader.send(bytes))
  reader.onFrames = (_, bytes) => acks(bytes)
  const frame = sendFrame(destination, 1_024, { persistent: 'true', receipt: 'r' })
  const sentAt: number[] = []
  const took: number[] = []
  const { promise, resolve } = Promise.withResolvers<void>()
  const send = (): void => {
    sentAt.push(performance.now())
    sender.send(frame)
  }
  sender.onFrames = receipts => {
    for (let n = 0; n < receipts; n++) {
      took.push(performance.now() - sentAt[took.length]!)
      if (sentAt.length < count) send()
    }
    if (took.length >= count) resolve()
  }
  const startedAt = performance.now()
  for (let n = 0; n < window; n++) send()
  await promise
  const seconds = (performance.now() - startedAt) / 1000
  sender.close()
  reader.close()
  return { aSecond: count / seconds, medianMs: median(took) }
}

async function benchReceipts(folder: string): Promise<void> {
  await using memory = await startBroker('embedded')
  await using disk = await startBroker('embedded', { env: { DATA: join(folder, 'speed.db') } })
  const rows = [['in flight', 'memory messages/s', 'disk messages/s', 'ratio', 'memory p50 ms', 'disk p50 ms']]
  for (const window of [1, 32, 256]) {
    const count = window === 1 ? messages / 8 : messages
    const [inMemory, onDisk]: [Figures[], Figures[]] = [[], []]
    for (let round = 0; round < rounds; round++) {
      inMemory.push(await measure(memory.stompUrl, window, count))
      onDisk.push(await measure(disk.stompUrl, window, count))
    }
    const middle = (figures: Figures[], of: keyof Figures): number => median(figures.map(one => one[of]))
    const ratios = onDisk.map(({ aSecond }, round) => aSecond / inMemory[round]!.aSecond)
    rows.push([
      String(window),
      ...[inMemory, onDisk].map(figures => whole(middle(figures, 'aSecond'))),
      ratio(median(ratios)),
      ...[inMemory, onDisk].map(figures => ratio(middle(figures, 'medianMs'))),
    ])
  }
  table(`SENDs of 1 KiB with receipts, median of ${rounds} rounds by turns; load ${loadavg()[0]!.toFixed(1)}`, rows)
}

/** In processes of their own, beside one that holds nothing. */
async function benchWaiting(folder: string): Promise<void> {
  const run = (what: string, file: string, count: number) => {
    const script = fileURLToPath(new URL('waiting.ts', import.meta.url))
    const args = ['--expose-gc', script, what, file, String(count)]
    return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as {
      readonly loadedMs: number
      readonly tookMs: number
      readonly waiting: number
      readonly rssMiB: number
    }
  }
  const empty = run('fill', join(folder, 'empty.db'), 0)
  const rows = [['', 'messages', 'ms', 'resident MiB', 'more than empty', 'file MiB']]
  for (const count of waiting) {
    const file = join(folder, `${count}.db`)
    const [filled, loaded] = [run('fill', file, count), run('load', file, count)]
    const fileMiB = whole((await stat(file)).size / 1_048_576)
    for (const [what, figures, ms, size] of [
      ['filled', filled, filled.tookMs, ''],
      ['loaded', loaded, loaded.loadedMs, fileMiB],
    ] as const) {
      const { rssMiB } = figures
      rows.push([what, whole(figures.waiting), whole(ms), whole(rssMiB), whole(rssMiB - empty.rssMiB), size])
    }
    await rm(file)
  }
  table(`Messages of 1 KiB that wait; load ${loadavg()[0]!.toFixed(1)}`, rows)
}

export async function benchStore(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-bench-'))
  try {
    await benchReceipts(folder)
    await benchWaiting(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
