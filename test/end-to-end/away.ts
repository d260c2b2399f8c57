/**
 * Masters that are away for long, by hand: stopped, or killed and started again from their files, while their workers stay
 * or are killed and started again. Everything that the workers had is to show. On each broker side by side.
 *
 *     node test/end-to-end/away.ts 600
 *     node test/end-to-end/away.ts 600 bridgeEmbedded bridgeRabbitmq
 *
 * takes seconds (default 75) and set-ups (default each broker by TCP), and writes a line of figures for each master.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { setTimeout as delay } from 'node:timers/promises'
import { setUps } from '../support/system/set-ups.ts'
import { gated } from '../support/system/tasks.ts'
import { until } from '../support/until.ts'
import { type Deployment, deploy } from './deployment.ts'
import type { AwaySettings } from './fixtures/away-master.ts'
import { startMasterProcess } from './master-process.ts'

const awayMs = Number(process.argv[2] ?? 75) * 1000
const program = new URL('fixtures/away-master.ts', import.meta.url)
const names = process.argv.length > 3 ? process.argv.slice(3) : ['embedded', 'classic', 'artemis', 'rabbitmq']
const chosen = Object.entries(setUps).flatMap(([name, setUp]) => (names.includes(name) ? [setUp] : []))
const cases = (['stopped', 'killed'] as const).flatMap(how =>
  (['stays', 'is killed'] as const).map(worker => ({ how, worker })),
)
let isFine = true
// One after the other until all are away: the start takes the time
const away: Promise<void>[] = []
await using stack = new AsyncDisposableStack()
for (const setUp of chosen) {
  const deployment = stack.use(await deploy(setUp, { ownBroker: true }))
  for (const each of cases) away.push((await goAway(deployment, each))())
}
await Promise.all(away)
process.exitCode = isFine ? 0 : 1

/** Resolves once the master is away. @returns the rest */
async function goAway(deployment: Deployment, { how, worker }: (typeof cases)[number]): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'drover-away-'))
  const gates = { soon: join(folder, 'soon'), late: join(folder, 'late'), after: join(folder, 'after') }
  const environment = deployment.environment()
  const start = () => environment.worker('node', 'one', { tasks: [gated.name], concurrency: 12 })
  let running = await start()
  const settings: AwaySettings = { ...(await environment.masterAccess()), masterId: 'away', file: join(folder, 'jobs') }
  let master = startMasterProcess({ ...settings, gates } as AwaySettings, { program })
  await master.line('running')
  if (how === 'stopped') master.signal('SIGSTOP')
  else await master.kill()
  return async () => {
    await writeFile(gates.soon, '')
    const ends = () => running.log().match(/^end /gm)?.length ?? 0
    await until('the first jobs ended', () => ends() === 7, { evidence: () => running.log() })
    await delay(awayMs / 3)
    if (worker === 'is killed') {
      await running.kill()
      running = await start()
    }
    await delay(awayMs / 3)
    await writeFile(gates.late, '')
    await delay(awayMs / 3)
    const backAt = performance.now()
    if (how === 'stopped') master.signal('SIGCONT')
    else master = startMasterProcess(settings, { program })
    const lines = () => master.log().match(/^outcome .*$/gm) ?? []
    const shown = await until('it shows all that has ended', () => lines().length >= 10, { timeoutMs: 120_000 }).then(
      () => Math.round(performance.now() - backAt),
      () => Number.NaN,
    )
    await writeFile(gates.after, '')
    await until('it shows the last', () => lines().length >= 11, { timeoutMs: 30_000 }).catch(() => {})
    const results = lines().filter(line => /^outcome \w+ (queue result|topic answered) /.test(line))
    const losses = lines().filter(line => line.split(' ')[4] !== '0')
    if (results.length !== 11) isFine = false
    const others = lines().filter(line => !results.includes(line))
    const where = `${deployment.setUp.name}: master ${how}, worker ${worker}`
    console.log(
      `${where}: ${results.length} of 11 results, the first ten ${shown} ms after it was back; ` +
        `${losses.length} with losses${others.length === 0 ? '' : `; ${others.join(', ')}`}`,
    )
    if (results.length !== 11) console.log(`${master.log().slice(-2000)}\n---\n${running.log().slice(-2000)}`)
    await Promise.all([master.kill(), running.kill()])
    await rm(folder, { recursive: true, force: true })
  }
}
