import { afterAll, beforeAll, expect, test } from 'vitest'
import { listenTcp } from '../../bridge/node/tcp.ts'
import { createEmbeddedBroker } from '../../broker/mod.ts'
import { findDeno } from '../../cli/executables.ts'
import { readPrepared } from '../../scripts/test/prepared.ts'
import { sharedBroker } from '../support/brokers/shared.ts'
import { drover, jsonLines, Program, startDrover } from '../support/cli/program.ts'
import { freePorts } from '../support/free-ports.ts'
import { isListening, untilGone } from './alive.ts'

interface Dev extends AsyncDisposable {
  readonly program: Program
  readonly port: number
  readonly stompPort: number
  readonly env: Record<string, string>
  readonly link: URL
}

/** Starts `drover dev` on free ports and waits for `ready`. */
async function startDev(extra: Record<string, string> = {}, start = startDrover, args: string[] = []): Promise<Dev> {
  const [port = 0, stompPort = 0] = await freePorts(2)
  const env = { PORT: `${port}`, STOMP_PORT: `${stompPort}`, ...extra }
  const program = start(['dev', ...args], { env })
  try {
    const [, link = ''] = await program.says(/^ready (\S+)$/m, 60_000)
    const dispose = () => program[Symbol.asyncDispose]()
    return { program, port, stompPort, env, link: new URL(link), [Symbol.asyncDispose]: dispose }
  } catch (error) {
    await program[Symbol.asyncDispose]()
    throw error
  }
}

/** The workers' process ids, as they tell them. */
async function workerPids(env: Record<string, string>): Promise<number[]> {
  const { stdout } = await drover(['dispatch', 'host.facts', '--broadcast'], { env })
  return jsonLines(stdout).flatMap(line => (line.type === 'result' ? [line.output.pid as number] : []))
}

let dev: Dev
beforeAll(async () => {
  dev = await startDev({}, startDrover, ['--origin', 'http://localhost:5173'])
})
afterAll(() => dev[Symbol.asyncDispose]())

test('each line names its process, and nothing is coloured in a pipe', () => {
  expect(dev.program.stdout).toMatch(/^broker +embedded, on stomp:\/\/127\.0\.0\.1:/m)
  expect(dev.program.stdout).toMatch(/^bridge +listening on http:\/\/127\.0\.0\.1:/m)
  expect(dev.program.stdout).toMatch(/^node-1 +takes host\.facts, log\.search, image\.thumbnail, folder\.checksum/m)
  expect(dev.program.stdout).toMatch(/^deno-1 +takes host\.facts/m)
  expect(dev.program.stdout).not.toContain('\u001b')
  expect(dev.program.stdout).not.toContain('foo:bar')
})

test('a page of an --origin may ask the bridge, another may not', async () => {
  const ask = async (origin: string) => (await fetch(`${dev.link.origin}/token`, { headers: { origin } })).status
  expect([await ask('http://localhost:5173'), await ask('http://localhost:5174')]).toEqual([200, 403])
})

test('a worker under Node and one under Deno answer a broadcast', async () => {
  const { code, stdout } = await drover(['dispatch', 'host.facts', '--broadcast'], { env: dev.env })
  const runtimes = jsonLines(stdout).flatMap(line => (line.type === 'result' ? [line.output.runtime] : []))
  expect([code, runtimes.sort()]).toEqual([0, [expect.stringMatching(/^deno \d/), expect.stringMatching(/^node \d/)]])
})

test('both make a thumbnail of a real picture', async () => {
  const names = new Set<string>()
  for (let i = 0; i < 10 && names.size < 2; i++) {
    const input = '{"path":"pictures/noon.png","width":64}'
    const { code, stdout } = await drover(['dispatch', 'image.thumbnail', '-i', input], { env: dev.env })
    const { name, output } = jsonLines(stdout).at(-1)
    expect([code, output.width, output.height]).toEqual([0, 64, 48])
    names.add(name)
  }
  expect([...names].sort()).toEqual(['deno-1', 'node-1'])
})

test('neither reads outside the allowed folder', async () => {
  const input = '{"pattern":"*","path":"../../package.json"}'
  const { code, stdout } = await drover(['dispatch', 'log.search', '--broadcast', '-i', input], { env: dev.env })
  const errors = jsonLines(stdout).filter(line => line.type === 'error')
  expect([code, errors.map(line => line.error.code)]).toEqual([1, ['path_forbidden', 'path_forbidden']])
})

