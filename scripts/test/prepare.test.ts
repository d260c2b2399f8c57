import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import type { Need } from './needs.ts'
import { prepare } from './prepare.ts'

const rabbit = (overrides: Partial<Need> = {}): Need => ({
  name: 'rabbitmq',
  title: 'RabbitMQ',
  isThere: async () => false,
  missingPackages: async () => ['rabbitmq-server'],
  command: 'apt-get install rabbitmq-server',
  ...overrides,
})
const becomesThere = (): (() => Promise<boolean>) => {
  let looks = 0
  return async () => looks++ > 0
}

test('a need that is there is neither installed nor downloaded, and nothing is said', async () => {
  const lines: string[] = []
  const never = async (): Promise<never> => expect.unreachable()
  const need = rabbit({ isThere: async () => true, missingPackages: never, fetch: never })
  expect(await prepare(line => lines.push(line), [need], never)).toEqual({})
  expect(lines).toEqual([])
})

test('packages come in one go, each once, and before the download that needs them', async () => {
  const steps: string[] = []
  const fetch = async () => {
    steps.push('download')
    return { isOk: true, output: '' }
  }
  const java = async () => ['java', 'maven']
  const wanted = [
    rabbit({ name: 'classic', isThere: becomesThere(), missingPackages: java, fetch }),
    rabbit({ name: 'artemis', isThere: becomesThere(), missingPackages: java, fetch }),
    rabbit({ isThere: becomesThere() }),
  ]
  const install = async (packages: readonly string[]): Promise<undefined> => void steps.push(packages.join(' '))
  expect(await prepare(() => {}, wanted, install)).toEqual({})
  expect(steps).toEqual(['java maven rabbitmq-server', 'download', 'download'])
})

test('without the right to install, one line says the reason and the command', async () => {
  const lines: string[] = []
  const prepared = await prepare(line => lines.push(line), [rabbit()], null)
  expect(prepared.rabbitmq?.reason).toContain('rabbitmq-server')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/^skipped: RabbitMQ: .*only root.*; to help: apt-get install rabbitmq-server$/)
})

test('an installation or a download that fails gives its last lines as the reason', async () => {
  const lines: string[] = []
  const broken = { isOk: false, output: 'much\nbefore\nno route\nto the registry\n' }
  const wanted = [
    rabbit(),
    rabbit({ name: 'python', title: 'stomp.py', missingPackages: async () => [], fetch: async () => broken }),
  ]
  const prepared = await prepare(
    line => lines.push(line),
    wanted,
    async () => 'no such package',
  )
  expect(prepared.rabbitmq?.reason).toBe('apt-get failed: no such package')
  expect(prepared.python?.reason).toBe('the download failed: no route / to the registry')
})

test('a need that cannot be installed is downloaded where there is another way, and only then', async () => {
  const steps: string[] = []
  const browser = (fetched: { isOk: boolean; output: string }): Need =>
    rabbit({
      name: 'chromium',
      isThere: becomesThere(),
      fetchInstead: async () => {
        steps.push('download')
        return fetched
      },
    })
  const good = { isOk: true, output: '' }
  expect(
    await prepare(
      () => {},
      [browser(good)],
      async () => undefined,
    ),
  ).toEqual({})
  expect(steps).toEqual([])
  expect(await prepare(() => {}, [browser(good)], null)).toEqual({})
  expect(steps).toEqual(['download'])
  const prepared = await prepare(() => {}, [browser({ isOk: false, output: 'no route' })], null)
  expect(prepared.chromium?.reason).toMatch(/only root.*; the download failed: no route$/)
})

test('optional needs go last and each apart, one apt-get at a time, and lacking one is no skip', async () => {
  const lines: string[] = []
  const installs: string[] = []
  const installed: string[] = []
  const need = (name: Need['name'], isOptional: boolean): Need =>
    rabbit({
      name,
      title: name,
      isOptional,
      isThere: async () => installed.includes(name),
      missingPackages: async () => [name],
    })
  const install = async (packages: readonly string[]): Promise<string | undefined> => {
    // Each has one package: the one before has ended
    expect(installs).toHaveLength(installed.length)
    installs.push(packages.join(' '))
    await delay(1)
    installed.push(...packages)
    return packages.includes('ruby') ? 'no such package' : undefined
  }
  const wanted = [need('ruby', true), need('faketime', true), need('rabbitmq', false)]
  const prepared = await prepare(line => lines.push(line), wanted, install)
  expect(installs).toEqual(['rabbitmq', 'ruby', 'faketime'])
  expect(Object.keys(prepared)).toEqual(['ruby'])
  expect(lines.at(-1)).toMatch(/^goes without: ruby/)
})

test('a need that is still not there afterwards is missing', async () => {
  const prepared = await prepare(
    () => {},
    [rabbit()],
    async () => undefined,
  )
  expect(prepared.rabbitmq).toEqual({ reason: 'it is not there', command: 'apt-get install rabbitmq-server' })
})
