import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DroverError } from '../contract/errors.ts'
import { encodeFrame, escapeHeader, type FrameLimits, FrameScanner, type ScannedFrame, unescapeHeader } from './mod.ts'

const limits: FrameLimits = { maxHeaders: 20, maxHeaderBytes: 4096, maxBodyBytes: 4096 }
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const concat = (pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces))
const plain = (frame: ScannedFrame) => ({
  command: frame.command,
  headers: frame.headers(),
  body: [...frame.body],
  bytes: [...frame.bytes],
})
const scan = (...chunks: (Uint8Array | string)[]): ScannedFrame[] => {
  const scanner = new FrameScanner(limits)
  return chunks.flatMap(chunk => scanner.push(typeof chunk === 'string' ? bytesOf(chunk) : chunk))
}

const anyText = fc.string({ unit: 'binary', maxLength: 12 }).map(text => text.replaceAll('\0', ''))
const anyCommand = fc.constantFrom('SEND', 'MESSAGE', 'ERROR', 'RECEIPT', 'VENDOR')
const anyHeader = fc
  .tuple(anyText, anyText)
  .filter(([name]) => name !== '' && name !== 'content-length')
  .map(([name, value]): [string, string] => [name, value])
const anyFrame = fc.record({
  command: anyCommand,
  headers: fc.array(anyHeader, { maxLength: 6 }),
  body: fc.uint8Array({ maxLength: 40 }),
})
const anyBytes = fc
  .array(fc.tuple(anyFrame, fc.constantFrom('', '\n', '\r\n', '\n\n')), { maxLength: 4 })
  .map(frames =>
    concat(frames.flatMap(([{ command, headers, body }, end]) => [encodeFrame(command, headers, body), bytesOf(end)])),
  )

test('a scanned frame has the parts that encodeFrame() was given', () => {
  fc.assert(
    fc.property(anyFrame, ({ command, headers, body }) => {
      const bytes = encodeFrame(command, headers, body)
      const [frame, ...others] = scan(bytes)
      expect(others).toEqual([])
      expect(frame!.command).toBe(command)
      expect([...frame!.bytes]).toEqual([...bytes])
      expect([...frame!.body]).toEqual([...body])
      const found = frame!.headers().map(([name, value]) => [unescapeHeader(name, '1.2'), unescapeHeader(value, '1.2')])
      expect(found.filter(([name]) => name !== 'content-length')).toEqual(headers)
    }),
  )
})

test('the frames are the same wherever the bytes are cut', () => {
  fc.assert(
    fc.property(anyBytes, bytes => {
      const whole = scan(bytes).map(plain)
      for (let cut = 0; cut <= bytes.length; cut++) {
        expect(scan(bytes.subarray(0, cut), bytes.subarray(cut)).map(plain)).toEqual(whole)
      }
      expect(scan(...[...bytes].map(byte => Uint8Array.of(byte))).map(plain)).toEqual(whole)
    }),
    { numRuns: 25 },
  )
})

test('a frame inside one chunk is a slice of it', () => {
  const chunk = bytesOf('\nSEND\ndestination:/queue/a\n\nhi\0\nACK\nid:1\n\n\0')
  const frames = scan(chunk)
  expect(frames.map(frame => frame.bytes.buffer === chunk.buffer)).toEqual([true, true])
  expect(frames.map(frame => frame.bytes.byteOffset)).toEqual([1, 32])
  expect(frames[0]!.body.buffer).toBe(chunk.buffer)
})

test('of repeated headers the first counts, and all stay visible', () => {
  const [frame] = scan('SEND\nfoo:one\nbar: x \nfoo:two\n\n\0')
  expect(frame!.header('foo')).toBe('one')
  expect(frame!.header('bar')).toBe(' x ')
  expect(frame!.header('fo')).toBeUndefined()
  expect(frame!.headerValues('foo')).toEqual(['one', 'two'])
  expect(frame!.headers()).toEqual([
    ['foo', 'one'],
    ['bar', ' x '],
    ['foo', 'two'],
  ])
})

test('plain header lines can be passed on as they are, others cannot', () => {
  const linesOf = (text: string) =>
    scan(text)[0]!
      .plainLines(name => name === 'receipt')
      ?.map(textOf)
  expect(linesOf('SEND\r\na:1\r\nreceipt:x:y\r\na:2\r\nb:3\r\n\r\n\0')).toEqual(['a:1', 'b:3'])
  expect(linesOf('SEND\na:1\n\n\\\0')).toEqual(['a:1'])
  expect(linesOf('SEND\na:\\c\n\n\0')).toBeUndefined()
  expect(linesOf('SEND\na:1:2\n\n\0')).toBeUndefined()
})

