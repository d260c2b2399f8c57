/** The small pieces that turn text into values and back. */
import { expect, test } from 'vitest'
import { formatDuration } from '../shared/duration.ts'
import { parseDuration } from './duration.ts'
import { asInstant } from './instant.ts'
import { createOutput } from './output.ts'
import { printable, printableJson } from './printable.ts'
import { createProgressLine, layOut } from './progress-line.ts'
import { parseBrokerUrl, parseConnectUrl, parsePort, withoutPassword } from './settings.ts'

test.for([
  ['500ms', 500],
  ['30s', 30_000],
  ['1.5m', 90_000],
  ['2h', 7_200_000],
  ['7d', 604_800_000],
] as const)('parseDuration(%j) is %i ms', ([text, ms]) => {
  expect(parseDuration(text)).toBe(ms)
})

test.for(['', '30', 's', '-1s', '0s', '1e3s', '30 s s', 'Infinitys', '99999999999999999d'])(
  'parseDuration(%j) is a usage error',
  text => {
    expect(() => parseDuration(text)).toThrow('is not a duration')
  },
)

test.for([
  [85, '85 ms'],
  [1234, '1.2 s'],
  [59_960, '1 min'],
  [200_000, '3 min 20 s'],
  [300_000, '5 min'],
  [3_600_000, '1 h'],
  [5_400_000, '1 h 30 min'],
  [90_000_000, '1 d 1 h'],
] as const)('formatDuration(%i) is %j', ([ms, text]) => {
  expect(formatDuration(ms)).toBe(text)
})

test.for([
  ['2026-12-01T08:00Z', '2026-12-01T08:00:00.000Z'],
  [' 2026-12-01T08:00:05.5+02:00 ', '2026-12-01T06:00:05.500Z'],
  ['2026-12-01T08:00', new Date(2026, 11, 1, 8).toISOString()],
] as const)('asInstant(%j) is %s', ([text, iso]) => {
  expect(asInstant(text, 0).toISOString()).toBe(iso)
})

test.for(['', '2026-12-01', '08:00', '2026-13-01T08:00Z', '2026-12-01 08:00', '1795000000', 'tomorrow'])(
  'asInstant(%j) is a usage error',
  text => {
    expect(() => asInstant(text, 0)).toThrow('is not an instant; write it as 2026-12-01T08:00Z')
  },
)

test('asInstant() is a usage error for an instant that is past', () => {
  expect(() => asInstant('2026-12-01T08:00Z', Date.UTC(2027, 0))).toThrow('is past; it is 2027-01-01T00:00:00.000Z now')
})

test('parsePort() takes 0 to 65535 and the default', () => {
  expect([parsePort(undefined, 'PORT', 1), parsePort('', 'PORT', 1), parsePort('0', 'PORT', 1)]).toEqual([1, 1, 0])
  for (const text of ['65536', '-1', '80a', '1e3', ' ']) {
    expect(() => parsePort(text, 'PORT', 1)).toThrow(`PORT is "${text}"; expected a port`)
  }
})

test.for([
  ['stomp://foo:bar@h:1', 'stomp://foo:bar@h:1'],
  ['http://jobs.example', 'ws://jobs.example/stomp'],
  ['https://jobs.example:8443/', 'wss://jobs.example:8443/stomp'],
  ['https://jobs.example/deep/stomp', 'wss://jobs.example/deep/stomp'],
] as const)('parseConnectUrl(%j) is %j', ([text, url]) => {
  expect(parseConnectUrl(text, '--url')).toBe(url)
})

test.for([
  [
    parseBrokerUrl,
    'http://x',
    'DROVER_BROKER begins with "http://"; a broker\'s address begins with stomp://, stomp+ssl://, ws:// or wss://',
  ],
  [parseBrokerUrl, 'https://foo:bar@x', 'DROVER_BROKER begins with "https://"'],
  [parseBrokerUrl, 'localhost:61613', 'DROVER_BROKER is "localhost:61613"; expected an address such as stomp://'],
  [parseBrokerUrl, 'stomp://', 'DROVER_BROKER is "stomp://"; expected'],
  [parseConnectUrl, 'ftp://x', 'DROVER_BROKER begins with "ftp://"; expected stomp://, stomp+ssl://, ws:// or wss://'],
  [parseConnectUrl, 'jobs.example', 'DROVER_BROKER is "jobs.example"; expected'],
] as const)('an address that cannot be used is a usage error: %o %j', ([parse, text, sentence]) => {
  expect(() => parse(text, 'DROVER_BROKER')).toThrow(sentence)
})

