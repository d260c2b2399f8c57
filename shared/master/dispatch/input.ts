/**
 * The input of a job: as it travels, and as it may be shown. A value that JSON would silently drop or change is refused at
 * dispatch. A job's state has none of its secrets, so that nothing shows or stores one: the whole input stays here, in memory,
 * until the broker has it. After a reload such a job cannot be sent any more, and ends saying so. Promise 1.
 */
import { DroverError } from '../../contract/errors.ts'
import { type AnyTask, inputJsonSchema } from '../../contract/mod.ts'
import { isTooDeep, maxNesting } from '../../contract/nesting.ts'
import { redact, type SecretPath, secretsIn } from '../../contract/secrets.ts'
import type { JobState } from '../jobs/state/job.ts'

/** The job around it is one level more. */
const maxLevels = maxNesting - 1

/**
 * A copy of `input` as it will travel.
 * @throws {DroverError} `input_invalid` naming the place of a value that JSON cannot carry, or for an input that is nested
 * more than 99 levels deep
 */
export function toJsonInput(task: string, input: unknown): unknown {
  const problem = input === undefined ? 'is undefined' : findProblem(input, '', [])
  if (problem !== undefined) {
    throw new DroverError(
      'input_invalid',
      `Cannot dispatch "${task}": the input${problem.startsWith('.') ? '' : ' '}${problem}, which JSON cannot carry; pass null, text, finite numbers, booleans, arrays and plain objects`,
    )
  }
  const text = jsonText(input)
  if (text === undefined || isTooDeep(text, maxLevels)) {
    const found = `Cannot dispatch "${task}": the input is nested more than ${maxLevels} levels deep; send a flatter value`
    throw new DroverError('input_invalid', found)
  }
  return JSON.parse(text)
}

/** `undefined` for a value so deep that the writer of JSON comes to the end of its stack. */
function jsonText(input: unknown): string | undefined {
  try {
    return JSON.stringify(input)
  } catch (cause) {
    if (cause instanceof RangeError) return undefined
    throw cause
  }
}

function findProblem(value: unknown, path: string, parents: readonly object[]): string | undefined {
  const at = path === '' ? '' : `${path} `
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return undefined
    case 'number':
      return Number.isFinite(value) ? undefined : `${at}is ${value}`
    case 'object':
      break
    default:
      return `${at}is a ${typeof value}`
  }
  if (value === null) return undefined
  if (parents.includes(value)) return `${at}contains itself`
  if (parents.length > maxLevels) return undefined // told of its text
  if ('toJSON' in value && typeof value.toJSON === 'function') return undefined // such as a Date: it has a form of its own
  const inside = [...parents, value]
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const problem =
        value[i] === undefined ? `${path}.${i} is undefined` : findProblem(value[i], `${path}.${i}`, inside)
      if (problem !== undefined) return problem
    }
    return undefined
  }
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    return `${at}is a ${value.constructor?.name ?? 'class'} object`
  }
  for (const [key, one] of Object.entries(value)) {
    const problem = one === undefined ? undefined : findProblem(one, `${path}.${key}`, inside)
    if (problem !== undefined) return problem
  }
  return undefined
}

/** Secrets of jobs that have no RECEIPT yet. */
export class Secrets {
  readonly #inputs = new Map<string, unknown>()

  /** @param schemas all that are known of the input. @returns the part of the job's state, without secrets */
  withhold(
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

/** JSON Schema of a task's own input, where its schema can be turned into one. */
export function ownSchema(task: AnyTask | undefined): unknown {
  if (task === undefined) return undefined
  if (!ofTasks.has(task)) ofTasks.set(task, tryOwnSchema(task))
  return ofTasks.get(task)
}

function tryOwnSchema(task: AnyTask): unknown {
  try {
    return inputJsonSchema(task)
  } catch {
    return undefined // JSON Schema cannot say it: the schemas that workers announce are looked at
  }
}
