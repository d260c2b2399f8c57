import { expect, test } from 'vitest'
import { joinBytes } from '../../shared/bytes.ts'
import { encodeFrame, FrameScanner, type ScannedFrame } from '../../shared/frames/mod.ts'
import { createMac } from '../grants/mac.ts'
import { createPasses, SessionPasses } from '../grants/passes.ts'
import { InFlight } from './in-flight.ts'
import type { Misfits } from './misfits.ts'
import { ToBrowser } from './to-browser.ts'

const queue = '/queue/myapp.tasks.a'

const mac = createMac('a key')
const passes = createPasses({ mac, olderMac: mac, now: () => 0 })
const nobodys: Pick<Misfits, 'isWaiting' | 'sendToDead' | 'leaveToBroker' | 'confirmed'> = {
  isWaiting: false,
  sendToDead() {},
  leaveToBroker() {},
  confirmed: () => false,
}

/** @returns the frames that the browser gets of a chunk of the broker's */
function passedOn(chunk: Uint8Array, leftOut: string[] = []): ScannedFrame[] {
  const scanner = new FrameScanner()
  return passedOnInParts([chunk], leftOut).flatMap(parts => scanner.push(joinBytes(parts)))
}

/** @returns the messages that the browser gets of the broker's chunks, in parts */
function passedOnInParts(chunks: readonly Uint8Array[], leftOut: string[] = []): (readonly Uint8Array[])[] {
  const sent: (readonly Uint8Array[])[] = []
  const toBrowser = new ToBrowser({
    scanner: new FrameScanner(),
    version: '1.2',
    passes: new SessionPasses(passes, 'rex'),
    misfits: nobodys,
    jobSubscriptions: new Map([['s', { destinations: [queue, `${queue}.c`] }]]),
    inFlight: new InFlight('1.2', 10),
    send: parts => void sent.push(parts),
    stomp10: undefined,
    onPassed() {},
    onLeftOut: names => leftOut.push(...names),
  })
  for (const chunk of chunks) toBrowser.read(chunk)
  return sent
}

function passOf(destination: string): string | undefined {
  const headers = { subscription: 's', 'message-id': '1', destination, 'drover-sender': 'ada' }
  return passedOn(encodeFrame('MESSAGE', Object.entries(headers), '{}'))[0]!.header('drover-pass')
}

test.each([queue, `${queue}.c`])('a job of %s without a pass gets one', destination =>
  expect(passOf(destination)).toMatch(/^3\./),
)

test.each(['/topic/myapp.control.a', '/queue/myapp.dead', '/queue/myapp.tasks.b', `${queue}.b`])(
  'a message for %s, sent when the id was of another subscription, gets none',
  destination => expect(passOf(destination)).toBeUndefined(),
)

const receipt = (id: string): Uint8Array => encodeFrame('RECEIPT', [['receipt-id', id]])
const job = [
  ['subscription', 's'],
  ['message-id', '1'],
  ['destination', queue],
] as const

test.each([
  ['a job whose pass does not fit', encodeFrame('MESSAGE', [...job, ['drover-pass', 'made up']], '{}')],
  [
    'a job without a number',
    encodeFrame('MESSAGE', [...job.slice(0, 1), ['message-id', 'a\nb'], ...job.slice(2)], '{}'),
  ],
])('%s stays out though it stands between two frames that go on as they came', (_, frame) => {
  const chunk = Buffer.concat([receipt('before'), frame, Buffer.from('\n'), receipt('behind')])
  expect(passedOn(chunk).map(one => one.header('receipt-id') ?? one.command)).toEqual(['before', 'behind'])
})

test('a large frame goes on in the parts in which it came, also behind another and before one, and none of it is copied', () => {
  const body = Uint8Array.from({ length: 300_000 }, (_, at) => at % 251)
  const message = (subscription: string, of: Uint8Array) =>
    encodeFrame('MESSAGE', Object.entries({ destination: '/topic/x', subscription, 'message-id': 'm' }), of)
  const stream = joinBytes([message('t', body.subarray(0, 9)), message('t', body), message('t', body.subarray(0, 9))])
  for (const firstBytes of [20, 150, 30_000, 65_536]) {
    const cuts = Array.from({ length: 8 }, (_, at) => Math.min(stream.length, firstBytes + at * 65_536))
    // Each in memory of its own, as from a socket
    const chunks = [0, ...cuts].map((cut, at) => stream.slice(cut, cuts[at] ?? stream.length))
    const parts = passedOnInParts(chunks).flat()
    expect(Buffer.compare(joinBytes(parts), stream)).toBe(0)
    const copied = parts.filter(part => !chunks.some(chunk => chunk.buffer === part.buffer))
    expect(copied.reduce((length, part) => length + part.length, 0)).toBeLessThan(32_768)
  }
})

test('a large job without a pass gets one, in whatever parts it came', () => {
  const body = Uint8Array.from({ length: 200_000 }, (_, at) => at % 251)
  const job = encodeFrame('MESSAGE', Object.entries({ destination: queue, subscription: 's', 'message-id': 'm' }), body)
  const chunks = [0, 1, 2, 3].map(at => job.slice(at * 65_536, (at + 1) * 65_536))
  const [frame] = new FrameScanner().push(joinBytes(passedOnInParts(chunks).flat()))
  expect(frame!.header('drover-pass')).toMatch(/^3\./)
  expect(Buffer.compare(frame!.body, body)).toBe(0)
})
