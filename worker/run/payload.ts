/** The input and output of a task’s code as they travel: JSON that is held against its schema. */
import { DroverError, isTooDeep, maxNesting, toIssues, tooDeep } from '../../shared/contract/mod.ts'
import type { StandardResult, StandardSchema } from '../../shared/contract/standard-schema.ts'

/**
 * The value as JSON.
 * @returns `undefined` for a value that JSON leaves out, such as a function
 * @throws any error of `toJSON` and getters, and for a value that contains itself or a bigint
 */
export function jsonText(value: unknown): string | undefined {
  return JSON.stringify(value) as string | undefined // typed as if it were never
}

/** Whether a payload is too deep for the reply that it goes into, which is one level more. */
export function isTooDeepInside(text: string): boolean {
  return isTooDeep(text, maxNesting - 1)
}

export async function validate(schema: StandardSchema, value: unknown): Promise<StandardResult<unknown>> {
  return await schema['~standard'].validate(value)
}

/**
 * The output of a run as it will travel.
 * @param mostCharacters of its JSON that are worth a look: with more it cannot be sent in any case
 * @throws {DroverError} `output_invalid`, never to be tried again, for an output that is not JSON or does not fit the schema, and
 * `output_too_large`
 */
export async function checkOutput(
  schema: StandardSchema | undefined,
  output: unknown,
  mostCharacters: number = Number.POSITIVE_INFINITY,
): Promise<unknown> {
  const travelled = asItTravels(output, mostCharacters)
  if (schema === undefined) return travelled
  // The travelled value is checked: a Date that became a text is found here and not at the master.
  const { issues } = await validate(schema, travelled)
  if (issues === undefined) return travelled
  const found = toIssues(issues).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  throw invalid(found.join('; '))
}

function asItTravels(output: unknown, mostCharacters: number): unknown {
  let text: string | undefined
  try {
    text = jsonText(output)
  } catch (cause) {
    throw invalid('it is not JSON', cause)
  }
  if (text === undefined) return undefined
  if (text.length > mostCharacters) throw tooLarge(text.length)
  if (isTooDeepInside(text)) throw invalid(`it ${tooDeep}`)
  return JSON.parse(text)
}

function invalid(found: string, cause?: unknown): DroverError {
  const error = new DroverError('output_invalid', `The task's output does not fit its schema: ${found}`, { cause })
  return Object.assign(error, { retryable: false })
}

function tooLarge(characters: number): DroverError {
  const found = `The output is ${characters} characters long, which no reply holds; return less, or yield it in pieces`
  return Object.assign(new DroverError('output_too_large', found), { retryable: false })
}
