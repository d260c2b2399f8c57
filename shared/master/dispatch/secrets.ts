/**
 * Secrets of jobs that have no RECEIPT yet. A job's state has none, so that nothing shows or stores one: what is to be sent is
 * here, in memory, until the broker has it. After a reload such a job cannot be sent any more, and ends saying so. Promise 1.
 */
import { DroverError } from '../../contract/errors.ts'
import { type AnyTask, inputJsonSchema } from '../../contract/mod.ts'
import { redact, type SecretPath, secretsIn } from '../../contract/secrets.ts'
import type { JobState } from '../jobs/state/job.ts'

export class Secrets {
  readonly #inputs = new Map<string, unknown>()

  /** @param schemas what is known of the input, from wherever. @returns what the job's state may have of it */
  keep(
    requestId: string,
    input: unknown,
    schemas: readonly unknown[],
  ): { readonly input: unknown; readonly secrets?: readonly SecretPath[] } {
    const secrets = schemas.flatMap(schema => secretsIn(schema, input))
    if (secrets.length === 0) return { input }
    this.#inputs.set(requestId, input)
    return { input: redact(input, secrets), secrets }
  }

  /** As it is to be sent. */
  whole(job: JobState): JobState {
    return job.secrets === undefined ? job : { ...job, input: this.#inputs.get(job.request_id) ?? job.input }
  }

  /** Whether the job can be sent: its secrets are here, or it has none. */
  has({ request_id, secrets }: JobState): boolean {
    return secrets === undefined || this.#inputs.has(request_id)
  }

  /** The broker has it, or nobody will. */
  forget(requestId: string): void {
    this.#inputs.delete(requestId)
  }
}

/** Why a job is not sent that was stored without its secrets. */
export const secretIsGone = (): DroverError =>
  new DroverError(
    'input_invalid',
    'Not sent: the input holds a secret, which is not stored, and the page was closed or reloaded before the broker had the job; dispatch it anew',
  )

/** @throws {DroverError} `input_invalid` for a job whose secrets are not there any more */
export function checkRepeatable({ request_id, secrets }: JobState): void {
  if (secrets === undefined) return
  throw new DroverError(
    'input_invalid',
    `Job ${request_id} cannot be dispatched again as it was: its input holds a secret, which is not kept; enter it again`,
  )
}

const ofTasks = new WeakMap<AnyTask, unknown>()

/** What a task says of its own input, where its schemas can tell. */
export function ownSchema(task: AnyTask | undefined): unknown {
  if (task === undefined) return undefined
  if (!ofTasks.has(task)) ofTasks.set(task, tryOwnSchema(task))
  return ofTasks.get(task)
}

function tryOwnSchema(task: AnyTask): unknown {
  try {
    return inputJsonSchema(task)
  } catch {
    return undefined // a schema that JSON Schema cannot say: what workers announce is looked at
  }
}
