/** Bodies of jobs that go on: the bytes as they came, with what changed. Fields that this version does not know stay. */
import { isTooDeep, RequestId, type WireError, withoutMark } from '../shared/contract/mod.ts'
import { withMembers } from './members.ts'

/** What of a body changes; what is there and `undefined` is taken out. */
export interface Changed {
  readonly attempt?: number | undefined
  readonly losses?: number | undefined
  readonly alone?: number | undefined
  readonly handed_back?: true | undefined
}

/** The job's body with other members of its own. Only for what was read as a job. */
export function changedJob(body: string, changed: Changed): string {
  return withMembers(withoutMark(body), { ...changed })
}

/**
 * Body of a dead letter. Never throws, whatever came: what is no job, or is too deep to be one, stands in it as text.
 * @param maxCharacters a job too large for what is added to it loses its input, and says so
 */
export function deadJob(
  body: string,
  added: Changed & { readonly error: WireError; readonly worker_id: string; readonly at: number },
  maxCharacters: number,
): string {
  const text = withoutMark(body)
  const job = parsed(text)
  const kept = job === undefined || isTooDeep(text) ? JSON.stringify({ ...namesIn(job ?? {}), body }) : text
  const whole = withMembers(kept, { ...added })
  if (whole.length <= maxCharacters) return whole
  const omitted = { ...added, input_omitted: true }
  const without = withMembers(kept, { ...omitted, input: undefined, body: undefined })
  if (without.length <= maxCharacters) return without
  return JSON.stringify({ ...namesIn(job ?? {}), ...omitted })
}

/** What a person looks for in a dead letter. */
function namesIn({ request_id, task }: Record<string, unknown>): Record<string, unknown> {
  return {
    ...(RequestId.safeParse(request_id).success ? { request_id } : {}),
    ...(typeof task === 'string' && task.length <= 200 ? { task } : {}),
  }
}

function parsed(body: string): Record<string, unknown> | undefined {
  try {
    const json: unknown = JSON.parse(body)
    const isObject = typeof json === 'object' && json !== null && !Array.isArray(json)
    return isObject ? (json as Record<string, unknown>) : undefined
  } catch {
    return undefined // not JSON
  }
}
