/**
 * The parser of stompjs, which goes on after a malformed part. It looks at each byte by a method, and makes a text of each name and
 * value. Most frames come whole and plain, so these are read here at once, from their bytes. It has all others.
 */
import { FrameImpl, type IFrame, Parser } from '@stomp/stompjs'

/** Of stompjs, which looks at each byte by the method that `_onByte` is. */
interface Insides {
  _onByte: (byte: number) => void
  readonly _bodyBytesRemaining: number
  _results: { command?: string; readonly headers: [name: string, value: string][] }
  _token: ArrayLike<number>
  readonly _collectFrame: (byte: number) => void
  readonly _collectHeaders: (byte: number) => void
  readonly _collectBodyNullTerminated: (byte: number) => void
  readonly _consumeTokenAsUTF8: () => string
  readonly _retrievedBody: () => void
  _collectHeaderKey: (byte: number) => void
  _setupCollectBody: () => void
}

const lineFeed = 10
const carriageReturn = 13
const encoder = new TextEncoder()
const decoder = new TextDecoder()

export interface FrameParser {
  read(data: string | ArrayBuffer | Uint8Array): void
}

export function createParser(onFrame: (frame: IFrame) => void, onBeat: () => void): FrameParser {
  const parser = new Parser(raw => onFrame(toFrame(raw)), onBeat)
  const insides = parser as unknown as Insides
  const { _collectFrame, _collectHeaderKey, _setupCollectBody } = insides
  insides._collectHeaderKey = byte => {
    if (byte !== lineFeed) return _collectHeaderKey.call(parser, byte)
    insides._results.headers.push([insides._consumeTokenAsUTF8(), ''])
    insides._onByte = insides._collectHeaders
  }
  insides._setupCollectBody = () => {
    _setupCollectBody.call(parser)
    if (!(insides._bodyBytesRemaining >= 0)) insides._onByte = insides._collectBodyNullTerminated
  }

  /** Reads a frame that is there whole. @returns where it ends, or where it begins when it is not whole or not plain */
  const readWhole = (bytes: Uint8Array, from: number): number => {
    const headEnd = endOfHead(bytes, from)
    if (headEnd < 0) return from
    const [command, ...lines] = decoder.decode(bytes.subarray(from, headEnd)).split('\n')
    const headers: [string, string][] = []
    let length: number | undefined
    for (const line of lines) {
      const colon = line.indexOf(':')
      if (colon < 0) return from
      const name = line.slice(0, colon)
      const value = line.slice(colon + 1)
      if (name === 'content-length') length ??= Number.parseInt(value, 10)
      headers.push([name, value])
    }
    const start = headEnd + 2
    const end = length !== undefined && length >= 0 ? start + length : bytes.indexOf(0, start)
    if (end < 0 || end >= bytes.length) return from
    insides._results = { command: command!, headers }
    insides._token = bytes.subarray(start, end)
    insides._retrievedBody()
    return end + 1
  }

  return {
    read(data) {
      const bytes = toBytes(data)
      for (let at = 0; at < bytes.length; ) {
        const isBetween = insides._onByte === _collectFrame
        const next = isBetween && bytes[at]! > carriageReturn ? readWhole(bytes, at) : at
        if (next > at) at = next
        else insides._onByte(bytes[at++]!)
      }
    },
  }
}

const toBytes = (data: string | ArrayBuffer | Uint8Array): Uint8Array => {
  if (typeof data === 'string') return encoder.encode(data)
  return ArrayBuffer.isView(data) ? data : new Uint8Array(data)
}

/** @returns where the empty line behind the headers begins; -1 where it is not there, or a line ends in CR */
function endOfHead(bytes: Uint8Array, from: number): number {
  for (let at = from; at < bytes.length - 1; at++) {
    const byte = bytes[at]!
    if (byte === carriageReturn) return -1
    if (byte === lineFeed && bytes[at + 1] === lineFeed) return at
  }
  return -1
}

/** Of a header that stands twice the first counts. */
function toFrame({ command, headers, binaryBody }: Parameters<Parser['onFrame']>[0]): IFrame {
  const own: Record<string, string> = {}
  for (let at = headers.length - 1; at >= 0; at--) {
    const [name, value] = headers[at]!
    own[name.trim()] = value.trim()
  }
  return new FrameImpl({ command: command!, headers: own, binaryBody: binaryBody!, escapeHeaderValues: false })
}
