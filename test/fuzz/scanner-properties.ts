/** The promises of the frame scanner, tried with one byte sequence. */
import { DroverError } from '../../shared/contract/errors.ts'
import {
  encodeFrame,
  type FrameLimits,
  FrameScanner,
  isNeverEscaped,
  type ScannedFrame,
  type StompVersion,
  unescapeHeader,
} from '../../shared/frames/mod.ts'
import { parseStrictly } from './strict-parser.ts'

/** How a scanner is set. */
export interface Setting {
  readonly version: StompVersion | undefined
  readonly isLenient: boolean
  readonly limits: FrameLimits
}

interface Outcome {
  readonly frames: readonly ScannedFrame[]
  readonly scanner: FrameScanner
  readonly error: DroverError | undefined
}

export interface Judged {
  /** That the sequence breaks. */
  readonly promise: string | undefined
  readonly frames: number
}

/** Tries them all. @param pieces the same bytes, cut somewhere */
export function brokenPromise(bytes: Uint8Array, pieces: readonly Uint8Array[], setting: Setting): Judged {
  try {
    const whole = scan([bytes], setting)
    return { promise: findBroken(whole, bytes, pieces, setting), frames: whole.frames.length }
  } catch (error) {
    return { promise: `It threw ${error instanceof Error ? error.stack : error}`, frames: 0 }
  }
}

function findBroken(
  whole: Outcome,
  bytes: Uint8Array,
  pieces: readonly Uint8Array[],
  setting: Setting,
): string | undefined {
  const inPieces = scan(pieces, setting)
  const { error } = whole
  if (error !== undefined && error.code !== 'frame_invalid' && error.code !== 'frame_too_large')
    return `The error has the code ${error.code}`
  if (error?.message !== inPieces.error?.message)
    return `In one piece: ${error?.message ?? 'no error'}; in ${pieces.length}: ${inPieces.error?.message ?? 'no error'}`
  if (!isSame(whole.frames, inPieces.frames))
    return `In one piece ${whole.frames.length} frames, in ${pieces.length} others (${inPieces.frames.length})`
  for (const { scanner } of [whole, inPieces]) {
    if (error !== undefined && scanner.heldBytes > 0) return `After an error it holds ${scanner.heldBytes} bytes`
    const { maxHeaderBytes, maxBodyBytes } = setting.limits
    if (scanner.heldBytes > Math.min(bytes.length, maxHeaderBytes + maxBodyBytes + 1))
      return `It holds ${scanner.heldBytes} bytes`
  }
  if (whole.scanner.heartBeats !== inPieces.scanner.heartBeats) return 'In pieces it counts other heart-beats'
  for (const frame of whole.frames) {
    const broken = frameFault(frame, setting)
    if (broken !== undefined) return broken
  }
  return setting.isLenient ? undefined : strictFault(bytes, whole, setting)
}

function scan(pieces: readonly Uint8Array[], { version, isLenient, limits }: Setting): Outcome {
  const scanner = new FrameScanner(limits)
  scanner.version = version
  scanner.isLenient = isLenient
  const frames: ScannedFrame[] = []
  try {
    for (const piece of pieces) scanner.read(piece, frame => void frames.push(frame))
  } catch (error) {
    if (!(error instanceof DroverError)) throw error
    return { frames, scanner, error }
  }
  return { frames, scanner, error: undefined }
}

function isSame(left: readonly ScannedFrame[], right: readonly ScannedFrame[]): boolean {
  return left.length === right.length && left.every((frame, index) => isSameFrame(frame, right[index]!))
}

const isSameFrame = (left: ScannedFrame, right: ScannedFrame): boolean =>
  left.command === right.command &&
  left.bodyStart === right.bodyStart &&
  Buffer.compare(left.bytes, right.bytes) === 0 &&
  left.marks.length === right.marks.length &&
  left.marks.every((mark, index) => mark === right.marks[index])

/** A frame that goes on byte for byte is one frame; written anew it is the same. */
function frameFault(frame: ScannedFrame, setting: Setting): string | undefined {
  const again = scan([frame.bytes], setting)
  if (again.error !== undefined || again.frames.length !== 1 || !isSameFrame(again.frames[0]!, frame))
    return `Its own bytes are not the frame ${frame.command} again (${again.error?.message ?? again.frames.length})`
  if (setting.isLenient) return undefined
  const version = setting.version ?? '1.2'
  let headers: [string, string][]
  let written: Uint8Array
  try {
    headers = plainHeaders(frame, version)
    written = encodeFrame(frame.command, headers, frame.body, version)
  } catch (error) {
    // An escape that there is not, or text that this version cannot write
    if (error instanceof DroverError && error.code === 'frame_invalid') return undefined
    throw error
  }
  const { frames, error } = scan([written], { ...setting, limits: roomy })
  const [read] = frames
  if (read === undefined || error !== undefined || frames.length !== 1) return `Written anew it is ${error?.message}`
  const isEqual =
    read.command === frame.command &&
    Buffer.compare(read.body, frame.body) === 0 &&
    JSON.stringify(plainHeaders(read, version)) === JSON.stringify(headers)
  return isEqual ? undefined : `Written anew it is another frame: ${JSON.stringify(Buffer.from(written).toString())}`
}

const roomy: FrameLimits = { maxHeaders: 1_000, maxHeaderBytes: 1_000_000, maxBodyBytes: 1_000_000 }

function plainHeaders(frame: ScannedFrame, version: StompVersion): [string, string][] {
  const plain = (text: string): string => (isNeverEscaped(frame.command) ? text : unescapeHeader(text, version))
  return frame
    .headers()
    .map(([name, value]): [string, string] => [plain(name), plain(value)])
    .filter(([name]) => name.trim() !== 'content-length')
}

/** The frames of the grammar, and no others. */
function strictFault(bytes: Uint8Array, { frames, error }: Outcome, { version }: Setting): string | undefined {
  if (error?.code === 'frame_too_large') return undefined
  const strict = parseStrictly(bytes, version)
  if (strict.frames.length !== frames.length)
    return `It finds ${frames.length} frames, the strict parser ${strict.frames.length} (${strict.end}; ${error?.message})`
  if (error !== undefined ? strict.end === 'complete' : strict.end === 'invalid')
    return `The strict parser finds the end ${strict.end}, and it ${error?.message ?? 'no error'}`
  for (const [index, { command, headers, body }] of strict.frames.entries()) {
    const frame = frames[index]!
    const names = headers.length === frame.marks.length / 3
    if (command !== frame.command || !names || body !== Buffer.from(frame.body).toString('latin1'))
      return `Frame ${index} is another for the strict parser: ${command} ${JSON.stringify(headers)}`
  }
  return undefined
}
