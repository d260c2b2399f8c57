import { expect, test } from 'vitest'
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
  const sent: Uint8Array[] = []
  const toBrowser = new ToBrowser({
    scanner: new FrameScanner(),
    version: '1.2',
    passes: new SessionPasses(passes, 'rex'),
    misfits: nobodys,
    jobSubscriptions: new Map([['s', { destinations: [queue, `${queue}.c`] }]]),
    inFlight: new InFlight('1.2', 10),
    send: bytes => void sent.push(bytes),
    stomp10: undefined,
    onPassed() {},
    onLeftOut: names => leftOut.push(...names),
  })
  toBrowser.read(chunk)
  const scanner = new FrameScanner()
  return sent.flatMap(bytes => scanner.push(bytes))
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
