/** Queues of several tasks that a worker reads by one subscription: each is granted, or none is read. Promises 6 and 7. */
import { expect, test } from 'vitest'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { bodyOf, connectRaw, raw } from '../../support/raw-session.ts'

async function startTestBed() {
  const { stompUrl } = await sharedBroker('classic')
  const ns = unique('together')
  const [ada, rex] = await Promise.all([
    tokenFor('ada', { ns, dispatch: ['*'] }),
    tokenFor('rex', { ns, work: ['a', 'b', 'image.*'] }),
  ])
  const bridge = await startBridge({ broker: stompUrl })
  return { ns, bridge, ada, rex, queue: (task: string) => `/queue/${ns}.tasks.${task}` }
}

test('a worker reads the queues of its tasks by one subscription, with a pass on each job, and sees the jobs that waited', async () => {
  const { ns, bridge, ada, rex, queue } = await startTestBed()
  await using _bridge = bridge
  await using master = await connectRaw(bridge.url, { token: ada })
  await using worker = await connectRaw(bridge.url, { token: rex })
  expect(worker.connected.header('drover-features')).toContain('composite')
  const replyTo = `/queue/${ns}.reply.ada.m`
  const tasks = ['a', 'b', 'image.crop']
  for (const task of tasks) {
    const headers = [`destination:${queue(task)}`, `reply-to:${replyTo}`, `correlation-id:${task}`, `receipt:${task}`]
    master.send(raw('SEND', headers, `{"n":"${task}"}`))
    await master.next('RECEIPT')
  }
  const destination = `destination:${tasks.map(queue).join(',')}`
  worker.send(raw('SUBSCRIBE', ['id:w', destination, 'ack:client-individual', 'activemq.prefetchSize:1']))
  worker.send(raw('SUBSCRIBE', ['id:z', destination, 'ack:client-individual', 'activemq.prefetchSize:0']))
  worker.send(raw('UNSUBSCRIBE', ['id:z']))
  const came: string[] = []
  while (came.length < tasks.length) {
    const job = await worker.next('MESSAGE')
    const task = JSON.parse(bodyOf(job)).n as string
    came.push(task)
    expect([job.header('destination'), job.header('subscription')]).toEqual([queue(task), 'w'])
    const pass = [`drover-pass:${job.header('drover-pass')}`, `correlation-id:${task}`]
    // As a worker asks for messages that the broker keeps back: the job is its own as before.
    worker.send(raw('BEGIN', ['transaction:ask']))
    worker.send(raw('ACK', [`id:${job.header('ack')}`, 'transaction:ask']))
    worker.send(raw('ABORT', ['transaction:ask']))
    worker.send(raw('BEGIN', [`transaction:${task}`]))
    worker.send(raw('SEND', [`destination:${replyTo}`, `transaction:${task}`, ...pass], '{}'))
    worker.send(raw('ACK', [`id:${job.header('ack')}`, `transaction:${task}`]))
    worker.send(raw('COMMIT', [`transaction:${task}`]))
  }
  expect(came.toSorted()).toEqual(tasks)
})

test('one part that is not granted, or is no queue of a task, refuses the whole and is named', async () => {
  const { ns, bridge, rex, queue } = await startTestBed()
  await using _bridge = bridge
  const a = queue('a')
  const other = unique('other')
  const bad = [
    queue('secret'),
    `/queue/${other}.tasks.a`,
    `${ns}.tasks.b`,
    'queue://myapp.dead',
    `topic://${ns}.tasks.a`,
    `/topic/${ns}.tasks.a`,
    `/topic/${ns}.control.a`,
    `/queue/${ns}.dead`,
    `/queue/${ns}.reply.rex.m`,
    `/queue/${ns}.tasks.*`,
    `/queue/${ns}.tasks.>`,
    `/queue/${ns}.>`,
    ` ${queue('b')}`,
    `${queue('b')} `,
    `${queue('b')}\t`,
    `${queue('b')}?consumer.prefetchSize=100`,
    `${queue('b')};${queue('secret')}`,
    `${queue('b')}%2C${queue('secret')}`,
    `/queue/${queue('b')}`,
    '/temp-queue/x',
    '',
  ]
  const lists = bad.flatMap(part =>
    [
      [a, part, queue('b')],
      [part, a],
      [a, part],
    ].map(parts => ({ part, parts })),
  )
  const refusals = await Promise.all(
    lists.map(async ({ part, parts }) => {
      await using worker = await connectRaw(bridge.url, { token: rex })
      worker.send(raw('SUBSCRIBE', ['id:w', `destination:${parts.join(',')}`, 'ack:client-individual']))
      const error = await worker.next('ERROR')
      return { part, code: error.header('drover-code'), message: error.header('message') ?? '' }
    }),
  )
  for (const { part, code, message } of refusals) {
    expect([part, code]).toEqual([part, 'forbidden'])
    expect(message.replaceAll('\\c', ':').replaceAll('\\\\', '\\')).toContain(JSON.stringify(part))
  }
  for (const [parts, found] of [
    [40, 'use at most 1000'],
    [10_000, 'headers have over 65536 bytes'],
  ] as const) {
    await using worker = await connectRaw(bridge.url, { token: rex })
    worker.send(raw('SUBSCRIBE', ['id:w', `destination:${Array(parts).fill(a).join(',')}`]))
    expect((await worker.next('ERROR')).header('message')).toContain(found)
  }
})
