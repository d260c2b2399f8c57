import { expect, test } from 'vitest'
import { encodeFrame, FrameScanner } from '../frames/mod.ts'
import { createMac } from '../mac.ts'
import { createPasses } from '../passes.ts'
import { HandedOut } from './handed-out.ts'
import type { Misfits } from './misfits.ts'
import { SessionPasses } from './session-passes.ts'
import { ToBrowser } from './to-browser.ts'

const queue = '/queue/myapp.tasks.a'

const mac = createMac('a key')
const passes = createPasses({ mac, olderMac: mac, now: () => 0 })
const nobodys: Pick<Misfits, 'isWaiting' | 'take' | 'confirmed'> = {
  isWaiting: false,
  take() {},
  confirmed: () => false,
}

function passOf(destination: string): string | undefined {
  const sent: Uint8Array[] = []
  const toBrowser = new ToBrowser({
    scanner: new FrameScanner(),
    version: '1.2',
    passes: new SessionPasses(passes, 'rex'),
    misfits: nobodys,
    jobSubscriptions: new Map([['s', [queue, `${queue}.c`]]]),
    handedOut: new HandedOut('1.2', 10),
    send: bytes => void sent.push(bytes),
    firstVersion: undefined,
    onLeftOut: () => {},
  })
  const headers = { subscription: 's', 'message-id': '1', destination, 'drover-sender': 'ada' }
  toBrowser.read(encodeFrame('MESSAGE', Object.entries(headers), '{}'))
  return new FrameScanner().push(sent[0]!)[0]!.header('drover-pass')
}

test.each([queue, `${queue}.c`])('a job of %s without a pass gets one', destination =>
  expect(passOf(destination)).toMatch(/^3\./),
)

test.each(['/topic/myapp.control.a', '/queue/myapp.dead', '/queue/myapp.tasks.b', `${queue}.b`])(
  'what was sent for %s, when the id was of another subscription, gets none',
  destination => expect(passOf(destination)).toBeUndefined(),
)
