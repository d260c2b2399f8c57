/** Bodies of jobs that go on: the bytes as they came, with what changed. Fields that this version does not know stay. */
import { isTooDeep, RequestId, type WireError } from '../shared/contract/mod.ts'

/** The job's body with another `attempt` or `losses`. Only for what was read as a job. */
export function changedJob(body: string, changed: { attempt?: number; losses?: number }): string {
  return JSON.stringify({ ...objectOf(body), ...changed })
}

/**
 * Body of a dead letter. Never throws, whatever came: what is no job, or is too deep to be one, stands in it as text.
 * @param maxCharacters a job too large for what is added to it loses its input, and says so
 */
export function deadJob(
  body: string,
  added: { error: WireError; worker_id: string; at: number; attempt?: number; losses?: number },
  maxCharacters: number,
): string {
  const job = objectOf(body)
  const whole = JSON.stringify({ ...job, ...added })
  if (whole.length <= maxCharacters) return whole
  const { input: _, body: _body, ...rest } = job
  const without = JSON.stringify({ ...rest, ...added, input_omitted: true })
  if (without.length <= maxCharacters) return without
  return JSON.stringify({ ...namesIn(rest), ...added, input_omitted: true })
}

function objectOf(body: string): Record<string, unknown> {
  const json = parsed(body)
  if (json === undefined) return { body }
  return isTooDeep(body) ? { ...namesIn(json), body } : json
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
