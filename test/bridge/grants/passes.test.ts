/**
 * Passes before the real brokers, for readers of every version. A job goes to workers as its sender wrote it. A job whose
 * pass does not fit goes to dead with the reason, and to nobody else.
 */
import { expect, test } from 'vitest'
import { createMac } from '../../../bridge/grants/mac.ts'
import { createPasses, type PassedJob } from '../../../bridge/grants/passes.ts'
import { serveBridge } from '../../../bridge/node.ts'
import { type ScannedFrame, type StompVersion, unescapeHeader } from '../../../shared/frames/mod.ts'
import { secret, startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import type { BrokerName } from '../../support/brokers/start.ts'
import { bodyOf, connectRaw, type RawSession, raw } from '../../support/raw-session.ts'
import { openTcpPeer, type TcpPeer } from '../tcp-peer.ts'

const names = ['classic', 'artemis', 'rabbitmq', 'embedded'] as const
const versions: readonly StompVersion[] = ['1.0', '1.1', '1.2']
/** The rest of A1's first line, which readers of another version were to take for headers. */
const madeUp = String.raw`x\nreply-to\c/queue/myapp.reply.eve.m1\ndrover-sender\ceve\ncorrelation-id\cc9`

/** Destinations and tokens of a namespace that nobody else has, so that its dead queue is this test's. */
async function startTestBed(name: BrokerName) {
  const { stompUrl } = await sharedBroker(name)
  const ns = unique('pass')
  const tokens = {
    ada: await tokenFor('ada', { ns, dispatch: ['a', 'b'], broadcast: ['a'] }),
    rex: await tokenFor('rex', { ns, work: ['a', 'b'] }),
    kim: await tokenFor('kim', { ns, work: ['a'] }),
    op: await tokenFor('op', { ns, dead: true }),
  }
  const replies = `/queue/${ns}.reply.ada.m`
  return { stompUrl, ns, queue: `/queue/${ns}.tasks.a`, dead: `/queue/${ns}.dead`, replies, tokens }
}
type TestBed = Awaited<ReturnType<typeof startTestBed>>

/** Made as a bridge makes them, for messages that a bridge does not write. */
const passesAt = (now: number, key = secret) =>
  createPasses({
    mac: createMac(createMac(key)('drover pass 2')),
    olderMac: createMac(createMac(key)('drover pass 1')),
    now: () => now,
  })

async function read(session: RawSession, destination: string): Promise<void> {
  session.send(raw('SUBSCRIBE', ['id:w', `destination:${destination}`, 'ack:client-individual', 'receipt:s']))
  await session.next('RECEIPT')
}

/** Acknowledges in any version. It does not wait for the next message: such a wait skips those before it. */
function acknowledge(session: RawSession, message: ScannedFrame): void {
  const id = message.header('ack')
  session.send(
    raw('ACK', id === undefined ? [`message-id:${message.header('message-id')}`, 'subscription:w'] : [`id:${id}`]),
  )
}

const dispatch = (at: TestBed, id: string, ...more: string[]): string =>
  raw('SEND', [`destination:${at.queue}`, `reply-to:${at.replies}`, `correlation-id:${id}`, ...more], `{"n":"${id}"}`)

async function write(plain: TcpPeer, destination: string, headers: Record<string, string>, body = '{"n":"x"}') {
  await plain.sendAll(1, Object.entries({ destination, ...headers }), new TextEncoder().encode(body))
}

/** The next dead letter. */
async function letterOf(operator: RawSession): Promise<{ frame: ScannedFrame; body: { n?: string; error: Error } }> {
  const frame = await operator.next('MESSAGE')
  acknowledge(operator, frame)
  return { frame, body: JSON.parse(bodyOf(frame)) }
}

test.each(names)('%s: only headers that the bridge wrote reach a worker, in every pair of versions', async name => {
  const at = await startTestBed(name)
  await using bridge = await startBridge({ broker: at.stompUrl })
  await using plain = await openTcpPeer(at.stompUrl)
  await using operator = await connectRaw(bridge.url, { token: at.tokens.op })
  await read(operator, at.dead)
  const job: PassedJob = { destination: at.queue, replyTo: at.replies, sender: 'ada' }
  const own = { 'reply-to': at.replies, 'drover-sender': 'ada', 'correlation-id': 'c1' }
  const inTime = Date.now() + 60_000
  const fits = passesAt(Date.now()).write(job, 'c1', inTime)
  /** Messages of programs with the broker's own login, and the reason that the operator reads. */
  const forged: readonly (readonly [what: string, headers: Record<string, string>, reason: RegExp])[] = [
    ['another job', { ...own, 'correlation-id': 'c2', 'drover-pass': fits }, /of another job/],
    ['another sender', { ...own, 'drover-sender': 'eve', 'drover-pass': fits }, /sender than the message/],
    ['no reply-to', { 'drover-sender': 'ada', 'correlation-id': 'c1', 'drover-pass': fits }, /another destination/],
    ['a made-up pass', { ...own, 'drover-pass': `${fits.slice(0, -43)}${'A'.repeat(43)}` }, /forged/],
    ['another secret', { ...own, 'drover-pass': passesAt(0, 'k'.repeat(40)).write(job, 'c1', inTime) }, /secret/],
    ['its end', { ...own, 'drover-pass': passesAt(0).write(job, 'c1', Date.now() - 1) }, /ended at 20/],
    ['a pass of delivery', { ...own, 'drover-pass': passesAt(0).issue(job, 'c1', 'rex') }, /not one that a bridge/],
    ['an empty pass', { ...own, 'drover-pass': '' }, /not one that a bridge/],
    ['another reply-to', { ...own, 'reply-to': `/queue/${at.ns}.reply.eve.m1`, 'drover-pass': fits }, /another dest/],
    [
      'headers made up',
      { ...own, 'correlation-id': madeUp.replaceAll('\\n', '\n').replaceAll('\\c', ':'), 'drover-pass': fits },
      /forged/,
    ],
  ]
  const buried = new Set<string | undefined>()
  for (const to of versions) {
    await using worker = await connectRaw(bridge.url, { token: at.tokens.rex, version: to })
    await read(worker, at.queue)
    for (const from of versions) {
      // Nothing leaves the bridge that an older reader would take for headers
      await using refused = await connectRaw(bridge.url, { token: at.tokens.ada, version: from })
      refused.send(dispatch(at, madeUp))
      expect((await refused.next('ERROR')).header('drover-code'), `from ${from}`).toBe('frame_invalid')
      await using master = await connectRaw(bridge.url, { token: at.tokens.ada, version: from })
      const id = `urn:${from}:${to}`.replaceAll(':', from === '1.0' ? ':' : '\\c')
      master.send(dispatch(at, id, 'drover-pass:2.mine.1.x', `expires:${inTime}`))
      const message = await worker.next('MESSAGE')
      const said = (header: string): string => unescapeHeader(message.header(header) ?? '', to)
      expect([said('correlation-id'), said('reply-to'), said('drover-sender')], `${from} to ${to}`).toEqual([
        `urn:${from}:${to}`,
        at.replies,
        'ada',
      ])
      expect(message.headerValues('drover-pass'), `${from} to ${to}`).toEqual([
        passesAt(Date.now()).write(job, `urn:${from}:${to}`, inTime + 86_400_000),
      ])
      acknowledge(worker, message)
    }
    // The cases that depend on the reader's version, and for one version all of them
    for (const [what, headers, reason] of to === '1.2' ? forged : forged.slice(-2)) {
      await write(plain, at.queue, { ...headers, persistent: 'true' }, JSON.stringify({ n: what }))
      let letter = await letterOf(operator)
      // The worker before may have ended between the letter and its ACK: then there are two
      while (letter.body.n !== what && buried.has(letter.body.n)) letter = await letterOf(operator)
      const { frame, body } = letter
      buried.add(what)
      expect([body.n, frame.header('reply-to'), frame.header('drover-pass')], `${what} to ${to}`).toEqual([
        what,
        undefined,
        undefined,
      ])
      expect(body.error.message, `${what} to ${to}`).toMatch(reason)
    }
    // Of a plain program: handed on with a pass for this worker, whose answer goes where the program asked
    await write(plain, at.queue, { 'reply-to': at.replies, 'correlation-id': 'p' }, 'plain')
    const handed = await worker.next('MESSAGE')
    expect(bodyOf(handed), `nothing else came to ${to}`).toBe('plain')
    expect(handed.header('drover-pass')).toMatch(/^3\./)
    acknowledge(worker, handed)
  }
  await using worker = await connectRaw(bridge.url, { token: at.tokens.rex })
  const topic = at.queue.replace('/queue/', '/topic/')
  worker.send(raw('SUBSCRIBE', ['id:t', `destination:${topic}`, 'receipt:s']))
  await worker.next('RECEIPT')
  await write(plain, topic, { ...own, 'drover-pass': fits }, 'of the queue')
  await using master = await connectRaw(bridge.url, { token: at.tokens.ada })
  master.send(dispatch(at, 'all').replace(at.queue, topic))
  expect(bodyOf(await worker.next('MESSAGE')), 'a broadcast with a pass of another destination').toBe('{"n":"all"}')
  expect(bridge.events.filter(({ type }) => type === 'pass_misfit').length).toBeGreaterThan(versions.length)
  expect(bridge.events.filter(({ type }) => type === 'refused')).toHaveLength(9)
})

test.each(names)('%s: a job is sent on once for each delivery, by any session that may work on it', async name => {
  const at = await startTestBed(name)
  await using bridge = await startBridge({ broker: at.stompUrl })
  await using operator = await connectRaw(bridge.url, { token: at.tokens.op })
  await read(operator, at.dead)
  await using master = await connectRaw(bridge.url, { token: at.tokens.ada })
  const on = (message: ScannedFrame, to: string, ...more: string[]): string =>
    raw(
      'SEND',
      [`destination:${to}`, 'correlation-id:c', `drover-pass:${message.header('drover-pass')}`, ...more],
      '{"n":"again"}',
    )
  const refusal = async (session: RawSession, frame: string): Promise<string> => {
    session.send(frame)
    const error = await session.next('ERROR')
    return `${error.header('drover-code')}: ${error.header('message')}`
  }
  master.send(dispatch(at, 'c'))
  let first: ScannedFrame
  {
    await using worker = await connectRaw(bridge.url, { token: at.tokens.rex })
    await read(worker, at.queue)
    first = await worker.next('MESSAGE')
    // A withdrawn message was not sent on
    worker.send(raw('BEGIN', ['transaction:t']))
    worker.send(on(first, at.queue, 'transaction:t'))
    worker.send(raw('ABORT', ['transaction:t']))
    worker.send(on(first, at.queue))
    acknowledge(worker, first)
    const second = await worker.next('MESSAGE')
    expect(bodyOf(second)).toBe('{"n":"again"}')
    expect([second.header('drover-pass'), second.header('drover-sender')]).toEqual([first.header('drover-pass'), 'ada'])
    worker.send(on(second, at.dead, 'receipt:d'))
    await worker.next('RECEIPT')
    expect((await letterOf(operator)).body.n).toBe('again')
    expect(await refusal(worker, on(second, at.queue))).toMatch(/^forbidden: .*was sent on already/)
  }
  // Its session is gone: the job is handed out again, and counts there
  await using other = await connectRaw(bridge.url, { token: at.tokens.kim })
  await read(other, at.queue)
  const third = await other.next('MESSAGE')
  acknowledge(other, third)
  const prefix = name === 'rabbitmq' ? '/amq/queue/' : '/queue/'
  other.send(on(first, at.replies.replace('/queue/', prefix), 'receipt:x'))
  expect((await other.next('RECEIPT')).header('receipt-id'), 'a `work` grant and the pass are enough to answer').toBe(
    'x',
  )
  expect(await refusal(other, on(first, at.queue))).toMatch(/^forbidden: .*does not wait for an ACK of this session/)
  await using late = await connectRaw(bridge.url, { token: at.tokens.rex })
  const job: PassedJob = { destination: at.queue, replyTo: at.replies, sender: 'ada' }
  const ended = raw('SEND', [
    `destination:${at.replies.replace('/queue/', prefix)}`,
    'correlation-id:c',
    `drover-pass:${passesAt(0).write(job, 'c', Date.now() - 1)}`,
  ])
  expect(await refusal(late, ended)).toMatch(/^forbidden: .*the pass ended at 20/)
})

test('a job without a pass is answered and sent on, and nobody vouches for it', async () => {
  const at = await startTestBed('embedded')
  await using bridge = await startBridge({ broker: at.stompUrl })
  await using plain = await openTcpPeer(at.stompUrl)
  await using master = await connectRaw(bridge.url, { token: at.tokens.ada })
  await read(master, at.replies)
  await using worker = await connectRaw(bridge.url, { token: at.tokens.rex })
  await read(worker, at.queue)
  await write(plain, at.queue, { 'reply-to': at.replies, 'drover-sender': 'zoe' }, 'plain')
  const first = await worker.next('MESSAGE')
  const about = (destination: string, message: ScannedFrame): string =>
    raw('SEND', [`destination:${destination}`, `drover-pass:${message.header('drover-pass')}`], 'again')
  worker.send(about(at.queue, first))
  acknowledge(worker, first)
  const second = await worker.next('MESSAGE')
  expect([second.header('drover-sender'), second.header('drover-pass')]).toEqual(['zoe', expect.stringMatching(/^3\./)])
  worker.send(about(at.replies, second))
  expect(bodyOf(await master.next('MESSAGE'))).toBe('again')
  await using other = await connectRaw(bridge.url, { token: at.tokens.kim })
  other.send(about(at.replies, second))
  expect((await other.next('ERROR')).header('message'), 'it is for the owner whom it was handed to').toMatch(/forged/)
})

const modes = { classic: 'client', artemis: 'client-individual', rabbitmq: 'client', embedded: 'auto' } as const
const secrets = ['a secret of yesterday, 32 bytes and more', 'a secret of today, 32 bytes and some more']

test.each(names)(
  '%s: a job that waits for a bridge with another secret goes to dead, and its worker stays',
  async name => {
    const at = await startTestBed(name)
    const ask = {
      port: 0,
      stompPort: 0,
      broker: at.stompUrl,
      users: [
        {
          login: 'foo',
          password: 'bar',
          grants: { ns: at.ns, dispatch: ['a'], broadcast: ['a'], work: ['a'], dead: true },
        },
      ],
    }
    const foo = { login: 'foo', passcode: 'bar' }
    const send = (id: string): string => dispatch(at, id).replaceAll('reply.ada.m', 'reply.foo.m')
    {
      await using older = await serveBridge({ ...ask, secret: secrets[0]! })
      await using master = await connectRaw(older.url, foo)
      for (const id of ['1', '2', '3']) master.send(send(id))
      master.send(raw('BEGIN', ['transaction:t', 'receipt:r']))
      await master.next('RECEIPT')
    }
    await using newer = await serveBridge({ ...ask, secret: secrets[1]! })
    await using worker = await connectRaw(newer.url, foo)
    // With a window of one, a message without its ACK would keep the rest away
    const window = ['activemq.prefetchSize:1', 'consumer-window-size:0', 'prefetch-count:1']
    worker.send(raw('SUBSCRIBE', ['id:w', `destination:${at.queue}`, `ack:${modes[name]}`, ...window, 'receipt:s']))
    await worker.next('RECEIPT')
    await using operator = await connectRaw(newer.url, foo)
    await read(operator, at.dead)
    const letters = [await letterOf(operator), await letterOf(operator), await letterOf(operator)]
    expect(letters.map(({ body }) => body.n).toSorted()).toEqual(['1', '2', '3'])
    for (const { body, frame } of letters) {
      expect(body.error.message).toMatch(/bridge with another secret.*reply-to ".*reply\.foo\.m".*sender "foo"/)
      expect(frame.header('correlation-id')).toBe(body.n)
    }
    operator.send(send('4'))
    const message = await worker.next('MESSAGE')
    expect(bodyOf(message)).toBe('{"n":"4"}')
  },
)
