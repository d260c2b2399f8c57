/** One owner may use up a share of the embedded broker and the bridge, and the rest stays for the others. */
import { expect, test } from 'vitest'
import { startBridge, type TestBridge, tokenFor } from '../support/bridges/bridges.ts'
import { bodyOf, connectRaw, type RawSession, raw } from '../support/raw-session.ts'

test('reply queues of one token without grants close the embedded broker to nobody else', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  await using stack = new AsyncDisposableStack()
  const token = await tokenFor('eve', {})
  let refused = 0
  for (let at = 0; at < 40; at++) {
    const session = stack.use(await connectRaw(bridge.url, { token }))
    for (let queue = 0; queue < 500; queue++) {
      session.send(raw('SUBSCRIBE', [`id:${queue}`, `destination:/queue/myapp.reply.eve.${at}-${queue}`]))
    }
    session.send(raw('BEGIN', ['transaction:t', 'receipt:r']))
    await session.next('RECEIPT').catch(() => refused++)
  }
  expect(refused).toBe(30)
  await dispatchesAndHears(bridge)
})

test('subscriptions, transactions and their bytes of one token stop nobody else', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  await using stack = new AsyncDisposableStack()
  const token = await tokenFor('eve', { dispatch: ['*'] })
  const open = async (): Promise<RawSession> => stack.use(await connectRaw(bridge.url, { token }))
  const begin = (name: string): string => raw('BEGIN', [`transaction:${name}`, 'receipt:begun'])
  const subscribe = (id: number): string => raw('SUBSCRIBE', [`id:${id}`, `destination:/topic/myapp.workers.t${id}`])
  const held: RawSession[] = []
  for (let at = 0; at < 50; at++) {
    const session = await open()
    held.push(session)
    for (let id = 0; id < 500; id++) session.send(subscribe(id))
    for (let id = 0; id < 100; id++) session.send(begin(`t${id}`))
    for (let id = 0; id < 100; id++) await session.next('RECEIPT')
  }
  const refused = async (session: RawSession, frames: readonly string[]): Promise<string | undefined> => {
    for (const frame of frames) session.send(frame)
    const error = await session.next('ERROR')
    expect(error.header('drover-code')).toBe('queue_full')
    expect((await session.closed()).code).toBe(1013)
    return error.header('message')
  }
  expect(await refused(await open(), [subscribe(0)])).toMatch(/eve would have 25001 subscriptions/)
  expect(await refused(await open(), [begin('t')])).toMatch(/eve would have 5001 open transactions/)
  const to = [
    'destination:/queue/myapp.tasks.a',
    'reply-to:/queue/myapp.reply.eve.m',
    'correlation-id:c',
    'transaction:t0',
    'receipt:sent',
  ]
  const large = raw('SEND', to, 'x'.repeat(4_000_000))
  for (const session of held.slice(0, 2)) for (let sent = 0; sent < 4; sent++) session.send(large)
  for (const session of held.slice(0, 2)) for (let sent = 0; sent < 4; sent++) await session.next('RECEIPT')
  expect(await refused(held[2]!, [large])).toMatch(/eve would have 3\d{7} bytes in open transactions/)
  await dispatchesAndHears(bridge)
  // A share is free again at its end
  const again = await open()
  again.send(subscribe(0) + begin('t'))
  await again.next('RECEIPT')
})

