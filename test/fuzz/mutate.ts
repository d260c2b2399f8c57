/** Byte sequences drawn from a seed: recorded frames with faults put in, and frames made of words that parsers disagree on. */
import type { Random } from '../support/random.ts'
import { blanks, bodies, commands, lengths, marks, nameFaults, names, oddBytes, valueFaults } from './odd-words.ts'

const encoder = new TextEncoder()
const bytesOf = (text: string): Uint8Array => encoder.encode(text)

export interface MutatorOptions {
  /** Whole frames, such as those of a recording. */
  readonly frames: readonly Uint8Array[]
  /** Values for `destination` and `reply-to`. To the first the session may send; the second holds its own replies. */
  readonly destinations: readonly string[]
  /** Of a sequence, in bytes. */
  readonly most: number
}

export class Mutator {
  readonly #random: Random
  readonly #options: MutatorOptions
  readonly #buffer: Uint8Array
  #length = 0

  constructor(random: Random, options: MutatorOptions) {
    this.#random = random
    this.#options = options
    this.#buffer = new Uint8Array(options.most)
  }

  /** Frames and words of any kind, with faults. @returns a sequence of its own */
  stream(): Uint8Array {
    const random = this.#random
    this.#length = 0
    for (let left = random.pick([1, 1, 1, 2, 2, 3]); left > 0; left--) {
      if (random.whole(0, 9) === 0) this.#insert(this.#length, bytesOf(random.pick(marks)))
      if (random.whole(0, 1) === 0) this.#insert(this.#length, random.pick(this.#options.frames))
      else this.#insert(this.#length, bytesOf(this.frame()))
    }
    for (let left = random.pick([0, 1, 1, 1, 2, 2, 3, 6]); left > 0; left--) this.#fault(10)
    return this.#buffer.slice(0, this.#length)
  }

  /** Frames that are mostly as they should be. @returns a sequence of its own */
  session(): Uint8Array {
    const random = this.#random
    this.#length = 0
    for (let left = random.pick([1, 1, 2, 3]); left > 0; left--) {
      if (random.whole(0, 19) === 0) this.#insert(this.#length, bytesOf(random.pick(['\n', '\r\n', '\n\n'])))
      if (random.whole(0, 29) === 0) this.#insert(this.#length, bytesOf('DISCONNECT\n\n\0'))
      if (random.whole(0, 2) === 0) this.#insert(this.#length, random.pick(this.#options.frames))
      else this.#insert(this.#length, bytesOf(this.job()))
    }
    for (let left = random.pick([0, 0, 1, 1, 2]); left > 0; left--) this.#fault(7)
    return this.#buffer.slice(0, this.#length)
  }

  /** One frame as text, well formed but for its headers. */
  frame(command: string = this.#random.pick(commands)): string {
    const random = this.#random
    const end = random.whole(0, 7) === 0 ? '\r\n' : '\n'
    const lines = [command]
    if (random.whole(0, 3) > 0) lines.push(`destination:${random.pick(this.#options.destinations)}`)
    for (let left = random.whole(0, 5); left > 0; left--) lines.push(this.header())
    return `${lines.join(end)}${end}${end}${random.pick(bodies)}\0`
  }

  /** A job of the session's, or a SUBSCRIBE, with an odd header now and then. @param body default any */
  job(body: string = this.#random.pick(bodies)): string {
    const random = this.#random
    const end = random.whole(0, 9) === 0 ? '\r\n' : '\n'
    const isSend = random.whole(0, 3) > 0
    const { destinations } = this.#options
    const lines = isSend
      ? [`destination:${destinations[0]}`, `reply-to:${destinations[1]}`, 'correlation-id:c1']
      : [`id:s${random.whole(0, 99)}`, `destination:${random.pick(destinations.slice(0, 2))}`]
    if (isSend && random.whole(0, 2) === 0) lines.push(`content-length:${bytesOf(body).length}`)
    if (random.whole(0, 9) === 0) lines[0] += random.pick(valueFaults)
    for (let left = random.pick([0, 1, 1, 2]); left > 0; left--) {
      lines.splice(random.whole(0, lines.length), 0, this.header())
    }
    const isCut = !isSend || (body.includes('\0') && !lines.some(line => line.startsWith('content-length')))
    return `${[isSend ? 'SEND' : 'SUBSCRIBE', ...lines].join(end)}${end}${end}${isCut ? '' : body}\0`
  }

  /** A job of which each has something odd; most of them can still be passed on. */
  odd(): Uint8Array {
    const random = this.#random
    const { destinations } = this.#options
    const body = random.pick(bodies)
    const end = random.whole(0, 3) === 0 ? '\r\n' : '\n'
    const lines = [
      `destination:${random.whole(0, 3) === 0 ? random.pick(destinations) : destinations[0]}`,
      `reply-to:${destinations[1]}`,
      'correlation-id:c1',
    ]
    for (let left = random.pick([1, 1, 2, 3]); left > 0; left--) this.#makeOdd(lines, bytesOf(body).length)
    return bytesOf(`${['SEND', ...lines].join(end)}${end}${end}${body}\0`)
  }

