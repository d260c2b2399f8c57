/** However the broker's bytes are cut, the browser gets the same as frame by frame, which a model of one frame at a time says. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { joinBytes } from '../../shared/bytes.ts'
import { FrameScanner, type StompVersion } from '../../shared/frames/mod.ts'
import { createMac } from '../grants/mac.ts'
import { createPasses, type PassedJob, SessionPasses } from '../grants/passes.ts'
import { InFlight } from './in-flight.ts'
import type { JobSubscription } from './job-subscriptions.ts'
import { Stomp10, scan } from './stomp-1-0.ts'
import { ToBrowser } from './to-browser.ts'

const mac = createMac('a key')
const passes = createPasses({ mac, olderMac: mac, now: () => 0 })
const sources = {
  queue: { destinations: ['/queue/myapp.tasks.a'] },
  queues: { destinations: ['/queue/myapp.tasks.b', '/queue/myapp.tasks.c'] },
  topic: { destinations: ['/topic/myapp.tasks.a'] },
  control: { destinations: ['/topic/myapp.control.a'], passOf: '/topic/myapp.tasks.a' },
} satisfies Record<string, JobSubscription>
type Source = keyof typeof sources
type Header = readonly [name: string, value: string]

/** A frame of the broker's, and its expected fate. */
interface Case {
  readonly command: string
  readonly headers: readonly Header[]
  readonly goesOn: 'as it came' | 'never' | readonly Header[]
}

const asked: readonly Header[] = [
  ['reply-to', '/queue/myapp.reply.ada.m'],
  ['drover-sender', 'ada'],
  ['correlation-id', 'c1'],
]
const jobOf = (destination: string): PassedJob => ({ destination, replyTo: asked[0]![1], sender: 'ada' })
const noted: Header = ['note', 'one\\nor two']

function caseOf(kind: string, source: Source, at: number): Case {
  const { destinations, passOf }: JobSubscription = sources[source]
  const destination = destinations[at % destinations.length]!
  const own = jobOf(passOf ?? destination)
  const routed: readonly Header[] = [
    ['subscription', source],
    ['message-id', `m${at}`],
    ['ack', `m${at}`],
    ['destination', destination],
  ]
  const message = (headers: readonly Header[], goesOn: Case['goesOn']): Case => ({
    command: 'MESSAGE',
    headers,
    goesOn,
  })
  const job = [...routed, ...asked]
  const written: Header = ['drover-pass', passes.write(own, 'c1', 9)]
  const elsewhere = passes.write(
    jobOf(`/queue/myapp.tasks.${source === 'queues' && at % 2 === 1 ? 'b' : 'c'}`),
    'c1',
    9,
  )
  switch (kind) {
    case 'fits':
      return message([...job, written], 'as it came')
    case 'fits, and says something odd':
      return message([noted, ...job, written], [...job, written])
    case 'of another':
      return message([...job, ['drover-pass', elsewhere]], 'never')
    case 'made up':
      return message([['drover-pass', 'made up'], ...job], 'never')
    case 'odd':
      return message([...job, ['drover-pass', '2.a\\nb']], 'never')
    case 'asked twice':
      return message([...job, asked[0]!, written], 'never')
    case 'of a program': {
      const bare = [...routed, asked[0]!, asked[2]!]
      const pass = passes.issue({ ...own, sender: '' }, 'c1', 'rex')
      return message(bare, [['drover-pass', pass], ...bare])
    }
    case 'without a number':
      return message([['subscription', source], ['message-id', 'a\\nb'], ...routed.slice(3)], 'never')
    case 'from elsewhere':
      return message(
        [...job.map(([name, value]): Header => [name, name === 'destination' ? '/x' : value])],
        'as it came',
      )
    case 'of no job':
      return message([['subscription', 'replies'], ...job.slice(1), ['drover-pass', 'made up']], 'as it came')
    case 'of a letter':
      return { command: 'RECEIPT', headers: [['receipt-id', 'letter']], goesOn: 'never' }
    default:
      return { command: 'RECEIPT', headers: [['receipt-id', `r${at}`]], goesOn: 'as it came' }
  }
}
const kinds = [
  'fits',
  'fits, and says something odd',
  'of another',
  'made up',
  'odd',
  'asked twice',
  'of a program',
  'without a number',
  'from elsewhere',
  'of no job',
  'of a letter',
  'receipt',
]

