/** JSON as a value: its type, read and compared. */
import { InexactJsonError, parseExactJson } from '../../../shared/contract/json-exact.ts'

/** Every value that JSON carries. Unlike `unknown`, it names the values of a form. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/** @returns `problem`, a sentence, for a text that is no JSON, or would be sent as something else than it says */
export function readJson(text: string): { readonly value: Json } | { readonly problem: string } {
  try {
    return { value: parseExactJson(text) as Json }
  } catch (error) {
    return {
      problem:
        error instanceof InexactJsonError ? error.message : 'This is not JSON: text needs "double quotes", names too.',
    }
  }
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether both are the same JSON, in any order of keys. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => sameJson(one, b[i]))
  if (!isObject(a) || !isObject(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every(key => Object.hasOwn(b, key) && sameJson(a[key], b[key]))
}
