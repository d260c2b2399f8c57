/** A SEND's head, read in one pass over its bytes, with the lines that must not go on. */

import { type ScannedFrame, type StompVersion, unescapeHeader } from '../../../shared/frames/mod.ts'
import { textAt, unpadded } from '../../../shared/frames/text.ts'
import { type Dialect, leavesTransientOut } from '../../../shared/stomp/dialects/mod.ts'
import { isReservedHeader } from './allowed-headers.ts'
import { checkHeader, checkName } from './characters.ts'
import { commonAt, keptCount, known } from './common-names.ts'
import { LastText } from './last-text.ts'
import { checkTyped, isDigits, isPadded } from './typed-values.ts'

/** Reads the SENDs of one session. */
export class SendReader {
  readonly version: StompVersion
  readonly dialect: Dialect
  readonly oneFrameASend: boolean
  readonly #destination: LastText = new LastText()
  readonly #replyTo: LastText = new LastText()

  /**
   * @param version that the session speaks, and the broker is spoken to in
   * @param dialect of the broker: headers that control it are removed
   * @param oneFrameASend whether a frame has to reach the broker in one piece; default: false
   */
  constructor(version: StompVersion, dialect: Dialect, oneFrameASend = false) {
    this.version = version
    this.dialect = dialect
    this.oneFrameASend = oneFrameASend
  }

  /**
   * Reads a SEND.
   * @throws {DroverError} `frame_invalid` for a header name that peers read differently, text that not every version can
   * carry, an escape that the version does not have, or a value that STOMP has as a number or a flag and is none
   */
  read(frame: ScannedFrame): SendHead {
    const { source: bytes, start: origin, marks } = frame
    const { delayHeader, expiry, dropsColons = false, name: broker } = this.dialect
    const head = new SendHead(frame, this)
    const { first } = head
    for (let mark = 0; mark < marks.length; mark += 3) {
      const start = origin + marks[mark]!
      const colon = origin + marks[mark + 1]!
      const end = origin + marks[mark + 2]!
      if (dropsColons && hasColon(bytes, colon + 1, end)) head.isLoose = true
      let header = commonAt(bytes, start, colon)
      if (header > known.transaction) {
        if (header === known.contentLength) head.isLoose ||= !isDigits(bytes, colon + 1, end)
        else if (header !== known.other && checkTyped(header, bytes, colon + 1, end)) head.isLoose = true
        if (header === known.expires && head.expiresMark < 0) head.expiresMark = mark
        if (header === known.persistent && head.persistentMark < 0) head.persistentMark = mark
        continue
      }
      if (header < 0) {
        const name = textAt(bytes, start, colon)
        checkName(name)
        if (name === expiry.header) {
          if (checkTyped(known.expires, bytes, colon + 1, end, expiry)) head.isLoose = true
          if (head.ttlMark < 0) head.ttlMark = mark
        }
        if (name === delayHeader) {
          header = known.delay
          head.isLoose ||= isPadded(bytes, colon + 1, end)
        } else if (!isReservedHeader(name, broker)) continue
        else {
          head.dropped.push(mark)
          if (name === 'drover-letter' && head.letterMark < 0) head.letterMark = mark
          if (name !== 'drover-pass') continue
          header = known.pass
        }
      }
      if (first[header]! < 0) first[header] = mark
    }
    if (frame.hasBackslash) checkValues(frame, this.version)
    head.destination = head.value(known.destination, this.#destination)
    head.replyTo = head.value(known.replyTo, this.#replyTo)
    head.isTransientLeftOut = leavesTransientOut(this.dialect, head.destination ?? '') && head.isTransient
    return head
  }
}

const noneKept: readonly number[] = Array.from({ length: keptCount }, () => -1)

/** A SEND that was read. A class, since an object with getters costs as much to make as all the reading. */
export class SendHead {
  destination: string | undefined
  replyTo: string | undefined
  readonly dropped: number[] = []
  /** The first mark of each header that is looked at, or -1. */
  readonly first: number[] = noneKept.slice()
  /** Whether a number or a flag has blanks around it, or a value a bare colon, which not every broker takes. */
  isLoose = false
  /** The first mark of `expires`, and of the dialect's header beside it, or -1. */
  expiresMark = -1
  ttlMark = -1
  /** The first mark of `drover-letter`, or -1. */
  letterMark = -1
  /** The first mark of `persistent`, or -1. */
  persistentMark = -1
  /** Whether its `persistent:false` does not go on, since it would claim the queue. */
  isTransientLeftOut = false
  readonly frame: ScannedFrame
  /** That read it: knows the session's version and the broker's dialect. */
  readonly reader: SendReader

  constructor(frame: ScannedFrame, reader: SendReader) {
    this.frame = frame
    this.reader = reader
  }

  get correlationId(): string | undefined {
    return this.value(known.correlationId)
  }

  /** A `drover-pass` that came with it; never passed on. */
  get pass(): string | undefined {
    return this.value(known.pass)
  }

  /** A `drover-letter` that came with it: the dead letter that it sends again. Never passed on. */
  get letter(): string | undefined {
    return this.#valueAt(this.letterMark)
  }

  /** Value of the dialect's delay header. */
  get delay(): string | undefined {
    const value = this.value(known.delay)
    return value === undefined ? undefined : unpadded(value)
  }

  /** Its `expires`, ms since the epoch; 0: it has none. */
  get expires(): number {
    return this.#number(this.expiresMark)
  }

  /** For how long it may wait, in ms, where the broker is told that; 0: it is not. */
  get ttl(): number {
    return this.#number(this.ttlMark)
  }

  /** Whether it says `persistent:false`. */
  get isTransient(): boolean {
    const mark = this.persistentMark
    return mark >= 0 && unpadded(this.#textAt(mark)) === 'false'
  }

  #number(mark: number): number {
    return mark < 0 ? 0 : Number(this.#textAt(mark))
  }

  /** The transaction that it belongs to. */
  get transaction(): string | undefined {
    return this.value(known.transaction)
  }

  /** The first value of a header, unescaped. */
  value(header: number, memo?: LastText): string | undefined {
    return this.#valueAt(this.first[header]!, memo)
  }

  #valueAt(mark: number, memo?: LastText): string | undefined {
    if (mark < 0) return undefined
    return unescapeHeader(this.#textAt(mark, memo), this.reader.version)
  }

  /** The value of a line, still escaped. */
  #textAt(mark: number, memo?: LastText): string {
    const { source, start, marks } = this.frame
    const from = start + marks[mark + 1]! + 1
    const to = start + marks[mark + 2]!
    return memo ? memo.at(source, from, to) : textAt(source, from, to)
  }
}

const COLON = 58

function checkValues(frame: ScannedFrame, version: StompVersion): void {
  for (const [name, value] of frame.headers()) checkHeader(frame.command, name, unescapeHeader(value, version), version)
}

function hasColon(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at] === COLON) return true
  return false
}
