/** Frames as stompjs.ts writes and reads them: a well-formed one as stompjs 7.5 does. */

export interface Frame {
  readonly command: string
  readonly headers: Record<string, string>
  readonly body: string
}

/** Of STOMP, as CONNECTED says it: 1.2 escapes header values, and until CONNECTED nobody does. */
export type Version = string | undefined

/** What is escaped, and what stands for it after a backslash. */
const plain = '\\\r\n:'
const escaped = '\\rnc'

const escapeValue = (value: string): string =>
  value.replace(/[\\\r\n:]/g, found => `\\${escaped[plain.indexOf(found)]}`)

/** In one pass: stompjs makes a line break of an escaped backslash before an n. */
const unescapeValue = (value: string): string =>
  value.replace(/\\[\\rnc]/g, found => plain[escaped.indexOf(found[1]!)]!)

const encoder = new TextEncoder()

/** @returns what goes into a WebSocket */
export function writeFrame(version: Version, command: string, headers: Frame['headers'], body = ''): string {
  const lines = Object.entries(headers).map(
    ([name, value]) => `${name}:${version === '1.2' ? escapeValue(value) : value}`,
  )
  if (body) lines.push(`content-length:${encoder.encode(body).length}`)
  return [command, ...lines, '', `${body}\0`].join('\n')
}

function readHeaders(version: Version, lines: readonly string[]): Frame['headers'] {
  const headers: Frame['headers'] = {}
  // Of repeated ones the first counts
  for (const line of lines.toReversed()) {
    const [name, ...rest] = line.split(':')
    const value = rest.join(':').trim()
    headers[name!.trim()] = version === '1.2' ? unescapeValue(value) : value
  }
  return headers
}

/**
 * Makes a reader of frames that come cut and joined anywhere. What comes is decoded as it comes, so each byte is looked at
 * once, in however many pieces a frame comes.
 * @param onBeat for each line break between frames
 */
export function createReader(
  getVersion: () => Version,
  onFrame: (frame: Frame) => void,
  onBeat: () => void,
): (data: string | ArrayBuffer) => void {
  const decoder = new TextDecoder()
  /** Of the line or the body that is being read. */
  let text = ''
  let lines: string[] = []
  /** Those of the frame whose body is being read. */
  let headers: Frame['headers'] | undefined
  /** Bytes of the body that are still to come; not a number when NUL ends it. */
  let left = 0

  const endLine = (line: string): void => {
    if (line) lines.push(line)
    else if (lines.length === 0) onBeat()
    else {
      headers = readHeaders(getVersion(), lines.slice(1))
      left = Number.parseInt(headers['content-length']!, 10)
    }
  }

  const endPart = (part: string): void => {
    text = ''
    // A broker may send more NULs than the one that ends a frame.
    if (!headers) endLine(part.replace(/^[\0\r]+|\r/g, ''))
    else {
      const frame = { command: lines[0]!, headers, body: part }
      lines = []
      headers = undefined
      onFrame(frame)
    }
  }

  return data => {
    const bytes = typeof data === 'string' ? encoder.encode(data) : new Uint8Array(data)
    for (let at = 0; at < bytes.length; ) {
      const last = headers && left >= 0 ? at + left : bytes.indexOf(headers ? 0 : 10, at)
      const isWhole = last in bytes
      const end = isWhole ? last : bytes.length
      text += decoder.decode(bytes.subarray(at, end), { stream: !isWhole })
      left -= end - at
      at = end + 1
      if (isWhole) endPart(text)
    }
  }
}
