/** The body of a dead letter: the job's bytes as they came, with why it is dead. */

import { type HistoryEntry, historyError, readHistory, withEntry } from './history.ts'
import { withMembers } from './json-members.ts'
import { isObject } from './json-values.ts'
import { RequestId } from './names.ts'
import { isTooDeep } from './nesting.ts'
import { withoutMark } from './read-message.ts'
import type { WireError } from './reply.ts'

/** The members of a dead letter besides those of its job. */
export interface DeadLetterFields {
  readonly attempt?: number | undefined
  readonly losses?: number | undefined
  readonly alone?: number | undefined
  readonly error: WireError
  /** Absent where a bridge gave the job up. */
  readonly worker_id?: string | undefined
  readonly at: number
}

/**
 * Body of a dead letter. Never throws: a body that is no job, or too deep to be one, stands in it as text.
 * @param name of the worker, for its history
 * @param maxCharacters a job that is longer with the added members loses its input, and says so
 */
export function deadLetterBody(body: string, added: DeadLetterFields, maxCharacters: number, name?: string): string {
  const text = withoutMark(body)
  const job = parsed(text)
  const kept = job === undefined || isTooDeep(text) ? JSON.stringify({ ...namesIn(job ?? {}), body }) : text
  const history = job === undefined ? undefined : historyOf(job, added, name)
  const whole = withMembers(kept, { ...added, ...(history === undefined ? {} : { history }) })
  if (whole.length <= maxCharacters) return whole
  const brief = withMembers(kept, { ...added, history: undefined })
  if (brief.length <= maxCharacters) return brief
  const omitted = { ...added, input_omitted: true }
  const without = withMembers(kept, { ...omitted, input: undefined, body: undefined, history: undefined })
  if (without.length <= maxCharacters) return without
  return JSON.stringify({ ...namesIn(job ?? {}), ...omitted })
}

/** The letter that is made smaller has its last entry already. */
function historyOf(
  { history, attempt }: Record<string, unknown>,
  { error, worker_id, at, attempt: changed }: DeadLetterFields,
  name: string | undefined,
): readonly HistoryEntry[] {
  const before = readHistory(history)
  if (before.at(-1)?.at === at) return before
  const kind = error.code === 'job_dead' ? 'lost' : 'failed'
  const number = changed ?? (typeof attempt === 'number' ? attempt : 1)
  return withEntry(history, { kind, at, attempt: number, name, worker_id, error: historyError(error) })
}

/** The members that a person looks for in a dead letter. */
function namesIn({ request_id, task }: Record<string, unknown>): Record<string, unknown> {
  return {
    ...(RequestId.safeParse(request_id).success ? { request_id } : {}),
    ...(typeof task === 'string' && task.length <= 200 ? { task } : {}),
  }
}

function parsed(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(body)
    return isObject(json) ? json : undefined
  } catch {
    return undefined // not JSON
  }
}