const anyFrame = fc.record({
  kind: fc.constantFrom(...kinds),
  source: fc.constantFrom<Source>('queue', 'queues', 'topic', 'control'),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  body: fc.oneof(
    fc.constantFrom('', '\n', 'MESSAGE\n\n\0', '\0\n\0RECEIPT\nreceipt-id:x\n\n\0'),
    fc.string({ maxLength: 9 }),
  ),
  between: fc.constantFrom('', '\n', '\n\n\n'),
})
const anyCase = fc.record({
  version: fc.constantFrom<StompVersion>('1.2', '1.1', '1.0'),
  frames: fc.array(anyFrame, { minLength: 1, maxLength: 7 }),
  cuts: fc.array(fc.nat(3_000), { maxLength: 12 }),
  isWhole: fc.boolean(),
})

const write = (command: string, headers: readonly Header[], lineEnd: string, body: string): Uint8Array => {
  const lines = [command, ...headers.map(([name, value]) => `${name}:${value}`), '']
  return Buffer.from(`${lines.map(line => `${line}${lineEnd}`).join('')}${body}\0`)
}

test('in chunks of every kind the browser gets the same as frame by frame', () => {
  fc.assert(
    fc.property(anyCase, ({ version, frames, cuts, isWhole }) => {
      const brokerVersion = version === '1.0' ? '1.1' : version
      const stomp10 = version === '1.0' ? new Stomp10(() => {}) : undefined
      const sent: Uint8Array[] = []
      const misfits: string[] = []
      const inFlight = new InFlight(brokerVersion, 1_000)
      for (const source of Object.keys(sources)) inFlight.subscribed(source, 'client-individual')
      const scanner = new FrameScanner()
      scanner.isLenient = true
      scanner.version = brokerVersion
      const toBrowser = new ToBrowser({
        scanner,
        version: brokerVersion,
        passes: new SessionPasses(passes, 'rex'),
        misfits: {
          isWaiting: true,
          sendToDead: ({ header }) => void misfits.push(header('message-id') ?? ''),
          leaveToBroker() {},
          confirmed: receipt => receipt === 'letter',
        },
        jobSubscriptions: new Map(Object.entries(sources)),
        inFlight,
        send: parts => void sent.push(joinBytes(parts).slice()),
        stomp10,
        onPassed() {},
        onLeftOut: () => {},
      })

      const expected: Uint8Array[] = []
      const stream: Uint8Array[] = []
      const withheld: string[] = []
      for (const [at, { kind, source, lineEnd, body, between }] of frames.entries()) {
        const frame = caseOf(kind, source, at)
        const end = version === '1.2' ? lineEnd : '\n'
        const length: readonly Header[] = body === '' ? [] : [['content-length', String(Buffer.byteLength(body))]]
        const came = write(frame.command, [...frame.headers, ...length], end, body)
        stream.push(came, Buffer.from(between))
        if (['of another', 'made up', 'odd', 'asked twice'].includes(kind)) withheld.push(`m${at}`)
        if (frame.goesOn === 'never') continue
        const goes =
          typeof frame.goesOn !== 'string' ? write(frame.command, [...frame.goesOn, ...length], '\n', body) : came
        expected.push(stomp10 === undefined ? goes : stomp10.toBrowser(scan(goes)))
      }
      const bytes = new Uint8Array(Buffer.concat(stream))
      const ends = isWhole ? [bytes.length] : [...cuts.map(cut => cut % bytes.length), bytes.length]
      let from = 0
      for (const to of ends.toSorted((a, b) => a - b)) {
        toBrowser.read(bytes.subarray(from, to))
        from = to
      }
      const text = (of: readonly Uint8Array[]): string => Buffer.concat(of).toString()
      const whole = sent.flatMap(one => {
        const reader = new FrameScanner()
        const found = reader.push(one)
        expect(reader.isInsideFrame, 'a message ends within a frame').toBe(false)
        return found.map(each => each.bytes)
      })
      expect(text(whole)).toBe(text(expected))
      expect(misfits).toEqual(withheld)
    }),
    { numRuns: 400 },
  )
})
