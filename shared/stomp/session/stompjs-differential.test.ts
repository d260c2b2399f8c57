/** stompjs as it is and as it is put right here: where it reads well, told the same, they say the same and tell the same. */
import * as stompjs from '@stomp/stompjs'
import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { RecordedClient, type RecordedOptions, type Stompjs } from '../../../test/support/recorded-client.ts'
import * as mended from './stompjs.ts'

const logged = vi.fn()

beforeEach(() => {
  vi.useFakeTimers()
  for (const level of ['log', 'error'] as const) vi.spyOn(console, level).mockImplementation(() => logged())
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const utf8 = new TextEncoder()

/** Letters, spaces of all kinds, escaped characters, and those of more than one byte or one code unit. */
const piece = fc.constantFrom(
  'a',
  'n',
  'x',
  '1',
  ' ',
  '\t',
  '\u00a0',
  '\ufeff',
  '\u2028',
  '-',
  '\\',
  'é',
  '€',
  '\u{1f600}',
  ',',
)
const text = fc.array(piece, { maxLength: 6 }).map(pieces => pieces.join(''))
/** Node's TextDecoder, unlike Deno's and Chromium's, takes this U+FEFF for a byte order mark where the character before it is cut. */
const body = text.filter(it => !/^\P{ASCII}\ufeff/u.test(it))

/** A header value on the wire. stompjs gets an escaped backslash before a letter wrong: see below. */
const wireValue = fc
  .array(fc.oneof(piece, fc.constantFrom('\\c', '\\n', '\\r', '\\\\', '\\t', ':', '\r')), { maxLength: 6 })
  .map(pieces => pieces.join(''))
  .filter(value => !/\\\\[cnr]/.test(value.replaceAll('\r', '')))
const ids = fc.constantFrom('s-1', 's-1', 's-1', 's-2', 'constructor')
const receipts = fc.constantFrom('r-1', 'close-1')
const headerLine = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('subscription'), ids) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom('ack', 'message-id'), wireValue) },
  fc.tuple(fc.constant('receipt-id'), receipts),
  fc.tuple(fc.constantFrom('destination', ' x', 'x ', 'message', 'é'), wireValue),
)

interface Sent {
  readonly command: string
  readonly lines: readonly (readonly [string, string])[]
  readonly body: string
  readonly isCounted: boolean
  readonly eol: string
  readonly after: string
}

const frameOf = (command: fc.Arbitrary<string>): fc.Arbitrary<Sent> =>
  fc.record({
    command,
    lines: fc.array(headerLine, { maxLength: 5 }),
    body: fc.oneof(body, fc.constantFrom('throw', 'a\0b\n\nc\r\n', '')),
    isCounted: fc.boolean(),
    eol: fc.constantFrom('\n', '\r\n'),
    after: fc.constantFrom('', '\n', '\r\n', '\n\n\n', '\0\n', '\r\0\r\n'),
  })

const write = ({ command, lines, body, isCounted, eol, after }: Sent): string => {
  const isLong = isCounted || body.includes('\0')
  const length = isLong ? [`content-length:${utf8.encode(body).length}`] : []
  return `${[command, ...length, ...lines.map(line => line.join(':')), '', body].join(eol)}\0${after}`
}

const connected = fc
  .record({
    version: fc.constantFrom('1.2', '1.1', '1.0', undefined),
    beat: fc.constantFrom('100,100', '40,200', '0,100', '100,0', ' 50 , 50 ', '100', undefined),
    frame: frameOf(fc.constant('CONNECTED')),
  })
  .map(({ version, beat, frame }) => {
    const lines = Object.entries({ version, 'heart-beat': beat }).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    )
    return write({ ...frame, lines: [...lines, ...frame.lines] })
  })

const noise = fc.array(frameOf(fc.constantFrom('MESSAGE', 'MESSAGE', 'MESSAGE', 'RECEIPT', 'ERROR', 'INFO')), {
  maxLength: 6,
})

/** Something that befalls a client, or that it is asked to do. */
type Step = { readonly name: string; run(client: RecordedClient): void }

const step = (name: string, run: Step['run']): Step => ({ name, run })
/** shared/stomp asks while the session is open alone. */
const call = (name: string, run: Step['run']): Step =>
  step(name, client => {
    if (client.at === 'open') run(client)
  })