test.for([
  ['stomp://foo:b@r@h:1', 'stomp://foo:***@h:1'],
  ['stomp+ssl://foo:bar@h', 'stomp+ssl://foo:***@h'],
  ['wss://h/stomp', 'wss://h/stomp'],
] as const)('withoutPassword(%j) is %j', ([url, shown]) => {
  expect(withoutPassword(url)).toBe(shown)
})

test('printable() makes commands to the terminal visible', () => {
  expect(printable('a\u001b[2Jb\u009b1mc\nd\u202e\u0007')).toBe('abc d\\u202e\\u0007')
})

test.for(['\u061c', '\u200e', '\u200f', '\u202a', '\u202e', '\u2066', '\u2069', '\u2028'])(
  'a control of direction or of lines, %j, is spelled out',
  control => {
    const spelled = `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`
    expect(printable(`a${control}-`)).toBe(`a${spelled}-`)
    expect(printableJson(`a${control}-`)).toBe(`"a${spelled}-"`)
  },
)

test('printableJson() stays the same JSON', () => {
  const value = { text: 'a\u001b\u009b\u007f\u202e\u200fé🐑' }
  const json = printableJson(value)
  expect(JSON.parse(json)).toEqual(value)
  expect(json).toBe('{"text":"a\\u001b\\u009b\\u007f\\u202e\\u200fé🐑"}')
})

/** A terminal that remembers. */
function terminal(isTTY: boolean, columns = 60) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

test('createOutput() keeps a name of any letters on its line', () => {
  const target = terminal(false)
  createOutput({ target, env: {}, nameWidth: 4 }).event('pl\u202eum\n\u001b[2Jready', 'connected')
  expect(target.written).toEqual(['pl\\u202eum ready connected\n'])
})

test('createOutput() pads names, and colours on a terminal only, and not with NO_COLOR', () => {
  const [pipe, plain, colourful] = [terminal(false), terminal(true), terminal(true)]
  createOutput({ target: pipe, env: {}, nameWidth: 8 }).event('node-1', 'x', 'error')
  createOutput({ target: plain, env: { NO_COLOR: '1' }, nameWidth: 8 }).event('node-1', 'x', 'error')
  createOutput({ target: colourful, env: {}, nameWidth: 8 }).event('node-1', 'x', 'error')
  expect([pipe.written, plain.written]).toEqual([['node-1   x\n'], ['node-1   x\n']])
  expect(colourful.written).toEqual(['\u001b[36mnode-1  \u001b[0m \u001b[31mx\u001b[0m\n'])
})

test('layOut() fits the terminal, with and without a percentage', () => {
  const view = { title: 'a.b', elapsedMs: 1500, message: 'x'.repeat(100) }
  expect(layOut({ ...view, percent: 50 }, 60)).toBe('a.b  ████████████░░░░░░░░░░░░   50 %  1.5 s  xxxxxxxxxxxxx…')
  expect(layOut({ ...view, percent: 50 }, 60)).toHaveLength(59)
  expect(layOut({ ...view, message: undefined }, 60)).toMatch(/^a\.b {2}░+███░+ {2}1\.5 s$/)
  expect(layOut({ ...view, percent: 50 }, 40)).toBe('a.b  ██████░░░░░░   50 %  1.5 s  xxxxx…')
  expect(layOut({ ...view, title: 'image.thumbnail', percent: 7 }, 40)).toMatch(
    /^image.thumbnail {2}.* {2}7 % {2}1.5 s {2}x+…$/,
  )
  expect(layOut({ ...view, title: 'a'.repeat(80), percent: 7 }, 40)).toMatch(/^a+… {4}7 % {2}1.5 s {2}x+…$/)
  expect(layOut({ ...view, title: 'a'.repeat(80), percent: 7 }, 20)).toMatch(/ 7 %/)
  for (let columns = 20; columns < 100; columns++) {
    expect(layOut({ ...view, title: 'image.thumbnail', percent: 7 }, columns).length).toBeLessThan(columns)
  }
  expect(layOut({ ...view, percent: 250, message: '' }, 60)).toContain('█'.repeat(24))
})

test('createProgressLine() writes over itself and goes without a trace', () => {
  const target = terminal(true)
  const line = createProgressLine(target)
  const view = { title: 'a.b', percent: 1, elapsedMs: 100 }
  line.show(view)
  line.show(view)
  line.clear()
  line.clear()
  expect(target.written).toEqual([expect.stringMatching(/^\r\u001b\[2Ka\.b/), '\r\u001b[2K'])
})