  #makeOdd(lines: string[], length: number): void {
    const random = this.#random
    const at = random.whole(0, lines.length)
    const padding = (): string => (random.whole(0, 1) === 0 ? random.pick(blanks) : '')
    switch (random.whole(0, 4)) {
      case 0: {
        const said = random.whole(0, 3) === 0 ? random.pick(lengths) : `${length}`
        lines.splice(at, 0, `content-length:${padding()}${said}${padding()}`)
        break
      }
      case 1: {
        // Once more, as another or the same
        const [name] = random.pick(lines).split(':')
        lines.splice(at, 0, `${name}:${random.pick(this.#options.destinations)}`)
        break
      }
      case 2:
        lines.splice(at, 0, `${padding()}${random.pick(names)}${random.pick(nameFaults)}:${random.pick(valueFaults)}`)
        break
      case 3:
        lines.splice(at, 0, `${oddCase(random, random.pick(names))}:${padding()}1${random.pick(valueFaults)}`)
        break
      default: {
        const line = random.pick(lines)
        lines[lines.indexOf(line)] = line.replace(':', `:${padding()}`).concat(random.pick([...valueFaults, ...blanks]))
      }
    }
  }

  header(): string {
    const random = this.#random
    const name = random.pick(names)
    const before = random.whole(0, 19) === 0 ? random.pick(nameFaults) : ''
    const behind = random.whole(0, 9) === 0 ? random.pick(nameFaults) : ''
    const value = `${this.#value(name)}${random.whole(0, 4) === 0 ? random.pick(valueFaults) : ''}`
    return `${before}${name}${behind}:${value}`
  }

  #value(name: string): string {
    const random = this.#random
    switch (name) {
      case 'destination':
      case 'reply-to':
        return random.pick(this.#options.destinations)
      case 'content-length':
        return random.pick(lengths)
      default:
        return random.pick(['1', 'c1', 't', 'true', '5', '/queue/myapp.dead', 'x\\c y'])
    }
  }

  /** @param kinds how many there are; those behind the first 7 cut sequences into pieces */
  #fault(kinds: number): void {
    const random = this.#random
    const length = this.#length
    if (length === 0) return
    const at = random.whole(0, length - 1)
    switch (random.whole(0, kinds - 1)) {
      case 0:
        this.#buffer[at] = random.pick(oddBytes)
        break
      case 1:
        this.#buffer[at]! ^= 1 << random.whole(0, 7)
        break
      case 2:
        this.#insert(at, bytesOf(random.pick(marks)))
        break
      case 3:
        this.#insert(this.#lineAt(at), bytesOf(`${this.header()}\n`))
        break
      case 4:
        this.#remove(at, random.whole(1, Math.min(8, length - at)))
        break
      case 5: {
        const start = this.#lineAt(at)
        this.#remove(start, Math.max(1, this.#lineEnd(at) - start))
        break
      }
      case 6: {
        // A line twice, or elsewhere
        const line = this.#buffer.slice(this.#lineAt(at), this.#lineEnd(at))
        this.#insert(this.#lineAt(random.whole(0, length - 1)), line)
        break
      }
      case 7:
        this.#length = at
        break
      case 8:
        this.#insert(at, random.pick(this.#options.frames))
        break
      default:
        this.#insert(at, this.#buffer.slice(at, at + random.whole(1, Math.min(200, length - at))))
    }
  }

  #lineAt(at: number): number {
    return this.#buffer.lastIndexOf(10, Math.max(0, at - 1)) + 1
  }

  #lineEnd(at: number): number {
    const found = this.#buffer.indexOf(10, at)
    return found < 0 || found >= this.#length ? this.#length : found + 1
  }

  #insert(at: number, bytes: Uint8Array): void {
    const fitting = bytes.subarray(0, this.#options.most - this.#length)
    this.#buffer.copyWithin(at + fitting.length, at, this.#length)
    this.#buffer.set(fitting, at)
    this.#length += fitting.length
  }

  #remove(at: number, count: number): void {
    this.#buffer.copyWithin(at, at + count, this.#length)
    this.#length = Math.max(0, this.#length - count)
  }
}

/** In capitals, or with a letter that is an ASCII one to readers that mind no case. */
function oddCase(random: Random, name: string): string {
  if (random.whole(0, 1) === 0) return name.replace(/^./, first => first.toUpperCase())
  return name.replace('s', 'ſ').replace('k', '\u212a')
}

/** The same bytes in pieces. */
export function cut(random: Random, bytes: Uint8Array): Uint8Array[] {
  if (random.whole(0, 59) === 0) return [...bytes].map(byte => Uint8Array.of(byte))
  const cuts = Array.from({ length: random.whole(1, 4) }, () => random.whole(0, bytes.length)).toSorted((a, b) => a - b)
  return [0, ...cuts].map((from, index) => bytes.slice(from, cuts[index] ?? bytes.length))
}
