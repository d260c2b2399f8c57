/**
 * BullMQ on Redis, to be measured beside the brokers. Redis is Debian's. BullMQ is in a folder of the cache and is no dependency of
 * the package, since nothing but this bench needs its 20 MB.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { canInstall, installPackages } from '../scripts/test/apt.ts'
import { run } from '../scripts/test/commands.ts'
import { isOnPath } from '../scripts/test/on-path.ts'
import { cacheFolder } from '../scripts/test/prepared.ts'
import { freePorts } from '../test/support/free-ports.ts'
import { startGuarded } from '../test/support/processes/guarded.ts'

const packages = ['bullmq@6.7.0', 'ioredis@5.11.1'] as const
const startMs = 10_000

/** The folder in which BullMQ is installed. */
export const bullFolder: string = join(cacheFolder, packages.join('-').replaceAll('@', '-'))

/** Installs the parts that are not there. @returns why it cannot */
export async function prepareBull(): Promise<string | undefined> {
  if (!isOnPath('redis-server')) {
    if (!canInstall) return 'redis-server is not there: apt-get install redis-server'
    const failure = await installPackages(['redis-server'])
    if (failure !== undefined) return `redis-server is not there, and apt-get failed: ${failure}`
  }
  if (existsSync(bullFolder)) return undefined
  const part = `${bullFolder}.${process.pid}`
  await mkdir(part, { recursive: true })
  await writeFile(join(part, 'package.json'), '{ "private": true }')
  const { isOk, output } = await run(
    ['npm', 'install', '--save-exact', '--ignore-scripts', '--no-audit', '--no-fund', ...packages],
    { cwd: part },
  )
  if (isOk) await rename(part, bullFolder)
  else await rm(part, { recursive: true, force: true })
  return isOk ? undefined : `npm could not install ${packages.join(' and ')}: ${output.slice(-300)}`
}

export interface Redis extends AsyncDisposable {
  readonly port: number
}

/** Starts Redis with a log of its own, which it writes to disk each second (`appendfsync everysec`). */
export async function startRedis(): Promise<Redis> {
  const [port = 0] = await freePorts(1)
  const folder = await mkdtemp(join(tmpdir(), 'drover-redis-'))
  const log = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '']
  const at = ['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder]
  const running = startGuarded(['redis-server', ...at, ...log])
  const dispose = async (): Promise<void> => {
    await running.end()
    await rm(folder, { recursive: true, force: true })
  }
  for (const startedAt = performance.now(); !(await takes(port)); await delay(50)) {
    if (running.isRunning && performance.now() - startedAt < startMs) continue
    await dispose()
    throw new Error(`Redis did not start. The end of its log:\n${running.log().slice(-2_000)}`)
  }
  return { port, [Symbol.asyncDispose]: dispose }
}

function takes(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({ port, host: '127.0.0.1' })
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  return promise.finally(() => socket.destroy())
}
