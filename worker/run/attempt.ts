/** One attempt at a job, where its task's code runs: in the worker, or in a child of it. */
import { type Issue, toIssues, type WireError } from '../../shared/contract/mod.ts'
import { redactTexts, secretTexts } from '../../shared/contract/secret-texts.ts'
import type { StandardSchema } from '../../shared/contract/standard-schema.ts'
import type { Implementation } from '../implement.ts'
import { toWireError } from '../settle/wire-error.ts'
import type { JobContext } from './job-context.ts'
import { checkOutput, validate } from './payload.ts'

/** How an attempt ended. */
export type RunEnd =
  /** `output` is JSON already: the returned value, which is the schema's input side. */
  | { readonly is: 'done'; readonly output: unknown }
  | { readonly is: 'rejected'; readonly issues: readonly Issue[] }
  | { readonly is: 'failed'; readonly error: WireError }

/**
 * One attempt: checks the input, runs, checks the output. Never rejects, also when the task's code throws.
 * @param input as it travelled; parsed here, so that transforms run once
 * @param schema JSON Schema of the input: a text that it marks as secret is quoted in no issue and no error
 * @param mostCharacters of the output's JSON that are worth a look
 */
export async function runAttempt(
  implementation: Implementation,
  input: unknown,
  context: JobContext,
  schema?: unknown,
  mostCharacters?: number,
): Promise<RunEnd> {
  return withoutSecrets(await attempt(implementation, input, context, mostCharacters), input, schema)
}

/** The end of a run that quotes no text of the input that the schema marks as secret. */
export function withoutSecrets(end: RunEnd, input: unknown, schema: unknown): RunEnd {
  if (end.is === 'done') return end
  const secrets = secretTexts(schema, input)
  const said = <T extends { readonly message: string }>(one: T): T => ({
    ...one,
    message: redactTexts(one.message, secrets),
  })
  if (secrets.length === 0) return end
  return end.is === 'failed' ? { ...end, error: said(end.error) } : { ...end, issues: end.issues.map(said) }
}

async function attempt(
  { task, run }: Implementation,
  input: unknown,
  context: JobContext,
  mostCharacters: number | undefined,
): Promise<RunEnd> {
  try {
    const checked = await validate(task.input, input)
    if (checked.issues !== undefined) return { is: 'rejected', issues: toIssues(checked.issues) }
    const returned = run(checked.value, context)
    const output = isGenerator(returned) ? await drive(returned, context) : await returned
    return { is: 'done', output: await checkOutput(task.output as StandardSchema | undefined, output, mostCharacters) }
  } catch (thrown) {
    return { is: 'failed', error: toWireError(thrown) }
  }
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
