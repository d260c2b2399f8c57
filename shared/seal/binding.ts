/**
 * The place that a sealed body is bound to. It stands in the protected header, which the tag covers: a body that is moved to another job,
 * attempt, task, namespace, direction or reply does not open.
 */
import { DroverError } from '../contract/errors.ts'

interface AnyBinding {
  readonly namespace: string
  readonly task: string
  readonly request_id: string
  /** From 1. */
  readonly attempt: number
}

export interface JobBinding extends AnyBinding {
  readonly direction: 'job'
  /** When the job is over, ms since the epoch, in the broker's time. */
  readonly expires_at: number
}

export interface ReplyBinding extends AnyBinding {
  readonly direction: 'reply'
  readonly worker_id: string
  readonly type: string
  readonly seq: number
}

/** Of a job as its master stores it. */
export interface StoredBinding {
  readonly direction: 'stored'
  readonly request_id: string
}

export type Binding = JobBinding | ReplyBinding | StoredBinding
/** Of a job, the receiver has no word of its own about when it is over. */
export type ExpectedBinding = Omit<JobBinding, 'expires_at'> | ReplyBinding | StoredBinding

/**
 * Checks that a body came where it was sealed for.
 * @param found as the header has it
 * @throws {DroverError} `seal_refused` with the first part that differs
 */
export function checkBinding(found: unknown, expected: ExpectedBinding): void {
  const said: Readonly<Record<string, unknown>> = typeof found === 'object' && found !== null ? { ...found } : {}
  for (const [part, value] of Object.entries(expected)) {
    // UUIDs are the same in small letters and capitals
    const isSame = part === 'request_id' ? sameId(said[part], value) : said[part] === value
    if (isSame) continue
    throw new DroverError(
      'seal_refused',
      `This body was sealed for ${part} ${short(said[part])} and came with ${part} ${short(value)}; it was moved, or somebody changed its message`,
    )
  }
}

const sameId = (found: unknown, value: unknown): boolean =>
  typeof found === 'string' && typeof value === 'string' && found.toLowerCase() === value.toLowerCase()

const short = (value: unknown): string => (value === undefined ? 'unknown' : JSON.stringify(value)?.slice(0, 100))
