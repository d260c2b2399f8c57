/**
 * Writers and readers of all versions before the real brokers. A value means the same to each reader, or does not come. A
 * frame of a plain program with the broker's own login ends nobody's session, and gives no pass for somebody else.
 */
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { encodeFrame, type ScannedFrame, type StompVersion, unescapeHeader } from '../../../shared/frames/mod.ts'
import { startBridge, tokenFor } from '../../support/bridges/bridges.ts'
import { sharedBroker, unique } from '../../support/brokers/shared.ts'
import { bodyOf, connectRaw, openRaw, raw } from '../../support/raw-session.ts'
import { openTcpPeer } from '../tcp-peer.ts'

const versions: readonly StompVersion[] = ['1.0', '1.1', '1.2']
const hostile = ['x\nreply-to:/queue/myapp.reply.eve.m\ndrover-sender:eve', 'x\r', 'x\n\nbody', 'x\\n', 'x\\\\c', 'a:b']
const looksEscaped = /\\[nrc\\]/

test.each(['classic', 'artemis', 'rabbitmq', 'embedded'] as const)(
  '%s: nine pairs, and a plain program',
  async name => {
    const { stompUrl } = await sharedBroker(name)
    await using bridge = await startBridge({ broker: stompUrl })
    await using plain = await openTcpPeer(stompUrl)
    for (const to of versions) {
      const task = unique('v').slice('myapp.'.length)
      const queue = `/queue/myapp.tasks.${task}`
      await using worker = await connectRaw(bridge.url, { token: await tokenFor('rex', { work: [task] }), version: to })
      worker.send(raw('SUBSCRIBE', ['id:w', `destination:${queue}`, 'receipt:s']))
      await worker.next('RECEIPT')
      for (const from of versions) {
        const token = await tokenFor('ada', { dispatch: [task] })
        await using master = await connectRaw(bridge.url, { token, version: from })
        const value = from === '1.0' ? 'a:b\\d' : 'a:b\\d\\n'
        const job = { destination: queue, 'reply-to': '/queue/myapp.reply.ada.m', 'correlation-id': 'c' }
        const headers = { ...job, own: value, 'héad er': '1' }
        master.send(encodeFrame('SEND', Object.entries(headers), `from ${from}`, from))
        const message = await worker.next('MESSAGE')
        expect(bodyOf(message), `${from} to ${to}`).toBe(`from ${from}`)
        expect(message.headerValues('drover-sender')).toEqual(['ada'])
        expect(message.header('héad er')).toBeUndefined() // names are asked for in ASCII
        expect(
          message.headers().some(([found]) => found === 'héad er'),
          `${from} to ${to}: its own name`,
        ).toBe(true)
        const own = message.header('own')
        // A value that a reader of 1.0 could not send back does not come to it
        if (to === '1.0' && looksEscaped.test(value)) expect(own, `${from} to ${to}`).toBeUndefined()
        else expect(unescapeHeader(own ?? '', to), `${from} to ${to}`).toBe(value)
      }
      for (const header of ['own', 'correlation-id', 'traceparent', 'type']) {
        for (const value of hostile) {
          await plain.sendAll(
            1,
            [
              ['destination', queue],
              [header, value],
            ],
            new TextEncoder().encode(value),
          )
          const message = await worker.next('MESSAGE')
          const what = `${JSON.stringify(value)} in ${header} to ${to}`
          expect(bodyOf(message), what).toBe(value)
          expect(message.header('reply-to'), what).toBeUndefined()
          expect(message.header('drover-sender'), what).toBeUndefined()
          if (to === '1.0' && looksEscaped.test(value)) expect(message.header(header), what).toBeUndefined()
          const found = unescapeHeader(message.header(header) ?? '', to)
          expect(['', value, value.replaceAll('\r', ' ')], what).toContain(found) // the embedded broker writes CR so in 1.1
          expect(found, what).not.toMatch(/[\r\n]/)
        }
      }
      worker.send(raw('SUBSCRIBE', ['id:2', `destination:/topic/myapp.control.${task}`, 'receipt:still here']))
      expect((await worker.next('RECEIPT')).header('receipt-id')).toBe('still here')
      const ack = to === '1.2' ? ['id:nope,1'] : ['message-id:nope,1', 'subscription:w']
      worker.send(raw('ACK', ack))
      const error = await worker.next('ERROR')
      expect(error.header('drover-code'), error.header('message')).toBe('frame_invalid')
      expect((await worker.closed()).code).toBe(4400)
    }
    expect(bridge.events.some(({ type }) => type === 'header_left_out')).toBe(true)
  },
)

test('1.0 trims, and a second UNSUBSCRIBE is told with its id', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  await using bridge = await startBridge({ broker: stompUrl })
  await using session = await openRaw(bridge.url)
  session.send((await input('C42-connect-blanks.frame')).replace('\n\n\0', '\n\n\n\0'))
  expect((await session.next('CONNECTED')).header('drover-owner')).toBe('foo')
  session.send(raw('SUBSCRIBE', ['id:0', 'destination:/queue/myapp.dead']))
  const unsubscribe = await input('C41-unsubscribe-twice.frame')
  session.send(unsubscribe + unsubscribe)
  const error = await session.next('ERROR')
  expect(error.header('message')).toContain('"0"')
  expect(error.header('drover-code')).toBe('frame_invalid')
})

