/**
 * Reads JSON as a person writes it, with the place of each value and of the first mistake: browsers say where in ways of
 * their own, or not at all.
 */
import type { Json } from './field.ts'

/** Positions in the text: from the first character to after the last. */
interface Place {
  readonly from: number
  readonly to: number
}

export type JsonReading =
  /** `places` by path, as a worker's issues have it. */
  | { readonly value: Json; readonly places: ReadonlyMap<string, Place> }
  | { readonly mistake: { readonly at: number; readonly line: number; readonly message: string } }

const maxDepth = 200
const white = /[ \t\n\r]*/y
const scalar =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

class Mistake extends Error {
  readonly at: number
  constructor(at: number, message: string) {
    super(message)
    this.at = at
  }
}

export function readJsonText(text: string): JsonReading {
  const reader = new Reader(text)
  try {
    reader.value('', 0)
    reader.end()
    return { value: JSON.parse(text) as Json, places: reader.places }
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    return { mistake: { at: error.at, line: lineOf(text, error.at), message: error.message } }
  }
}

/** @returns from 1 */
export const lineOf = (text: string, at: number): number => text.slice(0, at).split('\n').length

class Reader {
  readonly places = new Map<string, Place>()
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  value(path: string, depth: number): void {
    if (depth > maxDepth) throw new Mistake(this.#at, `more than ${maxDepth} levels deep`)
    this.#skip()
    const from = this.#at
    const sign = this.#text[from]
    if (sign === '{') this.#members(path, depth)
    else if (sign === '[') this.#items(path, depth)
    else if (this.#match(scalar) === undefined)
      this.#fail(sign === undefined ? 'something is missing at the end' : this.#what())
    this.places.set(path, { from, to: this.#at })
  }

  end(): void {
    this.#skip()
    if (this.#at < this.#text.length) this.#fail('something follows after the end')
  }

  #members(path: string, depth: number): void {
    this.#list('}', () => {
      this.#skip()
      const key = this.#text[this.#at] === '"' ? this.#match(scalar) : undefined
      if (key === undefined) this.#fail('expected a name in "double quotes"')
      this.#expect(':', 'expected a : after the name')
      this.value(join(path, JSON.parse(key!) as string), depth + 1)
    })
  }

  #items(path: string, depth: number): void {
    let index = 0
    this.#list(']', () => this.value(join(path, String(index++)), depth + 1))
  }

  #list(end: string, one: () => void): void {
    this.#at++
    this.#skip()
    if (this.#text[this.#at] === end) return void this.#at++
    for (;;) {
      one()
      this.#skip()
      const sign = this.#text[this.#at]
      if (sign === end) return void this.#at++
      this.#expect(',', `expected a , or the closing ${end}`)
    }
  }

  #expect(sign: string, message: string): void {
    this.#skip()
    if (this.#text[this.#at] !== sign) this.#fail(message)
    this.#at++
  }

  #what(): string {
    if (this.#text[this.#at] === "'") return 'text needs "double quotes"'
    if (this.#text[this.#at] === '"')
      return 'this text does not end, or has a character that must be written as an escape'
    return this.#text[this.#at] === '}' || this.#text[this.#at] === ']'
      ? 'expected another value after the ,'
      : 'expected a value'
  }

  #fail(message: string): never {
    throw new Mistake(this.#at, message)
  }

  #skip(): void {
    this.#match(white)
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)?.[0]
    if (found !== undefined) this.#at += found.length
    return found
  }
}

const join = (path: string, part: string): string => (path === '' ? part : `${path}.${part}`)
