/** Promise 7: nothing reaches a destination, a header or a broker credential that a token does not grant. */
import { afterAll, describe, expect, test } from 'vitest'
import { type DialectName, dialects } from '../../../shared/stomp/dialects/mod.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { connectRaw, raw } from '../../support/raw-session.ts'
import { hostileFrames } from './hostile/frames.ts'
import { type RecordingBroker, startRecordingBroker } from './recording-broker.ts'

const servers = {
  classic: 'ActiveMQ/6.1.8',
  artemis: 'ActiveMQ-Artemis/2.44.0 ActiveMQ Artemis Messaging Engine',
  rabbitmq: 'RabbitMQ/3.10.8',
  embedded: 'drover-embedded/0.1.0',
}
const queue = '/queue/myapp.tasks.image.thumbnail'
const own = '/queue/myapp.reply.ada.m'

test('there are at least sixty of them', () => {
  expect(hostileFrames.length).toBeGreaterThanOrEqual(60)
  expect(new Set(hostileFrames.map(({ what }) => what)).size).toBe(hostileFrames.length)
})

describe.each(Object.entries(servers))('in front of %s', (dialect, server) => {
  const { kinds, topicReader } = dialects[dialect as DialectName]
  /** The headers that the bridge writes on each SEND to a queue. */
  const stamp = [
    ['drover-sender', 'ada'],
    ...Object.entries(kinds?.queue.send ?? {}),
    ['drover-pass', expect.stringMatching(/^2\.[\w-]+\.\d+\.[\w-]{43}$/)],
  ]
  const started = (async () => {
    const broker = await startRecordingBroker(server)
    const bridge = await startBridge({ broker: broker.url })
    return { broker, bridge }
  })()
  afterAll(async () => {
    const { broker, bridge } = await started
    await bridge[Symbol.asyncDispose]()
    await broker[Symbol.asyncDispose]()
  })
  const open = async (who: 'master' | 'worker', version: string) => {
    const { bridge } = await started
    const token =
      who === 'master'
        ? await tokenFor('ada', { dispatch: ['image.*'], broadcast: ['host.facts'] })
        : await tokenFor('rex', { work: ['image.thumbnail'] })
    const session = await connectRaw(bridge.url, { token, version })
    expect(session.connected.header('drover-dialect')).toBe(dialect)
    if (who === 'master') return { session, pass: '' }
    session.send(raw('SUBSCRIBE', ['id:job', `destination:${queue}`, 'ack:client-individual']))
    return { session, pass: (await session.next('MESSAGE')).header('drover-pass')! }
  }
  const isHere = ({ what }: { what: string }) =>
    // There this name is a worker's answer in the dialect's own wildcard or spelling, or the broker cannot delay at all
    !(dialect === 'rabbitmq' && what.includes('delays its job'))

  test.each(hostileFrames.filter(isHere))('$what', async ({ who, frame, version = '1.2' }) => {
    const { broker } = await started
    const { session, pass } = await open(who, version)
    await using _session = session
    const before = broker.frames.length
    session.send(frame.replaceAll('{pass}', pass))
    const error = await session.next('ERROR')
    expect(error.header('drover-code')).toMatch(/^(forbidden|frame_invalid)$/)
    await session.closed()
    await broker.idle()
    expect(broker.frames.slice(before).map(({ command }) => command)).toEqual([])
  })

  const sent = async (who: 'master' | 'worker', frame: string): Promise<RecordingBroker['frames'][number]> => {
    const { broker } = await started
    const { session, pass } = await open(who, '1.2')
    await using _session = session
    session.send(frame.replaceAll('{pass}', pass))
    session.send(raw('BEGIN', ['transaction:fence', 'receipt:fence']))
    await session.next('RECEIPT')
    const [found, fence] = broker.frames.slice(-2)
    expect(fence!.command).toBe('BEGIN')
    return found!
  }

  const controlling: Readonly<Record<string, readonly string[]>> = {
    classic: [
      'activemq.prefetchSize:1',
      'AMQ_SCHEDULED_CRON:* * * * *',
      'AMQ_SCHEDULED_REPEAT:9',
      'JMSXGroupID:g',
      'JMSReplyTo:queue://myapp.reply.eve.m',
      'JMSCorrelationID:c2',
      'amq-msg-type:map',
      'transformation:jms-map-json',
    ],
    artemis: ['_AMQ_GROUP_ID:g', '__AMQ_CID:x', 'AMQ_SCHEDULED_TIME:1', 'JMSXGroupID:g'],
    rabbitmq: [
      'BCC:myapp.dead',
      'cc:myapp.dead',
      'x-expires:1',
      'X-Queue-Name:other',
      'x-match:all',
      'user-id:root',
      'durable:true',
      'auto-delete:true',
      'exclusive:true',
      'amqp-message-id:1',
    ],
    embedded: ['AMQ_SCHEDULED_REPEAT:9'],
  }
  test.each([
    ...controlling[dialect]!,
    'drover-sender:eve',
    'drover-owner:eve',
    'Drover-Sender:eve',
    'ack:1',
    'timestamp:1',
    'destination-type:MULTICAST',
    'subscription-type:MULTICAST',
    'routing-type:MULTICAST',
    'redelivered:true',
    'message-id:1',
    'Destination:/queue/other',
    'REPLY-TO:/queue/other',
    'Content-Length:1',
  ])('a job goes on without %s', async forged => {
    const frame = await sent(
      'master',
      raw('SEND', [`destination:${queue}`, forged, `reply-to:${own}`, 'correlation-id:c', 'own:kept'], '{}'),
    )
    const kept = [
      ['destination', queue],
      ['reply-to', own],
      ['correlation-id', 'c'],
      ['own', 'kept'],
    ]
    expect(frame.headers()).toEqual([...stamp, ...kept])
  })

  test.each(['x-trace-id:7', 'content-encoding:gzip', 'app-id:a', 'head er:1', 'héad:1'])(
    '%s goes on',
    async header => {
      const frame = await sent(
        'master',
        raw('SEND', [`destination:${queue}`, `reply-to:${own}`, 'correlation-id:c', header], 'hi'),
      )
      expect(frame.headers()).toContainEqual(header.split(':'))
    },
  )

  test('no content-length is added where there was none', async () => {
    const frame = await sent(
      'master',
      raw('SEND', [`destination:${queue}`, `reply-to:${own}`, 'correlation-id:c', 'own:1', 'own:2'], 'hi'),
    )
    expect(frame.header('content-length')).toBeUndefined()
    expect(frame.headerValues('own')).toEqual(['1'])
  })

  test('STOMP 1.0 is turned into 1.1: trimmed, and without an id where it had none', async () => {
    const { broker } = await started
    const { session } = await open('master', '1.0')
    await using _session = session
    expect(session.connected.header('session')).toBeDefined()
    session.send(raw('SUBSCRIBE', [`destination:${own}`]))
    session.send(raw('SEND', [`destination: ${queue}`, `reply-to:${own} `, 'correlation-id: c', ' own : a:b '], 'hi'))
    session.send(raw('UNSUBSCRIBE', [`destination:${own}`, 'receipt: r']))
    expect((await session.next('RECEIPT')).header('receipt-id')).toBe('r')
    const [subscribe, send, unsubscribe] = broker.frames.slice(-3)
    expect(send!.header('own')).toBe('a\\cb')
    expect(send!.header('destination')).toBe(queue)
    expect(unsubscribe!.header('id')).toBe(subscribe!.header('id'))
  })

  test('of repeated headers only the first goes on', async () => {
    const frame = await sent(
      'master',
      raw(
        'SEND',
        [
          `destination:${queue}`,
          'destination:/queue/other',
          `reply-to:${own}`,
          'reply-to:/queue/other',
          'correlation-id:c',
          'correlation-id:d',
          'own:1',
          'own:2',
        ],
        '{}',
      ),
    )
    expect(frame.headers().filter(([name]) => name !== 'content-length')).toEqual([
      ...stamp,
      ['destination', queue],
      ['reply-to', own],
      ['correlation-id', 'c'],
      ['own', '1'],
    ])
  })

  test('lines that end with CR LF go on with LF', async () => {
    const frame = await sent(
      'master',
      raw('SEND', [`destination:${queue}`, `reply-to:${own}`, 'correlation-id:c'], '{}').replaceAll('\n', '\r\n'),
    )
    expect(new TextDecoder().decode(frame.bytes)).not.toContain('\r')
    expect(frame.header('drover-sender')).toBe('ada')
  })

  test('a SUBSCRIBE has only headers that the bridge lets through, and is bounded', async () => {
    const { broker } = await started
    const { session } = await open('worker', '1.2')
    await using _session = session
    session.send(
      raw('SUBSCRIBE', [
        'id:1',
        'destination:/topic/myapp.control.image.thumbnail',
        'activemq.prefetchSize:99999',
        'prefetch-count:99999',
        'consumer-window-size:77',
        'activemq.exclusive:true',
        'activemq.retroactive:true',
        'x-queue-name:other',
        'persistent:true',
        'no-local:true',
        'browser:true',
        'receipt:1',
      ]),
    )
    await session.next('RECEIPT')
    const headers = Object.fromEntries(broker.frames.at(-1)!.headers())
    for (const name of [
      'activemq.exclusive',
      'activemq.retroactive',
      'x-queue-name',
      'persistent',
      'no-local',
      'browser',
    ])
      expect(headers).not.toHaveProperty([name])
    for (const name of ['activemq.prefetchSize', 'prefetch-count'])
      if (name in headers) expect(Number(headers[name])).toBeLessThanOrEqual(1_000)
    expect(headers['consumer-window-size']).toBe(topicReader['consumer-window-size'])
  })

  test('the frames of a session say nothing but STOMP’s own words', async () => {
    const ack = await sent('worker', raw('ACK', ['id:m1', 'drover-pass:x', 'activemq.x:1']))
    expect(ack.headers()).toEqual([['id', 'm1']])
    const unsubscribe = await sent(
      'worker',
      raw('UNSUBSCRIBE', ['id:job', 'durable:true', 'activemq.subscriptionName:theirs']),
    )
    expect(unsubscribe.headers()).toEqual([['id', 'job']])
  })

  test("the broker sees the bridge's login, and none of the browser's", async () => {
    const { broker } = await started
    const text = broker.frames.map(({ bytes }) => new TextDecoder().decode(bytes)).join('')
    expect(text).not.toContain('eyJ')
  })
})