test('a bridge reads blanks as the embedded broker does', async () => {
  const { stompUrl } = await sharedBroker('embedded')
  await using bridge = await startBridge({ broker: stompUrl })
  await using plain = await openRaw(bridge.url)
  plain.send(await input('C42-heartbeat-blank.frame'))
  await plain.next('CONNECTED')
  const queue = `/queue/myapp.tasks.${unique('blanks').slice('myapp.'.length)}`
  plain.send(raw('SUBSCRIBE', ['id:s', `destination:${queue}`, 'ack: client ', 'receipt:r']))
  await plain.next('RECEIPT')
  const numbers = ['priority: 7', 'expires: 0 ', 'persistent: true', 'AMQ_SCHEDULED_DELAY: 0', 'content-length: 2 ']
  plain.send(
    raw('SEND', [`destination:${queue}`, 'reply-to:/queue/myapp.reply.foo.m', 'correlation-id:c', ...numbers], 'hi'),
  )
  const message = await plain.next('MESSAGE')
  expect(bodyOf(message)).toBe('hi')
  expect(message.header('priority')).toBe('7')
  for (const version of ['1.1', '1.2']) {
    await using refused = await openRaw(bridge.url)
    refused.send(raw('CONNECT', [`accept-version:${version}`, 'login: foo', 'passcode:bar']))
    expect((await refused.next('ERROR')).header('message')).toMatch(/blank at an end of its login or passcode/)
  }
})

async function input(file: string): Promise<string> {
  return (await readFile(new URL(`../../cases/inputs/${file}`, import.meta.url), 'utf8')).replace(/\^@.*$/s, '\0')
}

test.each(['artemis', 'rabbitmq', 'classic', 'embedded'] as const)(
  '%s: a colon that is not escaped stays',
  async name => {
    const { stompUrl } = await sharedBroker(name)
    await using bridge = await startBridge({ broker: stompUrl })
    const task = unique('colons').slice('myapp.'.length)
    const queue = `/queue/myapp.tasks.${task}`
    for (const version of versions) {
      const token = await tokenFor('ada', { dispatch: [task], work: [task] })
      await using session = await connectRaw(bridge.url, { token, version })
      session.send(raw('SUBSCRIBE', ['id:s:1', `destination:${queue}`, 'receipt:r:1']))
      expect(said(await session.next('RECEIPT'), 'receipt-id', version)).toBe('r:1')
      const headers = [
        `destination:${queue}`,
        'reply-to:/queue/myapp.reply.ada.m',
        'correlation-id:urn:x',
        'own:http://a:1/',
      ]
      session.send(raw('BEGIN', ['transaction:t:1', 'receipt:r:2']))
      expect(said(await session.next('RECEIPT'), 'receipt-id', version)).toBe('r:2')
      session.send(raw('SEND', [...headers, 'transaction:t:1'], 'hi') + raw('COMMIT', ['transaction:t:1']))
      const message = await session.next('MESSAGE')
      expect(said(message, 'correlation-id', version)).toBe('urn:x')
      expect(said(message, 'own', version)).toBe('http://a:1/')
      session.send(raw('UNSUBSCRIBE', ['id:s:1', 'receipt:r:3']))
      expect(said(await session.next('RECEIPT'), 'receipt-id', version)).toBe('r:3')
    }
  },
)

const said = (frame: ScannedFrame, header: string, version: StompVersion): string =>
  unescapeHeader(frame.header(header) ?? '', version)

test('RabbitMQ makes ids part of its own: one that it could not read back is refused, and no message gets stuck', async () => {
  const { stompUrl } = await sharedBroker('rabbitmq')
  await using bridge = await startBridge({ broker: stompUrl })
  const task = unique('ids').slice('myapp.'.length)
  const token = await tokenFor('rex', { work: [task] })
  for (const [version, id] of [
    ['1.0', 'a\\b'],
    ['1.1', 'a\\\\b'],
    ['1.2', 'a\\\\n'],
    ['1.2', 'a@@b'],
    ['1.1', 'a@'],
  ] as const) {
    await using session = await connectRaw(bridge.url, { token, version })
    session.send(raw('SUBSCRIBE', [`id:${id}`, `destination:/queue/myapp.tasks.${task}`, 'receipt:r']))
    const error = await session.next('ERROR')
    expect(error.header('message'), `${id} in ${version}`).toMatch(/id ".*", which this broker/)
    expect((await session.closed()).code).toBe(4400)
  }
})

test('RabbitMQ: an expiration that it does not take is told by its name', async () => {
  const { stompUrl } = await sharedBroker('rabbitmq')
  await using bridge = await startBridge({ broker: stompUrl })
  const task = unique('expiry').slice('myapp.'.length)
  const token = await tokenFor('ada', { dispatch: [task] })
  const job = [
    `destination:/queue/myapp.tasks.${task}`,
    'reply-to:/queue/myapp.reply.ada.m',
    'correlation-id:c',
    'receipt:r',
  ]
  await using session = await connectRaw(bridge.url, { token })
  session.send(raw('SEND', [...job, 'expiration:315360000000'], '{}'))
  await session.next('RECEIPT')
  session.send(raw('SEND', [...job, 'expiration:315360000001'], '{}'))
  expect((await session.next('ERROR')).header('message')).toMatch(
    /header expiration with "315360000001"; expected .* at most 315360000000/,
  )
  expect((await session.closed()).code).toBe(4400)
})
