/** What a task's code gives as a payload, as it will travel. */
import { isTooDeep, maxNesting } from '../../shared/contract/mod.ts'

/**
 * The value as JSON.
 * @returns `undefined` for what JSON leaves out, such as a function
 * @throws whatever `toJSON` and getters throw, and for a value that contains itself or a bigint
 */
export function jsonText(value: unknown): string | undefined {
  return JSON.stringify(value) as string | undefined // typed as if it were never
}

/** Whether a payload is too deep for the reply that it goes into, which is one level more. */
export function isTooDeepInside(text: string): boolean {
  return isTooDeep(text, maxNesting - 1)
}