test('a counted body may hold NUL; without content-length the first NUL ends it', () => {
  expect(scan('SEND\ncontent-length:3\n\na\0b\0').map(frame => textOf(frame.body))).toEqual(['a\0b'])
  expect(scan('SEND\n\nab\0').map(frame => textOf(frame.body))).toEqual(['ab'])
  expect(scan('SEND\ncontent-length:1\ncontent-length:1\n\na\0')).toHaveLength(1)
})

test('heart-beats are skipped and counted, also when CR and LF come apart', () => {
  const scanner = new FrameScanner(limits)
  for (const chunk of ['\n\r', '\n', 'ACK\nid:1\n\n\0\n']) scanner.push(bytesOf(chunk))
  expect(scanner.heartBeats).toBe(3)
  expect(scanner.isInsideFrame).toBe(false)
  scanner.push(bytesOf('AC'))
  expect(scanner.isInsideFrame).toBe(true)
  expect(scanner.heldBytes).toBe(2)
})

test('CR LF may end the lines until 1.0 or 1.1 was agreed on', () => {
  const bytes = bytesOf('SEND\r\ndestination:/queue/a\r\n\r\nhi\0')
  for (const version of [undefined, '1.2'] as const) {
    const scanner = new FrameScanner(limits)
    scanner.version = version
    expect(scanner.push(bytes)[0]!.header('destination')).toBe('/queue/a')
  }
  const strict = new FrameScanner(limits)
  strict.version = '1.1'
  expect(() => strict.push(bytes)).toThrow(/STOMP 1.1 does not have/)
})

test.each([
  ['GET / HTTP/1.1\r\n', /has byte 32 in it; a STOMP command is capital letters/],
  ['send\n', /has "s" in it/],
  ['SEND\r\r\n', /has byte 13 in it/],
  ['SEND\r \n', /has byte 32 in it/],
  ['\r\rSEND', /carriage return without its line feed/],
  ['\r\n\r\n\rA', /carriage return without its line feed/],
  ['ABCDEFGHIJKLMNOPQRS', /over 16 bytes/],
  ['SEND\nfoo\n\n\0', /no colon/],
  ['SEND\n:foo\n\n\0', /no name/],
  ['SEND\nfoo:b\0ar\n\n\0', /before the blank line/],
  ['SEND\0', /has byte 0 in it/],
  ['SEND\nfoo:a\rb\n\n\0', /carriage return inside its line; leave it out/],
  ['SEND\r\nfoo:a\n\n\0', /some with CR LF/],
  ['SEND\nfoo:a\n\r\n\0', /some with CR LF/],
  ['SEND\ncontent-length:2\n\nabc\0', /no NUL behind/],
  ['SEND\ncontent-length:+2\n\nab\0', /in digits/],
  ['SEND\ncontent-length:\n\nab\0', /in digits/],
  ['SEND\ncontent-length: 2 2\n\nab\0', /in digits/],
  ['SEND\ncontent-length:2\u2028\n\nab\0', /in digits/],
  ['SEND\ncontent-length:1\ncontent-length:2\n\na\0', /two different/],
  [Uint8Array.of(83, 10, 97, 58, 0xc3, 10, 10, 0), /not UTF-8/],
])('%j is refused, and the scanner is spent', (input, message) => {
  const bytes = typeof input === 'string' ? bytesOf(input) : input
  for (const chunks of [[bytes], [...bytes].map(byte => Uint8Array.of(byte))]) {
    const scanner = new FrameScanner(limits)
    expect(() => chunks.forEach(chunk => void scanner.push(chunk))).toThrow(message)
    expect(() => scanner.push(bytesOf('ACK\nid:1\n\n\0'))).toThrow(message)
    expect(scanner.heldBytes).toBe(0)
  }
})

test.each([
  [`SEND\n${'a:b\n'.repeat(21)}`, /more than 20 headers/],
  [`SEND\na:${'b'.repeat(4096)}`, /over 4096 bytes/],
  ['SEND\ncontent-length:4097\n\n', /4097 bytes; the limit is 4096/],
  [`SEND\n\n${'b'.repeat(4097)}`, /more than 4096/],
])('headers or body too large, %#', (input, message) => {
  for (const chunks of [[input], [...input]]) {
    const scanner = new FrameScanner(limits)
    const push = () => chunks.forEach(chunk => void scanner.push(bytesOf(chunk)))
    expect(push).toThrow(message)
    expect(push).toThrow(expect.objectContaining({ code: 'frame_too_large' }))
  }
})

test('read() hands over the frames before a fault, and lets limits change between two frames', () => {
  const scanner = new FrameScanner({ maxHeaders: 1, maxHeaderBytes: 40, maxBodyBytes: 0 })
  const commands: string[] = []
  const read = () =>
    scanner.read(bytesOf('CONNECT\nhost:a\n\n\0SEND\na:1\nb:2\n\nbody\0oops'), frame => {
      commands.push(frame.command)
      scanner.limits = limits
    })
  expect(read).toThrow(DroverError)
  expect(commands).toEqual(['CONNECT', 'SEND'])
})