/** All bytes of `said`, in pieces. */
const say = (said: fc.Arbitrary<string>): fc.Arbitrary<Step> =>
  fc.tuple(said, fc.array(fc.nat(40), { maxLength: 8 }), fc.boolean()).map(([whole, lengths, isText]) =>
    step(`says ${JSON.stringify(whole)}, ${isText ? 'text' : 'bytes'} in pieces of ${lengths}`, client => {
      // Text is cut between characters alone, as a WebSocket's messages are.
      const [characters, bytes] = [[...whole], utf8.encode(whole)]
      let at = 0
      for (const length of [...lengths, bytes.length]) {
        const to = at + length
        client.say(isText ? characters.slice(at, to).join('') : bytes.slice(at, to))
        at = to
      }
    }),
  )

const headers = fc.dictionary(fc.constantFrom('x', 'receipt', 'transaction', 'content-type', 'é'), text)

const leave = call('deactivate()', client => {
  client.at = 'closing'
  void client.client.deactivate()
})
const force = step('deactivate({ force: true })', client => {
  client.at = 'lost'
  void client.client.deactivate({ force: true })
})

const subscribe = fc
  .tuple(ids, headers, text)
  .map(([id, added, to]) =>
    call(`subscribe ${id}`, client => client.subscribe(`/queue/${to}`, { id, ack: 'client', ...added })),
  )
const unsubscribe = fc
  .tuple(ids, headers)
  .map(([id, added]) => call(`unsubscribe ${id}`, ({ client }) => client.unsubscribe(id, { ...added })))
const publish = fc
  .record({ destination: text, headers, body: text })
  .map(message => call(`publish ${JSON.stringify(message)}`, ({ client }) => client.publish(message)))
const acknowledge = fc
  .tuple(fc.nat(2), fc.option(headers, { nil: undefined }))
  .map(([at, added]) => call(`ack of message ${at}`, ({ messages }) => messages[at]?.ack(added)))
const transact = fc
  .tuple(fc.constantFrom('begin' as const, 'abort' as const), text)
  .map(([what, name]) => call(what, ({ client }) => client[what](`t-${name}`)))

const receipt = step('RECEIPT of DISCONNECT', client => client.say('RECEIPT\nreceipt-id:close-0\n\n\0'))

const later = fc.oneof(
  { weight: 8, arbitrary: say(noise.map(frames => frames.map(write).join(''))) },
  {
    weight: 5,
    arbitrary: fc.integer({ min: 1, max: 250 }).map(ms => step(`${ms} ms`, () => vi.advanceTimersByTime(ms))),
  },
  { weight: 4, arbitrary: acknowledge },
  subscribe,
  unsubscribe,
  publish,
  transact,
  fc.constantFrom(
    step('error', client => client.fail()),
    // one of its name that nobody asked for
    call(receipt.name, receipt.run),
  ),
)
const ending = fc.constantFrom(
  leave,
  leave,
  force,
  step('close', client => client.end(1006)),
)
const scenario = fc.record({
  options: fc.record<RecordedOptions>({
    isOpen: fc.boolean(),
    canTerminate: fc.boolean(),
  }),
  /** Before the client has its socket. */
  early: fc.option(fc.constant(force), { nil: undefined, freq: 20 }),
  before: noise.map(frames => frames.map(write).join('')),
  connected,
  first: subscribe,
  rest: fc.array(later, { maxLength: 20 }),
  ending,
  leaving: fc.array(later, { maxLength: 4 }),
  receipt: fc.constantFrom(receipt, receipt, force),
  end: fc.array(later, { maxLength: 4 }),
})

async function play(implementation: Stompjs, scenario: Scenario): Promise<unknown> {
  vi.setSystemTime(0)
  logged.mockClear()
  const client = new RecordedClient(implementation, scenario.options)
  scenario.early?.run(client)
  await client.started()
  client.open()
  const opening = step('CONNECTED', it => it.say(scenario.before + scenario.connected))
  const { first, rest, ending, leaving, receipt, end } = scenario
  for (const one of [opening, first, ...rest, ending, ...leaving, receipt, ...end]) {
    client.log.push(['step', one.name])
    one.run(client)
    await Promise.resolve()
  }
  const { binaryType } = client.socket
  client.end(1000)
  vi.clearAllTimers()
  return { log: client.log, binaryType, exceptions: logged.mock.calls.length }
}

type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never

test('told the same, they send the same bytes and tell the same', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, async one => {
      expect(await play(mended, one)).toEqual(await play(stompjs, one))
    }),
    { numRuns: 4000 },
  )
})
