/** The holder of a link to one job reaches nothing beside it. Design section 4. */
import { SignJWT } from 'jose'
import { expect, test } from 'vitest'
import { mintToken } from '../../../bridge/node.ts'
import { allGrants } from '../../../shared/contract/grants.ts'
import { secret, startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'

test('it reads nothing else, sends nothing, and reaches nobody', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  const ns = unique('link')
  await using bridge = await startBridge({ broker: stompUrl })
  const [id, otherId] = [crypto.randomUUID(), crypto.randomUUID()]
  const ada = await tokenFor('ada', { ns, dispatch: ['*'], broadcast: ['*'] })
  const job = { task: 'a.b', request_id: id }
  const token = await mintToken({ secret, sub: 'ada', grants: { ns }, job })
  await using listener = await connectRaw(bridge.url, {
    token: await tokenFor('rex', { ns, work: ['*'], workers: true }),
  })
  for (const [at, task] of ['a.b', 'c'].entries()) {
    for (const kind of ['control', 'tasks', 'workers']) {
      listener.send(
        raw('SUBSCRIBE', [`id:${kind}${at}`, `destination:/topic/${ns}.${kind}.${task}`, `receipt:${kind}${at}`]),
      )
      await listener.next('RECEIPT')
    }
    listener.send(raw('SUBSCRIBE', [`id:q${at}`, `destination:/queue/${ns}.tasks.${task}`, `receipt:q${at}`]))
    await listener.next('RECEIPT')
  }
  const own = `/queue/${ns}.reply.ada_job.${id}_x`
  const reads = (destination: string, ...more: string[]) =>
    raw('SUBSCRIBE', ['id:r', `destination:${destination}`, ...more])
  const says = (destination: string, ...more: string[]) => raw('SEND', [`destination:${destination}`, ...more], '{}')
  const about = [`correlation-id:${id}`, `reply-to:${own}`]
  const hostile: readonly string[] = [
    ...['tasks.a.b', 'named.a.b.x', 'dead', 'reply', 'reply.ada.m', `reply.ada.${id}_x`, 'reply.ada_job.m'].map(name =>
      reads(`/queue/${ns}.${name}`),
    ),
    ...[
      `${otherId}_x`,
      `${id}`,
      `${id}_`,
      `${id}x_`,
      `*`,
      `${id}_*`,
      `${id}_>`,
      `${id}_x,/queue/${ns}.dead`,
      id.toUpperCase(),
    ].map(name => reads(`/queue/${ns}.reply.ada_job.${name}`)),
    ...['events.a.b', 'workers.a.b', 'workers.>', 'workers.*', 'control.a.b', 'tasks.a.b'].map(name =>
      reads(`/topic/${ns}.${name}`),
    ),
    reads('/bridge/job'),
    reads('/topic/ActiveMQ.Advisory.>'),
    reads(own, "selector:a='b'"),
    ...['tasks.a.b', 'control.a.b', 'workers.a.b', 'events.a.b'].map(name => says(`/topic/${ns}.${name}`, ...about)),
    ...['tasks.a.b', 'named.a.b.x', 'dead', 'reply', 'reply.ada.m', `reply.ada_job.${id}_x`].map(name =>
      says(`/queue/${ns}.${name}`, ...about, 'drover-pass:2.x.1.x'),
    ),
    says('/bridge/job'),
    says('/bridge/job/'),
    says('/bridge/Job'),
    raw('SEND', ['destination:/bridge/job']), // before it reads its queue
    raw('SEND', ['destination:/bridge/job', 'drover-letter:x']),
    raw('SEND', ['destination:/bridge/renew'], ada), // of its own people, and wider
    raw('SEND', ['destination:/bridge/renew'], await tokenFor('ada', { ns })),
    raw('ACK', ['id:1']),
  ]
  for (const frame of hostile) {
    await using session = await connectRaw(bridge.url, { token })
    expect(JSON.parse(session.connected.header('drover-grants')?.replaceAll('\\c', ':') ?? '')).toMatchObject({
      dispatch: [],
      broadcast: [],
      work: [],
      observe: [],
      operate: [],
    })
    session.send(frame)
    const error = await session
      .next('ERROR')
      .catch((failure: Error) => Promise.reject(new Error(`${frame}: ${failure}`)))
    expect([error.header('drover-code'), frame]).toEqual([expect.stringMatching(/^(forbidden|frame_invalid)$/), frame])
  }

  // Its one question reaches workers as the bridge wrote it, and nothing else of the frame does
  await using session = await connectRaw(bridge.url, { token })
  session.send(reads(own, 'receipt:s', 'ack:client-individual'))
  await session.next('RECEIPT')
  const more = [
    'x-own:1',
    'reply-to:/queue/x',
    `correlation-id:${otherId}`,
    'drover-sender:eve',
    'drover-operator:true',
    'persistent:true',
  ]
  session.send(raw('SEND', ['destination:/bridge/job', 'receipt:asked\\c1', ...more]))
  expect((await session.next('RECEIPT')).header('receipt-id')).toBe('asked\\c1')
  const question = await listener.next('MESSAGE')
  expect(JSON.parse(bodyOf(question))).toEqual({ v: 1, type: 'state', request_id: id })
  const header = (name: string) => question.header(name)
  expect(['destination', 'reply-to', 'correlation-id', 'drover-sender'].map(header)).toEqual([
    `/topic/${ns}.control.a.b`,
    own,
    id,
    'ada',
  ])
  expect(['x-own', 'drover-operator', 'receipt'].map(header)).toEqual([undefined, undefined, undefined])

  // A worker answers it there, and there alone
  const pass = `drover-pass:${header('drover-pass')}`
  listener.send(raw('SEND', [`destination:${own}`, `correlation-id:${id}`, pass, 'receipt:answered'], '{"n":1}'))
  await listener.next('RECEIPT')
  expect(bodyOf(await session.next('MESSAGE'))).toBe('{"n":1}')
  for (const elsewhere of [`/queue/${ns}.reply.ada.m`, `/queue/${ns}.tasks.a.b`, `/topic/${ns}.tasks.a.b`]) {
    await using worker = await connectRaw(bridge.url, { token: await tokenFor('rex', { ns, work: ['*'] }) })
    worker.send(raw('SEND', [`destination:${elsewhere}`, `correlation-id:${id}`, pass], '{}'))
    expect((await worker.next('ERROR')).header('drover-code')).toBe('forbidden')
  }
})

