/** Keys whose place is away, slow, changed or hostile: the last good ones stay, and each error is a sentence without a key in it. */
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createSeal, type Jwk, type Keys, newKey, publicKeys, type Seal } from 'drover/seal'
import { describe, expect, test } from 'vitest'

const job = { namespace: 'myapp', task: 'host.facts', request_id: '3f0cdd1c-13f4-4b3c-9c0b-0d6f6f1f2a11', attempt: 1 }
const minute = 60_000

/** Time that a test moves. Timers fire as it passes them. */
function manualClock() {
  let at = 0
  const timers = new Set<{ readonly at: number; readonly fire: () => void }>()
  return {
    now: () => Date.UTC(2026, 10, 29) + at,
    steady: () => at,
    timer(ms: number, fire: () => void) {
      const timer = { at: at + ms, fire }
      timers.add(timer)
      return () => void timers.delete(timer)
    },
    pass(ms: number) {
      at += ms
      for (const timer of [...timers]) if (timer.at <= at && timers.delete(timer)) timer.fire()
    },
    get isIdle() {
      return timers.size === 0
    },
  }
}

function sealOf(keys: Keys, ports: Partial<Parameters<typeof createSeal>[1]> = {}) {
  const clock = manualClock()
  const problems: string[] = []
  const problem = (message: string, error: unknown): void =>
    void problems.push(`${message}: ${(error as Error).message}`)
  return { seal: createSeal({ keys }, { clock, problem, ...ports }), clock, problems }
}

const sealJob = (seal: Seal, expires_at: number) => seal.sealJob({ ...job, expires_at }, {}, seal.newReplyKey())
const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
}
const failure = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => ({ code: 'none', message: 'it did not fail' }),
    (error: Error & { code: string }) => error,
  )
  return { code: error.code, message: error.message }
}

async function serving(listener: RequestListener): Promise<{ url: string } & AsyncDisposable> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await new Promise(resolve => server.once('listening', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys.json?token=opal#jade`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

describe('a JWKS that is', () => {
  const answers: Readonly<Record<string, readonly [RequestListener, string]>> = {
    away: [(_, response) => response.writeHead(503).end('{"keys":[]}'), 'it answered 503'],
    moved: [
      ({ url }, response) =>
        url === '/elsewhere' ? response.end('{"keys":[]}') : response.writeHead(302, { location: '/elsewhere' }).end(),
      '',
    ],
    'no JSON': [(_, response) => response.end('{"keys":[{"d":"secret"'), 'it is no JSON'],
    'another thing': [(_, response) => response.end('[{"d":"secret"}]'), 'it is no JWKS'],
    nothing: [(_, response) => response.end(), 'it is no JSON'],
    huge: [(_, response) => response.end(`{"keys":[${' '.repeat(300_000)}]}`), 'it has over 262144 characters'],
    endless: [
      (_, response) => {
        const more = (): void => {
          while (!response.destroyed && response.write(' '.repeat(10_000)));
        }
        response.on('drain', more)
        more()
      },
      'it has over 262144 characters',
    ],
    'cut off': [
      (request, response) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"keys":')
        setImmediate(() => request.socket.destroy())
      },
      '',
    ],
  }
  test.each(Object.keys(answers))('%s is a sentence with its address', async name => {
    const [listener, sentence] = answers[name]!
    await using server = await serving(listener)
    const { code, message } = await failure(sealOf(server.url).seal.ready())
    const address = server.url.replace(/\?.*/, '')
    expect([code, message]).toEqual([
      name === 'another thing' ? 'config_invalid' : 'keys_unavailable',
      expect.stringContaining(`The keys of ${address} cannot be `),
    ])
    expect(message).toContain(sentence)
    expect(message).not.toMatch(/opal|jade|secret/)
  })

  test.each(['https://', 'https://ada:opal@127.0.0.1:1/keys.json'])(
    'at %s is refused before anybody is asked',
    async url => {
      const { code, message } = await failure(sealOf(url).seal.ready())
      expect([code, message]).toEqual(['config_invalid', expect.not.stringContaining('opal')])
    },
  )

  test.each([
    ['an address', () => sealOf('http://127.0.0.1:1/', { fetch: () => new Promise(() => {}) })],
    [
      'an address, in its body',
      () => sealOf('http://127.0.0.1:1/', { fetch: async () => new Response(new ReadableStream()) }),
    ],
    ['a file', () => sealOf('keys.json', { readText: () => new Promise(() => {}) })],
    ['a function', () => sealOf(() => new Promise(() => {}))],
  ])('silent, of %s, is given up after 10 s', async (_, start) => {
    const { seal, clock } = start()
    const read = failure(seal.ready())
    await turns()
    clock.pass(10_000)
    expect(await read).toEqual({
      code: 'keys_unavailable',
      message: expect.stringContaining('gave no answer within 10 s'),
    })
    expect(clock.isIdle).toBe(true)
  })

  test('of a function that fails is a sentence', async () => {
    const fails = (): never => {
      throw new Error('no network')
    }
    expect(await failure(sealOf(fails).seal.ready())).toEqual({
      code: 'keys_unavailable',
      message: 'The keys of the function given cannot be read: no network',
    })
  })
})

test('keys that were read stay while their place is away or holds nonsense, and that is said', async () => {
  const key = await newKey('x25519')
  let answer: () => unknown = () => ({ keys: [key] })
  const { seal, clock, problems } = sealOf(() => answer() as never)
  await seal.ready()
  for (const nonsense of [() => ({ keys: [] }), () => Promise.reject(new Error('away')), () => 'text']) {
    answer = nonsense
    clock.pass(5 * minute)
    await sealJob(seal, clock.now() + minute)
    await turns()
  }
  expect(seal.openers).toEqual([key.kid])
  expect(problems).toHaveLength(3)
  expect(problems[1]).toBe(
    'The keys of the function given stay as they were: The keys of the function given cannot be read: away',
  )
})

test('an unknown kid has the keys read again, at most every 10 s', async () => {
  const [old, next, stranger] = [await newKey('x25519'), await newKey('x25519'), await newKey('x25519')]
  let keys: readonly Jwk[] = [old]
  let reads = 0
  const { seal, clock } = sealOf(() => {
    reads++
    return { keys }
  })
  await seal.ready()
  const sealed = await sealJob(sealOf(publicKeys({ keys: [next] })).seal, clock.now() + minute)
  keys = [old, next]
  expect(await failure(seal.openJob(job, sealed))).toMatchObject({ code: 'cannot_open' })
  expect(reads, 'just read').toBe(1)
  clock.pass(10_000)
  expect(await seal.openJob(job, sealed)).toMatchObject({ input: {} })
  const strange = await sealJob(sealOf(publicKeys({ keys: [stranger] })).seal, clock.now() + minute)
  for (let time = 0; time < 5; time++) {
    expect(await failure(seal.openJob(job, strange))).toMatchObject({ code: 'cannot_open' })
  }
  expect(reads).toBe(2)
  clock.pass(10_000)
  expect(await Promise.all([1, 2, 3].map(() => seal.canOpenRenewed(strange)))).toEqual([false, false, false])
  expect(reads, 'at once for all that ask').toBe(3)
})
