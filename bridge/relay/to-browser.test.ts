import { expect, test } from 'vitest'
import { Grants } from '../../shared/contract/grants.ts'
import { classic } from '../../shared/stomp/dialects/mod.ts'
import { encodeFrame, FrameScanner } from '../frames/mod.ts'
import { compilePolicy } from '../grants/policy.ts'
import { createMac } from '../mac.ts'
import { createPasses } from '../passes.ts'
import { HandedOut } from './handed-out.ts'
import { ToBrowser } from './to-browser.ts'

const queue = '/queue/myapp.tasks.a'

function passOf(destination: string): string | undefined {
  const sent: Uint8Array[] = []
  const policy = compilePolicy({
    grants: Grants.parse({ work: ['a'] }),
    owner: 'rex',
    isConfiguredUser: false,
    dialect: classic,
  })
  const toBrowser = new ToBrowser({
    scanner: new FrameScanner(),
    version: '1.2',
    policy,
    passes: createPasses(createMac('a key')),
    jobSubscriptions: new Map([['s', queue]]),
    handedOut: new HandedOut('1.2', 10),
    send: bytes => void sent.push(bytes),
    firstVersion: undefined,
    onLeftOut: () => {},
  })
  const headers = { subscription: 's', 'message-id': '1', destination, 'drover-sender': 'ada' }
  toBrowser.read(encodeFrame('MESSAGE', Object.entries(headers), '{}'))
  return new FrameScanner().push(sent[0]!)[0]!.header('drover-pass')
}

test('a job gets a pass', () => expect(passOf(queue)).toMatch(/^1\./))

test.each(['/topic/myapp.control.a', '/queue/myapp.dead', '/queue/myapp.tasks.b', `${queue}.b`])(
  'what was sent for %s, when the id was of another subscription, gets none',
  destination => expect(passOf(destination)).toBeUndefined(),
)