test('jobs that one token has queued leave room for those of others', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const token = await tokenFor('eve', { dispatch: ['*'] })
  const fill = async (task: string): Promise<string> => {
    await using session = await connectRaw(bridge.url, { token })
    return await fillBy(session, [
      `destination:/queue/myapp.tasks.${task}`,
      'reply-to:/queue/myapp.reply.eve.m',
      'correlation-id:c',
    ])
  }
  expect(await fill('a')).toMatch(/eve has 4\d{7} bytes in .*tasks\.a; one owner's limit is 50331648/)
  expect(await fill('b')).toMatch(/eve has 4\d{7} bytes in .*tasks\.b/)
  expect(await fill('c')).toMatch(/eve has 1[23]\d{7} bytes of messages here; one owner's limit is 134217728/)
  await dispatchesAndHears(bridge)
})

test('replies that one token does not read use up its own share, not that of the worker who answers', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const queue = '/queue/myapp.tasks.image.thumbnail'
  const token = await tokenFor('eve', { dispatch: ['*'] })
  const answer = async (master: string): Promise<string> => {
    await using session = await connectRaw(bridge.url, { token })
    const replies = `/queue/myapp.reply.eve.${master}`
    session.send(raw('SEND', [`destination:${queue}`, `reply-to:${replies}`, 'correlation-id:c'], 'job'))
    await using worker = await connectRaw(bridge.url, { token: await tokenFor('rex', { work: ['*'] }) })
    worker.send(raw('SUBSCRIBE', ['id:w', `destination:${queue}`, 'ack:auto']))
    const pass = (await worker.next('MESSAGE')).header('drover-pass')
    return await fillBy(worker, [`destination:${replies}`, 'correlation-id:c', `drover-pass:${pass}`])
  }
  expect(await answer('m')).toMatch(/reply\.eve\.m holds 6\d{7} bytes/)
  expect(await answer('n')).toMatch(/reply\.eve\.n holds 6\d{7} bytes/)
  expect(await answer('o')).toMatch(/eve has 13\d{7} bytes of messages here/)
  await dispatchesAndHears(bridge)
})

test('sessions of one token leave room for those of others', async () => {
  await using bridge = await startBridge({ broker: 'embedded', limits: { maxOwnerSessions: 2 } })
  const token = await tokenFor('eve', {})
  await using first = await connectRaw(bridge.url, { token })
  await using _second = await connectRaw(bridge.url, { token })
  await expect(connectRaw(bridge.url, { token })).rejects.toThrow(/eve would have 3 sessions; .* limit is 2/)
  await dispatchesAndHears(bridge)
  first.socket.close()
  await first.closed()
  await expect
    .poll(() => connectRaw(bridge.url, { token }).then(session => session[Symbol.asyncDispose]()))
    .toBe(undefined)
})

/** ada dispatches a job, rex works on it, and ada hears of it. */
async function dispatchesAndHears({ url }: TestBridge): Promise<void> {
  const task = 'image.thumbnail'
  const queue = `/queue/myapp.tasks.${task}`
  const replies = '/queue/myapp.reply.ada.m'
  await using worker = await connectRaw(url, { token: await tokenFor('rex', { work: [task] }) })
  worker.send(raw('SUBSCRIBE', ['id:w', `destination:${queue}`, 'ack:client-individual', 'receipt:r']))
  await worker.next('RECEIPT')
  await using master = await connectRaw(url, { token: await tokenFor('ada', { dispatch: [task] }) })
  master.send(raw('SUBSCRIBE', ['id:r', `destination:${replies}`, 'receipt:r']))
  await master.next('RECEIPT')
  master.send(raw('SEND', [`destination:${queue}`, `reply-to:${replies}`, 'correlation-id:c'], 'job'))
  const job = await worker.next('MESSAGE')
  const answer = [`destination:${replies}`, 'correlation-id:c', `drover-pass:${job.header('drover-pass')}`]
  worker.send(raw('BEGIN', ['transaction:t']))
  worker.send(raw('SEND', [...answer, 'transaction:t'], 'x'.repeat(2_000_000)))
  worker.send(raw('ACK', [`id:${job.header('ack')}`, 'transaction:t']))
  worker.send(raw('COMMIT', ['transaction:t']))
  expect(bodyOf(await master.next('MESSAGE'))).toHaveLength(2_000_000)
}

/** Sends there until it is refused, and says why it was. */
async function fillBy(session: RawSession, head: readonly string[]): Promise<string> {
  const large = raw('SEND', [...head, 'receipt:sent'], 'x'.repeat(4_000_000))
  for (;;) {
    session.send(large)
    const refused = await session.next('RECEIPT').then(
      () => undefined,
      (error: Error) => error.message,
    )
    if (refused !== undefined) return refused
  }
}