test('the commands that it prints work when they are pasted', async () => {
  await dev.program.says(/folder\.checksum --input/)
  const commands = dev.program.stdout.match(/^ {2}STOMP_PORT=.*npx drover dispatch .*$/gm) ?? []
  expect(commands).toHaveLength(4)
  for (const command of commands.filter(text => !text.includes('folder.checksum'))) {
    await using program = new Program(['sh', '-c', command])
    const { code, stdout, stderr } = await program.ended
    expect([command, code, stderr]).toEqual([command, 0, ''])
    expect(jsonLines(stdout).length).toBeGreaterThan(1)
  }
})

test('the sign-in link gives a token, with which a job goes through the bridge', async () => {
  expect(dev.link.origin).toBe(`http://127.0.0.1:${dev.port}`)
  const secret = dev.link.hash.replace('#sign-in=', '')
  const exchange = () =>
    fetch(`${dev.link.origin}/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ sign_in: secret }),
    })
  const { token } = (await (await exchange()).json()) as { token: string }
  const { code } = await drover(['dispatch', 'host.facts', '--url', dev.link.origin], { env: { DROVER_TOKEN: token } })
  expect(code).toBe(0)
  expect((await exchange()).ok).toBe(false)
})

test('drover token asks the bridge by password, and for less than the user may', async () => {
  const ask = ['token', '--url', dev.link.origin, '--login', 'foo']
  const { code, stdout } = await drover([...ask, '--dispatch', 'host.facts'], { env: { DROVER_PASSWORD: 'bar' } })
  expect(code).toBe(0)
  const env = { DROVER_TOKEN: stdout.trim(), DROVER_URL: `ws://127.0.0.1:${dev.port}/stomp` }
  expect((await drover(['dispatch', 'host.facts'], { env })).code).toBe(0)
  const refused = await drover(['dispatch', 'log.search', '-i', '{"pattern":"x"}'], { env })
  expect(refused.code).toBe(1)
  expect(refused.stdout + refused.stderr).toContain('forbidden')
  const wrong = await drover(ask, { input: 'wrong\n' })
  expect([wrong.code, wrong.stdout, wrong.stderr.trim().split('\n').length]).toEqual([1, '', 1])
})

test('a port that is taken is one clear line and exit code 1', async () => {
  const [free = 0] = await freePorts(1)
  const bridge = await drover(['dev'], { env: { PORT: `${dev.port}`, STOMP_PORT: `${free}` } })
  expect([bridge.code, bridge.stdout]).toEqual([1, ''])
  expect(bridge.stderr).toMatch(new RegExp(`^drover: Port ${dev.port} is taken by another program; .*PORT=\\d+\n$`))
  const broker = await drover(['dev'], { env: { PORT: `${free}`, STOMP_PORT: `${dev.stompPort}` } })
  expect([broker.code, broker.stdout]).toEqual([1, ''])
  expect(broker.stderr).toMatch(new RegExp(`^drover: Port ${dev.stompPort} is taken by another program; .*STOMP_PORT=`))
})

test('a worker that is killed is started again', async () => {
  const [pid = 0] = await workerPids(dev.env)
  process.kill(pid, 'SIGKILL')
  await dev.program.says(/-1 +ended \(SIGKILL\); starting again[\s\S]*takes host\.facts/)
  const pids = await workerPids(dev.env)
  expect(pids).toHaveLength(2)
  expect(pids).not.toContain(pid)
})

test.for(['SIGINT', 'SIGTERM'] as const)('%s ends everything and leaves nothing listening', async signal => {
  await using own = await startDev()
  const pids = await workerPids(own.env)
  expect(pids).toHaveLength(2)
  own.program.signal(signal)
  const { code, stderr } = await own.program.ended
  expect([code, stderr]).toEqual([0, ''])
  await Promise.all(pids.map(untilGone))
  expect([await isListening(own.port), await isListening(own.stompPort)]).toEqual([false, false])
})

test('killed with -9 it takes its workers along', async () => {
  await using own = await startDev()
  const pids = await workerPids(own.env)
  own.program.signal('SIGKILL')
  await Promise.all(pids.map(untilGone))
})

const deno = findDeno()
test.skipIf(deno === undefined)('it runs under Deno as well, with its output', async () => {
  const underDeno: typeof startDrover = (args, options) =>
    new Program([deno ?? 'deno', 'run', '-A', '--cached-only', 'cli/main.ts', ...args], options)
  await using own = await startDev({}, underDeno)
  await own.program.says(/^ {2}STOMP_PORT=\d+ deno task drover dispatch host\.facts --broadcast$/m)
  await using dispatch = underDeno(['dispatch', 'host.facts', '--broadcast'], { env: own.env })
  const { code, stdout } = await dispatch.ended
  const pids = jsonLines(stdout).flatMap(line => (line.type === 'result' ? [line.output.pid as number] : []))
  expect([code, pids.length]).toEqual([0, 2])
  own.program.signal('SIGINT')
  expect((await own.program.ended).code).toBe(0)
  await Promise.all(pids.map(untilGone))
  expect([await isListening(own.port), await isListening(own.stompPort)]).toEqual([false, false])
})

test('a broker that refuses the login is one clear line and exit code 1', async () => {
  const [port = 0] = await freePorts(1)
  const env = { PORT: `${port}`, DROVER_BROKER: `stomp://foo:wrong@127.0.0.1:${dev.stompPort}` }
  const { code, stderr } = await drover(['dev'], { env })
  expect([code, stderr.trim().split('\n').length]).toEqual([1, 1])
  expect(stderr).not.toContain('wrong')
})

test('a broker that is away is told of, and waited for', async () => {
  const [port = 0, brokerPort = 0] = await freePorts(2)
  const env = { PORT: `${port}`, DROVER_BROKER: `stomp://foo:bar@127.0.0.1:${brokerPort}` }
  await using program = startDrover(['dev'], { env })
  await program.says(/^broker +Cannot reach stomp:\/\/127\.0\.0\.1:\d+: .*ECONNREFUSED.* Trying for 30 s$/m)
  const broker = createEmbeddedBroker()
  const listener = await listenTcp({ port: brokerPort, accept: broker.accept })
  try {
    await program.says(/^ready /m, 60_000)
    program.signal('SIGINT')
    expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
  } finally {
    await listener.close()
    await broker.close()
  }
})

test('Ctrl-C ends it while it waits for a broker', async () => {
  const [port = 0, brokerPort = 0] = await freePorts(2)
  const env = { PORT: `${port}`, DROVER_BROKER: `stomp://foo:bar@127.0.0.1:${brokerPort}` }
  await using program = startDrover(['dev'], { env })
  await program.says(/Trying for 30 s$/m)
  program.signal('SIGINT')
  expect(await program.ended).toMatchObject({ code: 0, stderr: '' })
})

test('an address that is no broker is called wrong, and nothing is started', async () => {
  const { code, stdout, stderr } = await drover(['dev'], { env: { DROVER_BROKER: 'http://127.0.0.1:8161' } })
  expect([code, stdout]).toEqual([2, ''])
  expect(stderr).toMatch(
    /^drover: DROVER_BROKER begins with "http:\/\/"; .*stomp:\/\/, stomp\+ssl:\/\/, ws:\/\/ or wss:\/\//,
  )
})

test('DROVER_BROKER and --activemq exclude each other', async () => {
  const { code, stderr } = await drover(['dev', '--activemq'], { env: { DROVER_BROKER: 'stomp://foo:bar@127.0.0.1' } })
  expect([code, stderr]).toEqual([2, expect.stringContaining('use one of the two')])
})

test.skipIf(readPrepared().classic !== undefined)(
  'DROVER_BROKER uses a running ActiveMQ, over ws and over TCP',
  async () => {
    const classic = await sharedBroker('classic')
    for (const url of [classic.wsUrl ?? '', classic.stompUrl]) {
      await using own = await startDev({ DROVER_BROKER: url })
      const { code, stdout } = await drover(['dispatch', 'host.facts', '--broadcast'], { env: { DROVER_URL: url } })
      const names = jsonLines(stdout).flatMap(line => (line.type === 'accepted' ? [line.name] : []))
      expect([url, code, names]).toEqual([url, 0, expect.arrayContaining(['deno-1', 'node-1'])])
      expect(await isListening(own.stompPort)).toBe(false)
      const token = await drover(['token', '--url', own.link.origin, '--login', 'foo'], {
        env: { DROVER_PASSWORD: 'bar' },
      })
      const env = { DROVER_TOKEN: token.stdout.trim(), DROVER_URL: own.link.origin }
      expect((await drover(['dispatch', 'host.facts'], { env })).code).toBe(0)
      own.program.signal('SIGINT')
      expect((await own.program.ended).code).toBe(0)
    }
  },
  120_000,
)

test.skipIf(readPrepared().classic !== undefined)(
  '--activemq starts one, and it goes with it',
  async () => {
    const [port = 0] = await freePorts(1)
    let stompPort = 0
    while (stompPort === 0 || (await isListening(stompPort + 1))) [stompPort = 0] = await freePorts(1)
    const env = { PORT: `${port}`, STOMP_PORT: `${stompPort}` }
    await using program = startDrover(['dev', '--activemq'], { env })
    await program.says(/^ready /m, 90_000) // two busy cores can need long for a Java process
    expect((await workerPids(env)).length).toBe(2)
    program.signal('SIGINT')
    const { code } = await program.ended
    expect([code, await isListening(stompPort), await isListening(stompPort + 1)]).toEqual([0, false, false])
  },
  120_000,
)
