/** Pages that ask a bridge for changes of workers, beside pages that read every beat. Design section 5.11. */
import { expect, test } from 'vitest'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { bodyOf, connectRaw, type RawSession, raw } from '../../support/raw-session.ts'
import { openTcpPeer } from '../tcp-peer.ts'

interface Changes {
  readonly snapshot?: boolean
  readonly workers: readonly { readonly said?: Record<string, unknown>; readonly now?: Record<string, unknown> }[]
}

const words = { v: 1, name: 'anvil', state: 'idle', concurrency: 1, active: 0, processed: 0, failed: 0, at: 1 }

async function changes(page: RawSession): Promise<Changes> {
  return JSON.parse(bodyOf(await page.next('MESSAGE')))
}

test.each(['embedded', 'classic'] as const)(
  'a page is told what changed, once; others hear every beat: %s',
  async name => {
    const { stompUrl } = await sharedBroker(name)
    const ns = unique('presence')
    await using bridge = await startBridge({ broker: stompUrl })
    const destination = `/topic/${ns}.workers.a`
    const open = async (grants: object) =>
      await connectRaw(bridge.url, { token: await tokenFor('ada', { ns, ...grants }) })
    const subscribe = async (page: RawSession, to: string, ...more: string[]) => {
      page.send(raw('SUBSCRIBE', ['id:p', `destination:${to}`, 'receipt:s', ...more]))
      if (more.length === 0 || more.includes('ack:client')) await page.next('RECEIPT')
    }
    await using worker = await openTcpPeer(stompUrl)
    const say = async (more: object) => {
      const body = JSON.stringify({ ...words, type: 'beat', worker_id: 'w', interval_ms: 60_000, ...more })
      await worker.sendAll(1, [['destination', destination]], new TextEncoder().encode(body))
    }

    await using each = await open({ dispatch: ['a'] })
    await subscribe(each, destination)
    await using page = await open({ dispatch: ['a'] })
    await subscribe(page, destination, 'drover-presence:changes')
    const first = await page.next('MESSAGE')
    expect([first.header('drover-presence'), first.header('destination'), first.header('subscription')]).toEqual([
      'changes',
      destination,
      'p',
    ])
    expect(JSON.parse(bodyOf(first))).toEqual({ v: 1, type: 'changes', snapshot: true, workers: [] })
    expect((await page.next('RECEIPT')).header('receipt-id')).toBe('s')

    const announcement = { type: 'announce', task: 'a', started_at: 1, connection: 1, input_schema: { type: 'object' } }
    await say(announcement)
    await say({ at: 2 })
    await say({ ...announcement, at: 3 })
    await say({ at: 4, processed: 1, active: 1 })
    await say({ at: 5, processed: 2, active: 1 })
    for (let n = 0; n < 5; n++) await each.next('MESSAGE')
    const told = await changes(page)
    expect(told.workers).toMatchObject([{ task: 'a', said: { ...announcement, worker_id: 'w' } }])
    // Unless all of it was told at once already
    let known = told.workers[0]?.said
    while (known?.processed !== 2) known = { ...known, ...(await changes(page)).workers[0]?.now }
    expect(known).toMatchObject({ active: 1, connection: 1 })

    // A page that comes later, and one that acknowledges
    await using late = await open({ dispatch: ['*'] })
    await subscribe(late, `/topic/${ns}.workers.a`, 'drover-presence:changes', 'ack:auto')
    expect(await changes(late)).toMatchObject({
      snapshot: true,
      workers: [{ task: 'a', said: { ...announcement, processed: 2, at: 5 } }],
    })
    await using acknowledging = await open({ dispatch: ['a'] })
    await subscribe(acknowledging, destination, 'drover-presence:changes', 'ack:client')
    await say({ at: 6, processed: 2, active: 1 })
    expect(JSON.parse(bodyOf(await acknowledging.next('MESSAGE')))).toMatchObject({ type: 'beat', at: 6 })

    await say({ state: 'gone' })
    for (const one of [page, late]) expect((await changes(one)).workers).toMatchObject([{ now: { state: 'gone' } }])
    page.send(raw('UNSUBSCRIBE', ['id:p', 'receipt:u']))
    expect((await page.next('RECEIPT')).header('receipt-id')).toBe('u')
    // The id may be used again
    await subscribe(page, destination, 'drover-presence:changes')
    expect((await changes(page)).workers).toMatchObject([{ said: { state: 'gone' } }])
  },
)

test('presence that is not granted is refused, also where only changes are asked for', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const ns = unique('presence')
  await using bridge = await startBridge({ broker: stompUrl })
  await using all = await connectRaw(bridge.url, { token: await tokenFor('eve', { ns, workers: true }) })
  all.send(raw('SUBSCRIBE', ['id:p', `destination:/topic/${ns}.workers.a`, 'drover-presence:changes']))
  await all.next('MESSAGE')
  for (const destination of [`/topic/${ns}.workers.a`, `/topic/${ns}.workers.>`, '/topic/other.workers.b']) {
    await using page = await connectRaw(bridge.url, { token: await tokenFor('ada', { ns, dispatch: ['b'] }) })
    page.send(raw('SUBSCRIBE', ['id:p', `destination:${destination}`, 'drover-presence:changes']))
    expect((await page.next('ERROR')).header('drover-code')).toBe('forbidden')
  }
})

test('a page that stands still is told all of it once it reads again, and the bridge keeps nothing for it', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const ns = unique('presence')
  const limits = { maxUnsentBytes: 10_000, stalledMs: 60_000 }
  await using bridge = await startBridge({ broker: stompUrl, limits })
  const destination = `/topic/${ns}.workers.a`
  const open = async () => await connectRaw(bridge.url, { token: await tokenFor('ada', { ns, dispatch: ['a'] }) })
  const subscribe = raw('SUBSCRIBE', ['id:p', `destination:${destination}`, 'drover-presence:changes'])
  await using slow = await open()
  slow.send(subscribe)
  await changes(slow)
  slow.socket.pause()
  await using quick = await open()
  quick.send(subscribe)
  await changes(quick)
  await using worker = await openTcpPeer(stompUrl)
  const host = 'h'.repeat(300_000)
  const say = async (n: number) => {
    const body = {
      ...words,
      type: 'announce',
      task: 'a',
      started_at: 1,
      worker_id: 'w',
      interval_ms: 60_000,
      host,
      at: n,
    }
    const bytes = new TextEncoder().encode(JSON.stringify({ ...body, processed: n, connection: n }))
    await worker.sendAll(1, [['destination', destination]], bytes)
  }
  // More than the sockets on the way hold
  const last = 45
  for (let n = 1; n <= last; n++) {
    await say(n)
    while ((await changes(quick)).workers[0]?.said?.connection !== n);
  }
  slow.socket.resume()
  let told = 0
  let found: Changes
  do {
    found = await changes(slow)
    told++
  } while (found.workers[0]?.said?.connection !== last)
  expect([found.snapshot, told < last - 10]).toEqual([true, true])
})