test('read() stops for good when told so', () => {
  const scanner = new FrameScanner(limits)
  const commands: string[] = []
  const stop = (frame: ScannedFrame) => commands.push(frame.command) < 1
  scanner.read(bytesOf('SEND\n\n\0ACK\n\n\0'), stop)
  scanner.read(bytesOf('ACK\n\n\0'), stop)
  expect(commands).toEqual(['SEND'])
})

test('a byte order mark and other text stay as they were', () => {
  const [frame] = scan(
    encodeFrame('SEND', [
      ['a', '\ufeffé'],
      ['ключ', '値'],
    ]),
  )
  expect(frame!.headers()).toEqual([
    ['a', '\ufeffé'],
    ['ключ', '値'],
  ])
})

test('escaping goes by version', () => {
  const all = 'a:b\\c\nd'
  expect(escapeHeader(all, '1.1')).toBe('a\\cb\\\\c\\nd')
  expect(unescapeHeader('a\\cb\\\\c\\nd', '1.1')).toBe(all)
  expect(escapeHeader('\r', '1.2')).toBe('\\r')
  expect(unescapeHeader('\\r', '1.2')).toBe('\r')
  expect(escapeHeader('a:\\', '1.0')).toBe('a:\\')
  expect(unescapeHeader('\\r\\t', '1.0')).toBe('\\r\\t')
  for (const [value, version] of [
    ['\0', '1.2'],
    ['\r', '1.1'],
    ['\r', '1.0'],
    ['\n', '1.0'],
  ] as const) {
    expect(() => escapeHeader(value, version)).toThrow(DroverError)
  }
  for (const [value, version] of [
    ['\\t', '1.2'],
    ['\\', '1.2'],
    ['\\r', '1.1'],
  ] as const) {
    expect(() => unescapeHeader(value, version)).toThrow(/STOMP/)
  }
})

test('CONNECT and CONNECTED are never escaped', () => {
  expect(textOf(encodeFrame('CONNECT', [['passcode', 'a:\\b']]))).toBe('CONNECT\npasscode:a:\\b\n\n\0')
  expect(() => encodeFrame('CONNECTED', [['a', 'b\nc:d']])).toThrow(DroverError)
})

test('encodeFrame() refuses a frame that would not come back the same', () => {
  expect(() => encodeFrame('SE ND', [])).toThrow(DroverError)
  expect(() => encodeFrame('SEND', [['', 'a']])).toThrow(DroverError)
  expect(() => encodeFrame('SEND', [['a:b', 'c']], '', '1.0')).toThrow(DroverError)
  expect(() => encodeFrame('SEND', [['content-length', '2']], 'abc')).toThrow(DroverError)
  expect(textOf(encodeFrame('SEND', [['content-length', '0']]))).toBe('SEND\ncontent-length:0\n\n\0')
})

test('nothing that comes in makes it crash, hang or hold more than its limits', () => {
  const small: FrameLimits = { maxHeaders: 4, maxHeaderBytes: 200, maxBodyBytes: 300 }
  const anyInput = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    fc.tuple(anyBytes, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 })).map(([bytes, changes]) => {
      const changed = bytes.slice()
      for (const [at, byte] of changes) if (changed.length > 0) changed[at % changed.length] = byte
      return changed
    }),
    fc
      .array(fc.constantFrom('SEND', '\n', '\r\n', 'a:b', '\0', 'content-length:', '9', ':', 'é'))
      .map(parts => bytesOf(parts.join(''))),
  )
  fc.assert(
    fc.property(fc.array(anyInput, { maxLength: 6 }), chunks => {
      const scanner = new FrameScanner(small)
      for (const chunk of chunks) {
        try {
          for (const frame of scanner.push(chunk)) {
            frame.headers()
            expect(frame.body.length).toBeLessThanOrEqual(small.maxBodyBytes)
          }
        } catch (error) {
          expect(error).toBeInstanceOf(DroverError)
        }
        expect(scanner.heldBytes).toBeLessThanOrEqual(small.maxHeaderBytes + small.maxBodyBytes + 1)
      }
    }),
    { numRuns: 1000 },
  )
})

test.each(['\n', '\r\n'])('a command may have 16 letters, and no more, before %j', end => {
  const scan = (command: string) => new FrameScanner().push(new TextEncoder().encode(`${command}${end}${end}\0`))
  expect(scan('A'.repeat(16))).toHaveLength(1)
  expect(() => scan('A'.repeat(17))).toThrow(/over 16 bytes/)
})
