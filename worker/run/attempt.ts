/** One attempt: check the input, run, check the output. Never rejects, whatever the task's code throws. */
import { DroverError, type Issue, toIssues, tooDeep, type WireError } from '../../shared/contract/mod.ts'
import type { StandardResult, StandardSchema } from '../../shared/contract/standard-schema.ts'
import { secretTexts, unquoted } from '../../shared/contract/unquoted.ts'
import type { Implementation } from '../implement.ts'
import { toWireError } from '../settle/wire-error.ts'
import type { JobContext } from './job-context.ts'
import { isTooDeepInside, jsonText } from './payload.ts'

/** How an attempt ended. */
export type RunEnd =
  /** `output` is JSON already: what was returned, which is the schema's input side. */
  | { readonly is: 'done'; readonly output: unknown }
  | { readonly is: 'rejected'; readonly issues: readonly Issue[] }
  | { readonly is: 'failed'; readonly error: WireError }

/**
 * Runs a task once.
 * @param input as it travelled; parsed here, so that transforms run once
 * @param schema JSON Schema of the input: what that marks as secret is quoted in no issue and no error
 */
export async function runAttempt(
  implementation: Implementation,
  input: unknown,
  context: JobContext,
  schema?: unknown,
): Promise<RunEnd> {
  const end = await attempt(implementation, input, context)
  if (end.is === 'done') return end
  const secrets = secretTexts(schema, input)
  const said = <T extends { readonly message: string }>(one: T): T => ({
    ...one,
    message: unquoted(one.message, secrets),
  })
  if (secrets.length === 0) return end
  return end.is === 'failed' ? { ...end, error: said(end.error) } : { ...end, issues: end.issues.map(said) }
}

async function attempt({ task, run }: Implementation, input: unknown, context: JobContext): Promise<RunEnd> {
  try {
    const checked = await validate(task.input, input)
    if (checked.issues !== undefined) return { is: 'rejected', issues: toIssues(checked.issues) }
    const returned = run(checked.value, context)
    const output = isGenerator(returned) ? await drive(returned, context) : await returned
    return { is: 'done', output: await checkOutput(task.output as StandardSchema | undefined, output) }
  } catch (thrown) {
    return { is: 'failed', error: toWireError(thrown) }
  }
}

async function validate(schema: StandardSchema, value: unknown): Promise<StandardResult<unknown>> {
  return await schema['~standard'].validate(value)
}

function isGenerator(returned: unknown): returned is AsyncGenerator<unknown, unknown, undefined> {
  return typeof returned === 'object' && returned !== null && Symbol.asyncIterator in returned && 'next' in returned
}

/** Sends each yield; at the first one after the signal aborts, the generator is ended where it stands. */
async function drive(generator: AsyncGenerator<unknown, unknown, undefined>, context: JobContext): Promise<unknown> {
  for (;;) {
    const step = await generator.next()
    if (step.done === true) return step.value
    try {
      context.signal.throwIfAborted()
      await context.partial(step.value)
    } catch (error) {
      await generator.return(undefined)
      throw error
    }
  }
}

async function checkOutput(schema: StandardSchema | undefined, output: unknown): Promise<unknown> {
  const travelled = asItTravels(output)
  if (schema === undefined) return travelled
  // What travels is what is checked: a Date that became a text is found here and not at the master.
  const { issues } = await validate(schema, travelled)
  if (issues === undefined) return travelled
  const found = toIssues(issues).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  throw invalid(found.join('; '))
}

function asItTravels(output: unknown): unknown {
  let text: string | undefined
  try {
    text = jsonText(output)
  } catch (cause) {
    throw invalid('it is not JSON', cause)
  }
  if (text === undefined) return undefined
  if (isTooDeepInside(text)) throw invalid(`it ${tooDeep}`)
  return JSON.parse(text)
}

function invalid(found: string, cause?: unknown): DroverError {
  const error = new DroverError('output_invalid', `The task's output does not fit its schema: ${found}`, { cause })
  return Object.assign(error, { retryable: false })
}
