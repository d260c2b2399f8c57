/** The bridge that is soaked: `drover serve` as an operator starts it, measured from outside. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../support/free-ports.ts'
import { startGuarded } from '../support/processes/guarded.ts'
import { until } from '../support/until.ts'
import { type Inside, openInspector } from './inspector.ts'

/** The state of the bridge at one instant, garbage collected. */
export interface Sample extends Inside {
  readonly rssBytes: number
  /** Open files and sockets. */
  readonly descriptors: number
  readonly threads: number
  readonly metrics: Metrics
}

/** Values by name and labels, such as `drover_bridge_sessions` or `…_total{code="forbidden"}`. */
export type Metrics = ReadonlyMap<string, number>

export interface SoakedBridge extends AsyncDisposable {
  readonly url: string
  readonly secret: string
  /** Lines that it wrote beside its log, such as warnings of its runtime. */
  readonly oddLines: readonly string[]
  log(): string
  sample(): Promise<Sample>
  /** How many objects of each class are alive. It stands still meanwhile. */
  objects(): Promise<Readonly<Record<string, number>>>
  metrics(): Promise<Metrics>
}

const main = fileURLToPath(new URL('../../cli/main.ts', import.meta.url))

/** @param broker its URL with login */
export async function startSoakedBridge(broker: string): Promise<SoakedBridge> {
  await using stack = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'drover-soak-'))
  stack.defer(() => rm(folder, { recursive: true, force: true }))
  const secret = `${crypto.randomUUID()}${crypto.randomUUID()}`
  const [port, metricsPort] = await freePorts(2)
  const oddLines: string[] = []
  let inspectorUrl = ''
  const onLine = (line: string): void => {
    const found = /^Debugger listening on (ws:\S+)/.exec(line)?.[1]
    if (found !== undefined) inspectorUrl = found
    else if (line !== '' && !/^(\{|For help, see|Debugger )/.test(line)) oddLines.push(line)
  }
  let rest = ''
  const bridge = startGuarded(
    [
      ...[process.execPath, '--inspect=127.0.0.1:0', main, 'serve', '--json'],
      ...['--port', `${port}`, '--metrics-port', `${metricsPort}`],
    ],
    {
      env: { DROVER_BROKER: broker, DROVER_SECRET: secret, XDG_STATE_HOME: folder },
      onOutput(said) {
        const lines = (rest + said).split('\n')
        rest = lines.pop() ?? ''
        for (const line of lines) onLine(line)
      },
    },
  )
  stack.defer(() => bridge.end())
  const url = `http://127.0.0.1:${port}`
  await until(
    'the bridge is ready',
    () =>
      fetch(`${url}/ready`).then(
        ({ ok }) => ok,
        () => false,
      ),
    {
      timeoutMs: 60_000,
      evidence: () => bridge.log(),
    },
  )
  const inspector = stack.use(await openInspector(inspectorUrl))
  const metrics = (): Promise<Metrics> => scrape(`http://127.0.0.1:${metricsPort}/metrics`)
  const open = stack.move()
  return {
    url,
    secret,
    oddLines,
    log: () => bridge.log(),
    metrics,
    objects: () => inspector.objects(),
    async sample() {
      const found = await metrics()
      const inside = await inspector.look()
      const { pid } = inside
      const [status, descriptors] = await Promise.all([
        readFile(`/proc/${pid}/status`, 'utf8'),
        readdir(`/proc/${pid}/fd`),
      ])
      const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1])
      const rssBytes = field('VmRSS') * 1024
      return { ...inside, rssBytes, descriptors: descriptors.length, threads: field('Threads'), metrics: found }
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  }
}

/** By a connection that goes at once: one that is kept would be counted. */
async function scrape(url: string): Promise<Metrics> {
  const said = await new Promise<string>((resolve, reject) => {
    get(url, { agent: false }, response => void text(response).then(resolve, reject)).once('error', reject)
  })
  const lines = said.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Map(lines.map(line => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}
