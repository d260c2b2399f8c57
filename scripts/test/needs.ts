/** The needs of the tests from outside npm: how to see that each is there, and how to get it. */
import { rename, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { fetchChromium, findWholeChromium, hasHeadlessShell } from './chromium.ts'
import { type Ran, run } from './commands.ts'
import { canFakeTime } from './faketime.ts'
import { isExecutable, isOnPath } from './on-path.ts'
import { cacheFolder, type NeedName, pythonPackages, pythonPath } from './prepared.ts'

export interface Need {
  name: NeedName
  /** For people: the name of the thing that is fetched or installed. */
  title: string
  /** Not having it is neither a skip nor a failure. */
  isOptional?: boolean
  /** True when the tests can use it now. */
  isThere(): Promise<boolean>
  /** Debian packages that are missing for it, empty when the system has all. */
  missingPackages(): Promise<readonly string[]>
  /** Gets a part that no package brings. */
  fetch?(): Promise<Ran>
  /** Another way, for where the packages cannot be installed. */
  fetchInstead?(): Promise<Ran>
  /** The command that a person would run. */
  command: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))
const leastJava = 17

async function hasJava(): Promise<boolean> {
  const { output } = await run(['java', '-version'])
  const major = /version "(\d+)/.exec(output)?.[1]
  return Number(major) >= leastJava
}

async function missingJava(): Promise<readonly string[]> {
  return [...((await hasJava()) ? [] : ['default-jre-headless']), ...(isOnPath('mvn') ? [] : ['maven'])]
}

const homeOf = (broker: 'classic' | 'artemis'): string => `${root}test/support/brokers/${broker}/home`

function javaBroker(name: 'classic' | 'artemis', title: string): Need {
  return {
    name,
    title,
    isThere: async () => (await hasJava()) && (await run([homeOf(name), '--if-present'])).isOk,
    missingPackages: missingJava,
    fetch: () => run([homeOf(name)]),
    command: `install Java ${leastJava} or newer and Maven, then run test/support/brokers/${name}/home`,
  }
}

async function fetchPython(): Promise<Ran> {
  const part = `${cacheFolder}/python.${process.pid}`
  const install = ['install', '--quiet', '--no-warn-script-location', '--target', part, ...pythonPackages]
  const ran = await run(['python3', '-m', 'pip', ...install])
  if (!ran.isOk) {
    await rm(part, { recursive: true, force: true })
    return ran
  }
  await rm(pythonPath, { recursive: true, force: true })
  await rename(part, pythonPath)
  return ran
}

async function missingPython(): Promise<readonly string[]> {
  if (!isOnPath('python3')) return ['python3', 'python3-pip']
  return (await run(['python3', '-m', 'pip', '--version'])).isOk ? [] : ['python3-pip']
}

/** A program of a Debian package of its name, or of another. */
const packaged = (name: NeedName, title: string, packageName: string = name, program: string = name): Need => ({
  name,
  title,
  isThere: async () => isOnPath(program),
  missingPackages: async () => (isOnPath(program) ? [] : [packageName]),
  command: `apt-get install ${packageName}`,
})

const hasRabbit = (): boolean => isExecutable('/usr/lib/rabbitmq/bin/rabbitmq-server') && isOnPath('epmd')
const hasRuby = async (): Promise<boolean> => (await run(['ruby', '-rstomp', '-e', ''])).isOk

/** In the order in which they are reported. */
export const needs: readonly Need[] = [
  javaBroker('classic', 'ActiveMQ Classic'),
  javaBroker('artemis', 'ActiveMQ Artemis'),
  {
    name: 'rabbitmq',
    title: 'RabbitMQ',
    isThere: async () => hasRabbit(),
    missingPackages: async () => (hasRabbit() ? [] : ['rabbitmq-server']),
    command: 'apt-get install rabbitmq-server',
  },
  {
    name: 'python',
    title: 'stomp.py, jwcrypto and kubernetes-validate for Python',
    isThere: async () =>
      (await run(['python3', '-c', 'import stomp, jwcrypto, kubernetes_validate'], { env: { PYTHONPATH: pythonPath } }))
        .isOk,
    missingPackages: missingPython,
    fetch: fetchPython,
    command: `python3 -m pip install --target ${pythonPath} ${pythonPackages.join(' ')}`,
  },
  {
    name: 'ruby',
    title: 'stomp for Ruby',
    isOptional: true,
    isThere: hasRuby,
    missingPackages: async () => ['ruby-stomp'],
    command: 'apt-get install ruby-stomp',
  },
  {
    name: 'deno',
    title: 'Deno',
    isThere: async () => (await run(['deno', '--version'])).isOk,
    missingPackages: async () => [],
    command: 'npm ci --include=dev',
  },
  {
    name: 'chromium',
    title: 'Chromium',
    isThere: async () => (await run([findWholeChromium() ?? 'chromium', '--version'])).isOk,
    missingPackages: async () => ['chromium'],
    fetchInstead: fetchChromium,
    command: 'apt-get install chromium, or set DROVER_CHROMIUM to one',
  },
  packaged('nginx', 'nginx', 'nginx-light'),
  packaged('caddy', 'Caddy'),
  packaged('systemd', "systemd's check of units", 'systemd', 'systemd-analyze'),
  {
    name: 'headless-shell',
    title: "Chromium's headless shell",
    isOptional: true,
    isThere: async () => hasHeadlessShell(),
    missingPackages: async () => ['chromium-headless-shell'],
    command: 'apt-get install chromium-headless-shell',
  },
  {
    name: 'faketime',
    title: 'libfaketime',
    isOptional: true,
    isThere: canFakeTime,
    missingPackages: async () => ['libfaketime'],
    command: 'apt-get install libfaketime',
  },
]
