/** An output is parsed once it is read, where the task has a schema: transforms run once. Design section 3. */
import type { AnyTask } from '../../contract/mod.ts'
import { toIssues } from '../../contract/mod.ts'
import type { StandardSchema } from '../../contract/standard-schema.ts'
import type { Outcome, WorkerOutcome } from './state/outcome.ts'

/** @returns the outcome with its output parsed; an `error` of code `output_invalid` when the schema refuses it. Never throws */
export async function parseOutput<O extends Outcome | WorkerOutcome>(
  task: AnyTask | undefined,
  outcome: O,
): Promise<O | WorkerOutcome> {
  const schema = task?.output as StandardSchema | undefined
  if (outcome.type !== 'result' || schema === undefined) return outcome
  const { worker_id, name, attempt } = outcome
  const failed = (message: string): WorkerOutcome => ({
    worker_id,
    name,
    attempt,
    type: 'error',
    error: { name: 'DroverError', code: 'output_invalid', message, retryable: false },
  })
  const fault = `The output of "${task?.name}" does not match its schema`
  try {
    const parsed = await schema['~standard'].validate(outcome.output)
    if (parsed.issues === undefined) return { ...outcome, output: parsed.value }
    return failed(
      `${fault}: ${toIssues(parsed.issues)
        .map(({ path, message }) => `${path}: ${message}`)
        .join('; ')}`,
    )
  } catch (error) {
    return failed(`${fault}: ${error instanceof Error ? error.message : String(error)}`)
  }
}
