/** The line that tells jobs of one task apart: the first few scalars of the input. */
import { plain } from '../look/plain.ts'

const maxScalars = 4
const maxCharacters = 60
/** Of a huge input only its beginning is looked at. */
const maxLooked = 40
const maxDepth = 4

/** An input is the same object in every state of its job. */
const lines = new WeakMap<object, string>()

/** @returns such as `pictures/dusk.jpg, width 320`: text, for any input; '' where there is nothing to tell */
export function inputLine(input: unknown): string {
  if (typeof input !== 'object' || input === null) return scalarsOf(input)
  const line = lines.get(input) ?? scalarsOf(input)
  lines.set(input, line)
  return line
}

function scalarsOf(input: unknown): string {
  const said: string[] = []
  let looked = 0
  const look = (value: unknown, key: string, depth: number): void => {
    if (looked++ >= maxLooked || said.length === maxScalars || value === '') return
    // A flag that is not set is the rule, and `fail false` beside a job reads like news.
    if (value === null || value === undefined || (value === false && key !== '')) return
    if (typeof value !== 'object') {
      const text = String(value)
      const brief = text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text
      said.push(typeof value === 'string' || key === '' ? brief : `${key} ${brief}`)
    } else if (depth < maxDepth) {
      const entries = Array.isArray(value)
        ? value.slice(0, maxLooked).map(one => ['', one] as const)
        : Object.entries(value)
      for (const [name, one] of entries.slice(0, maxLooked)) look(one, name.slice(0, maxCharacters), depth + 1)
    }
  }
  look(input, '', 0)
  return plain(said.join(', '))
}
