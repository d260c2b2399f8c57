/** Tags: a job's labels, by which people find it. They travel in the open, also with a sealed job, and decide nothing. */
import * as z from 'zod/mini'
import { DroverError } from './errors.ts'

/** How many tags a job has at most. */
const maxTags = 16
/** The most characters of one. */
const maxTagCharacters = 100

const tag = `expected a text of 1 to ${maxTagCharacters} characters without control characters`
const list = `expected a list of at most ${maxTags} texts`

export const Tags: z.ZodMiniType<string[]> = z
  .array(z.string(tag).check(z.regex(new RegExp(`^\\P{Cc}{1,${maxTagCharacters}}$`, 'u'), tag)), list)
  .check(z.maxLength(maxTags, list))

/**
 * Checks the tags that a job is dispatched with.
 * @returns each once, in their order; `undefined` where there are none
 * @throws {DroverError} `config_invalid`
 */
export function checkTags(tags: readonly string[] | undefined): readonly string[] | undefined {
  if (tags === undefined) return undefined
  const parsed = Tags.safeParse(tags)
  if (parsed.success) return parsed.data.length === 0 ? undefined : [...new Set(parsed.data)]
  const { path, message } = parsed.error.issues[0]!
  throw new DroverError('config_invalid', `${['tags', ...path].map(String).join('.')} cannot be used: ${message}`)
}
