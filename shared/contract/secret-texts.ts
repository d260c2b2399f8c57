/** The words of a validator or an error about an input, without the secrets that they quote. */
import { redacted, secretsIn } from './secrets.ts'

/** Shorter ones are words like any other, and are looked for as whole words. */
const shortest = 4

/**
 * The texts that are secret in an input, the longest first.
 * @param schema JSON Schema of the input, which marks its secrets; a value that is no schema marks none
 */
export function secretTexts(schema: unknown, input: unknown): readonly string[] {
  const texts = new Set<string>()
  const collect = (value: unknown): void => {
    if (typeof value === 'object' && value !== null) for (const one of Object.values(value)) collect(one)
    else if (typeof value === 'string' || typeof value === 'number') texts.add(String(value))
  }
  for (const path of secretsIn(schema, input)) collect(path.reduce<unknown>(member, input))
  texts.delete('')
  return [...texts].sort((a, b) => b.length - a.length)
}

/**
 * @param secrets as `secretTexts` gives them
 * @returns the text with each of them replaced, as it is and as JSON writes it
 */
export function redactTexts(text: string, secrets: readonly string[]): string {
  return secrets.reduce((left, secret) => {
    const spelled = new Set([JSON.stringify(secret).slice(1, -1), secret])
    return [...spelled].reduce((rest, one) => rest.replace(patternOf(one), redacted), left)
  }, text)
}

function patternOf(text: string): RegExp {
  const literal = text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
  return new RegExp(text.length < shortest ? `(?<![\\p{L}\\p{N}])${literal}(?![\\p{L}\\p{N}])` : literal, 'gu')
}

const member = (value: unknown, key: string): unknown => (value as Readonly<Record<string, unknown>>)[key]