test('it renews by a link to the same job alone, and grants beside a job count for nothing', async () => {
  await using bridge = await startBridge({ broker: 'embedded' })
  const [one, other] = [crypto.randomUUID(), crypto.randomUUID()].map(request_id => ({ task: 'a', request_id }))
  const linkTo = (job: typeof one): Promise<string> => mintToken({ secret, sub: 'ada', grants: {}, job })
  const queue = `/queue/myapp.reply.ada_job.${one!.request_id}_x`
  await using session = await connectRaw(bridge.url, { token: await linkTo(one) })
  session.send(raw('SUBSCRIBE', ['id:r', `destination:${queue}`, 'receipt:s']))
  await session.next('RECEIPT')
  session.send(raw('SEND', ['destination:/bridge/renew', 'receipt:r'], await linkTo(one)))
  await session.next('RECEIPT')
  session.send(raw('SEND', ['destination:/bridge/renew', 'receipt:r'], await linkTo(other)))
  expect((await session.next('ERROR')).header('message')).toContain('does not grant all that this session reads')

  const claims = { sub: 'ada', exp: Date.now() / 1000 + 60, drover: { ...allGrants, admin: true, job: one } }
  const jwt = new SignJWT(claims).setProtectedHeader({ alg: 'HS256' })
  const wide = await jwt.sign(new TextEncoder().encode(secret))
  for (const destination of [
    '/topic/myapp.events.a',
    '/queue/myapp.tasks.a',
    '/queue/myapp.reply.ada.m',
    '/queue/myapp.dead',
  ]) {
    await using reader = await connectRaw(bridge.url, { token: wide })
    reader.send(raw('SUBSCRIBE', ['id:r', `destination:${destination}`]))
    expect((await reader.next('ERROR')).header('drover-code')).toBe('forbidden')
  }
  const init = { method: 'POST', headers: { authorization: `Bearer ${wide}` }, body: '{"before":1}' }
  expect((await fetch(`${bridge.url}/revoke`, init)).status).toBe(403)
})
