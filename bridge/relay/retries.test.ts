import { expect, test } from 'vitest'
import { joinBytes } from '../../shared/bytes.ts'
import { allGrants } from '../../shared/contract/grants.ts'
import { encodeFrame, FrameScanner, type ScannedFrame } from '../../shared/frames/mod.ts'
import { artemis, classic } from '../../shared/stomp/dialects/mod.ts'
import { createMac } from '../grants/mac.ts'
import { createPasses, passEnd, SessionPasses } from '../grants/passes.ts'
import { compilePolicy } from '../grants/policy.ts'
import { SendReader } from './headers/send-head.ts'
import { Letters } from './letters.ts'
import { writeRetry } from './retries.ts'

const day = 86_400_000
let now = 1_000_000_000_000
const mac = createMac('a key')
const passes = createPasses({ mac, olderMac: mac, now: () => now })
const job = { destination: '/queue/myapp.tasks.a', replyTo: '/queue/myapp.reply.ada.m', sender: 'ada' }
const written = passes.write(job, 'c1', passEnd(now, {}))

const scan = (bytes: Uint8Array): ScannedFrame =>
  new FrameScanner({ maxHeaders: 50, maxHeaderBytes: 10_000, maxBodyBytes: 10_000 }).push(bytes)[0]!

function retry(pass: string | undefined, destination = job.destination, dialect = classic): ScannedFrame {
  const policy = compilePolicy({ grants: allGrants, owner: 'ops', isConfiguredUser: false, dialect })
  const letters = new Letters()
  letters.handed('7', { correlationId: 'c1', replyTo: job.replyTo, pass, messageId: '5,21' })
  const headers = [
    ['destination', destination],
    ['correlation-id', 'c1'],
    ['reply-to', '/queue/myapp.reply.mal.m'],
    ['drover-sender', 'mal'],
    ['drover-letter', '7'],
    ['expires', String(now + 5_000)],
  ] as const
  const head = new SendReader('1.2', dialect).read(scan(encodeFrame('SEND', headers, '{}')))
  const options = { policy, version: '1.2', passes: new SessionPasses(passes, 'ops'), letters } as const
  return scan(joinBytes([writeRetry(head, destination, head.letter!, options)].flat()))
}

test('a letter that is older than its pass has a new one, which ends with the retry', () => {
  now += 400 * day
  expect(passes.check(written, job, 'c1')).toMatch(/^ended/)
  const sent = retry(written)
  expect(sent.header('reply-to')).toBe(job.replyTo)
  expect(sent.header('drover-sender')).toBe('ada')
  expect(sent.header('drover-retried')).toBe('ops')
  expect(sent.header('drover-letter')).toBeUndefined()
  expect(passes.check(sent.header('drover-pass')!, job, 'c1')).toMatchObject({ job, endsAt: now + 5_000 + day })
})

test('the pass of another task’s job goes nowhere else', () => {
  expect(() => retry(written, '/queue/myapp.tasks.b')).toThrow(/whose job lay in/)
})

test.for([undefined, `${written}x`, '2.a.1.b'])(
  'nobody is vouched for by the pass %s, and the answer goes where the letter says',
  pass => {
    const sent = retry(pass)
    expect([sent.header('drover-pass'), sent.header('drover-sender')]).toEqual([undefined, undefined])
    expect(sent.header('reply-to')).toBe(job.replyTo)
  },
)

test('where an ACK takes no part in transactions, a retry has the id of its letter', () => {
  expect(retry(written, job.destination, artemis).header('_AMQ_DUPL_ID')).toBe('letter-21')
  expect(retry(written).header('_AMQ_DUPL_ID')).toBeUndefined()
})

test('a letter may be sent once, unless that is taken back, and not behind its ACK', () => {
  const letters = new Letters()
  const letter = { correlationId: '', replyTo: '', pass: undefined, messageId: '' }
  letters.handed('1', letter)
  expect(letters.use('1', 't')).toBe(letter)
  expect(letters.use('1', undefined)).toBeUndefined()
  letters.transactionEnded('t', false)
  expect(letters.use('1', 'u')).toBe(letter)
  letters.transactionEnded('u', true)
  expect(letters.use('1', undefined)).toBeUndefined()
  letters.handed('2', letter)
  letters.settled('2')
  expect(letters.use('2', undefined)).toBeUndefined()
})
