import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinBytes } from '../../../shared/bytes.ts'
import { encodeFrame, FrameScanner, type ScannedFrame, unescapeHeader } from '../../../shared/frames/mod.ts'
import { unpadded } from '../../../shared/frames/text.ts'
import { classic, rabbitmq } from '../../../shared/stomp/dialects/mod.ts'
import { startCpuTime } from '../../../test/support/cpu-time.ts'
import { isReservedHeader } from './allowed-headers.ts'
import { SendReader } from './send-head.ts'
import { typedNames } from './typed-values.ts'
import { createStamp, type Written, writeSend } from './write-send.ts'

const stamp = createStamp([['drover-sender', 'ada']], '1.2')
const scan = (bytes: Written | string): ScannedFrame =>
  new FrameScanner().push(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : joinBytes([bytes].flat()))[0]!
const reader = new SendReader('1.2', classic)
const written = (bytes: Uint8Array | string, keepsReplyTo = true, keepsDelay = true): ScannedFrame =>
  scan(writeSend(reader.read(scan(bytes)), stamp, keepsReplyTo, keepsDelay))

const names = ['destination', 'reply-to', 'correlation-id', 'content-type', 'receipt']
names.push(
  'own',
  'owner',
  'x-own',
  'drover-sender',
  'drover-pass',
  'activemq.x',
  'AMQ_SCHEDULED_DELAY',
  'JMSXGroupID',
  'Receipt',
  'selector',
)
const anyValue = fc.string({ unit: 'grapheme', maxLength: 12 }).map(text => text.replaceAll(/[\0\r\n]/g, ''))
const anyHeaders = fc.array(fc.tuple(fc.constantFrom(...names), anyValue), { maxLength: 12 })

test('of any SEND the broker gets the stamp, the first of each allowed header, and the body', () => {
  fc.assert(
    fc.property(
      anyHeaders,
      fc.uint8Array({ maxLength: 30 }),
      fc.boolean(),
      fc.boolean(),
      (headers, body, keepsReplyTo, keepsDelay) => {
        const found = written(encodeFrame('SEND', headers, body), keepsReplyTo, keepsDelay)
        const expected = new Map<string, string>([['drover-sender', 'ada']])
        for (const [name, value] of headers) {
          const isGone =
            name === 'AMQ_SCHEDULED_DELAY'
              ? !keepsDelay
              : name === 'reply-to'
                ? !keepsReplyTo
                : isReservedHeader(name, 'classic')
          if (!isGone && !expected.has(name)) expected.set(name, typedNames.has(name) ? unpadded(value) : value)
        }
        const got = found.headers().filter(([name]) => name !== 'content-length')
        expect(got.map(([name, value]) => [name, unescapeHeader(value, '1.2')])).toEqual([...expected])
        expect([...found.body]).toEqual([...body])
      },
    ),
  )
})

test('the same reader reads one SEND after another', () => {
  for (const [destination, replyTo] of [
    ['/queue/a', '/queue/r'],
    ['/queue/bb', undefined],
    ['/queue/a', '/queue/s'],
    ['/queue/a', '/queue/s'],
  ] as const) {
    const headers: [string, string][] = [['destination', destination]]
    if (replyTo !== undefined) headers.push(['reply-to', replyTo])
    const head = reader.read(scan(encodeFrame('SEND', headers)))
    expect([head.destination, head.replyTo]).toEqual([destination, replyTo])
  }
})

test.each([
  'drover-sender',
  'Drover-Pass',
  'activemq.prefetchSize',
  'AMQ_SCHEDULED_CRON',
  'JMSXGroupID',
  'timestamp',
  'transformation',
  'Destination',
  'REPLY-TO',
])('%s controls something', name => expect(isReservedHeader(name, 'classic')).toBe(true))
test.each([
  'destination',
  'reply-to',
  'content-type',
  'correlation-id',
  'expires',
  'priority',
  'traceparent',
  'tenant',
  'amount',
  'type',
  'id',
])('%s passes', name => expect(isReservedHeader(name, 'classic')).toBe(false))

test('STOMP 1.0 has no escapes, and 1.1 no \\r', () => {
  const read = (version: '1.0' | '1.1') => new SendReader(version, classic).read(scan('SEND\ndestination:a\\tb\n\n\0'))
  expect(read('1.0').destination).toBe('a\\tb')
  expect(() => read('1.1')).toThrow(/knows/)
})

test('frames stay apart that share room', () => {
  const bytes = Array.from({ length: 500 }, (_, at) =>
    writeSend(reader.read(scan(`SEND\ndestination:/queue/${at}\n\n${'b'.repeat(at)}\0`)), stamp, true, true),
  )
  for (const [at, one] of bytes.entries()) {
    expect(scan(one).header('destination')).toBe(`/queue/${at}`)
    expect(scan(one).body.length).toBe(at)
  }
})

test('RabbitMQ is told persistent:false of no queue that it would be made for', () => {
  const toRabbitmq = new SendReader('1.2', rabbitmq)
  const persistentOf = (headers: readonly string[]): string | undefined => {
    const frame = scan(['SEND', ...headers, '', '\0'].join('\n'))
    return scan(writeSend(toRabbitmq.read(frame), stamp, true, true)).header('persistent')
  }
  const shared = 'destination:/queue/myapp.reply'
  expect(persistentOf([shared, 'persistent:false'])).toBeUndefined()
  expect(persistentOf([shared, 'persistent: false ', 'x:1', 'x:2'])).toBeUndefined()
  expect(persistentOf([shared, 'persistent:true'])).toBe('true')
  expect(persistentOf(['destination:/amq/queue/myapp.reply.ada.m', 'persistent:false'])).toBe('false')
  expect(persistentOf(['destination:/topic/myapp.control.t', 'persistent:false'])).toBe('false')
  expect(written('SEND\ndestination:/queue/myapp.reply\npersistent:false\n\n\0').header('persistent')).toBe('false')
})

test('blanks of ASCII around a delay mean nothing, one of Unicode belongs to it', () => {
  const delayOf = (value: string) =>
    reader.read(
      scan(
        encodeFrame('SEND', [
          ['destination', '/queue/a'],
          ['AMQ_SCHEDULED_DELAY', value],
        ]),
      ),
    ).delay
  expect([' 5', '\t5 ', '\u00a05'].map(delayOf)).toEqual(['5', '5', '\u00a05'])
})

test('a number with a head full of blanks in it holds nobody up', () => {
  const frame = scan(`SEND\ndestination:/queue/a\npriority: 5${' '.repeat(60_000)}5 \n\n\0`)
  const cpuMs = startCpuTime()
  expect(() => reader.read(frame)).toThrow(/priority/)
  // Where each blank costs a look at all behind it, it is over a second
  expect(cpuMs()).toBeLessThan(200)
})
