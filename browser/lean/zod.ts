/**
 * Stands in for `zod/mini` in what a page downloads (vite.config.ts puts it there): the part of it that shared/contract
 * uses, in a seventh of the bytes, and with the same answers, which zod.test.ts proves on whatever it can think of.
 */

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** What is parsed so far, and where. */
type Run = (value: unknown, path: readonly PropertyKey[], issues: Issue[]) => unknown
/** @returns what is wrong, if anything */
type Check = (value: never) => string | undefined

const invalid = 'Invalid input'

class Schema {
  readonly run: Run
  /** What becomes of a key that is absent. */
  readonly absent: 'refused' | 'left_out' | 'filled_in'

  constructor(run: Run, absent: Schema['absent'] = 'refused') {
    this.run = run
    this.absent = absent
  }

  check(...checks: readonly Check[]): Schema {
    return new Schema((value, path, issues) => {
      const before = issues.length
      const parsed = this.run(value, path, issues)
      if (issues.length > before) return parsed
      for (const check of checks) {
        const message = check(parsed as never)
        if (message !== undefined) issues.push({ path, message })
      }
      return parsed
    })
  }

  safeParse(value: unknown): { success: boolean; data?: unknown; error?: { issues: readonly Issue[] } } {
    const issues: Issue[] = []
    const data = this.run(value, [], issues)
    return issues.length === 0 ? { success: true, data } : { success: false, error: { issues } }
  }

  parse(value: unknown): unknown {
    const { data, error } = this.safeParse(value)
    if (error === undefined) return data
    throw new Error(error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
  }
}

const when = (fits: (value: unknown) => boolean, message: string = invalid): Schema =>
  new Schema((value, path, issues) => {
    if (!fits(value)) issues.push({ path, message })
    return value
  })

const check =
  <T>(fits: (value: T) => boolean, message: string = invalid): Check =>
  value =>
    fits(value) ? undefined : message

export const string = (message?: string): Schema => when(value => typeof value === 'string', message)
export const number = (): Schema => when(Number.isFinite)
export const int = (): Schema => when(Number.isSafeInteger)
export const boolean = (message?: string): Schema => when(value => typeof value === 'boolean', message)
export const literal = (wanted: unknown): Schema => when(value => value === wanted)
export const unknown = (): Schema => new Schema(value => value)

function oneOf(values: readonly unknown[]): Schema {
  return when(value => values.includes(value))
}

export { oneOf as enum }

export const optional = (inner: Schema): Schema =>
  new Schema((value, path, issues) => (value === undefined ? value : inner.run(value, path, issues)), 'left_out')

export const _default = (inner: Schema, fallback: unknown): Schema =>
  new Schema((value, path, issues) => {
    if (value !== undefined) return inner.run(value, path, issues)
    return typeof fallback === 'function' ? fallback() : fallback
  }, 'filled_in')

export const array = (item: Schema, message: string = invalid): Schema =>
  new Schema((value, path, issues) => {
    if (Array.isArray(value)) return value.map((one, index) => item.run(one, [...path, index], issues))
    issues.push({ path, message })
    return value
  })

export const object = (shape: Readonly<Record<string, Schema>>, message: string = invalid): Schema =>
  new Schema((value, path, issues) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      issues.push({ path, message })
      return value
    }
    const parsed: Record<string, unknown> = {}
    for (const [key, schema] of Object.entries(shape)) {
      const at = [...path, key]
      if (key in value || schema.absent === 'filled_in') {
        parsed[key] = schema.run((value as Record<string, unknown>)[key], at, issues)
      } else if (schema.absent === 'refused') issues.push({ path: at, message: invalid })
    }
    return parsed
  })

export const minLength = (least: number): Check => check<string | readonly unknown[]>(({ length }) => length >= least)
export const maxLength = (most: number, message?: string): Check =>
  check<string | readonly unknown[]>(({ length }) => length <= most, message)
export const minimum = (least: number): Check => check<number>(value => value >= least)
export const maximum = (most: number): Check => check<number>(value => value <= most)
export const nonnegative = (): Check => minimum(0)
export const positive = (): Check => check<number>(value => value > 0)
export const regex = (pattern: RegExp, message?: string): Check => check<string>(value => pattern.test(value), message)

/** Only the types know more. */
export const toZod =
  () =>
  (schema: Schema): Schema =>
    schema
