/** Bodies of jobs that go on: the bytes as they came, with what changed. Fields that this version does not know stay. */
import type { WireError } from '../shared/contract/mod.ts'

/** The job's body with another `attempt` or `losses`. */
export function changedJob(body: string, changed: { attempt?: number; losses?: number }): string {
  return JSON.stringify({ ...objectOf(body), ...changed })
}

/**
 * Body of a dead letter.
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
  return JSON.stringify({ ...rest, ...added, input_omitted: true })
}

function objectOf(body: string): Record<string, unknown> {
  try {
    const json: unknown = JSON.parse(body)
    if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>
  } catch {
    // told apart below
  }
  return { body }
}
