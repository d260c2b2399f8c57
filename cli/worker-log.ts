/** A worker's events in words, one line each. */
import type { WorkerEvent } from 'drover/worker'
import { type Tried, withAdvice } from './connection-advice.ts'
import { formatDuration } from './duration.ts'
import { withoutPassword } from './settings.ts'

export type Level = 'info' | 'warn' | 'error'

export interface LogLine {
  readonly level: Level
  readonly text: string
  /** The facts of it for programs, by the names of the wire. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/**
 * Describes an event.
 * @param tried where the worker connects, and with which token, so that it is not advised to give one
 * @returns `undefined` for an event that nobody needs to read
 */
export function describeWorkerEvent(event: WorkerEvent, tried: Tried): LogLine | undefined {
  switch (event.type) {
    case 'connection':
      return describeConnection(event.state, tried)
    case 'job':
      return describeJob(event)
    case 'draining':
      return { level: 'info', text: `takes no more jobs; ${event.running} still running` }
    case 'paused':
    case 'resumed': {
      const { type, task, by } = event
      const does = type === 'paused' ? 'takes no more jobs' : 'takes jobs again'
      return { level: 'info', text: `${does} of ${task}${by === undefined ? '' : `, by ${by}`}`, fields: { task, by } }
    }
    case 'problem': {
      const reason = event.error instanceof Error ? `: ${event.error.message}` : ''
      return { level: 'warn', text: `${event.message}${reason}` }
    }
  }
}

function describeConnection(
  state: Extract<WorkerEvent, { type: 'connection' }>['state'],
  tried: Tried,
): LogLine | undefined {
  switch (state.at) {
    case 'connecting':
      return undefined
    case 'open':
      return { level: 'info', text: `connected to ${withoutPassword(tried.url)}` }
    case 'waiting': {
      const { message } = withAdvice(state.reason, tried)
      return { level: 'warn', text: `${message}; connecting again` }
    }
    case 'closed':
      return undefined // the reason of its end is thrown, and reported as the command's end
  }
}

const troubles: Partial<Record<Extract<WorkerEvent, { type: 'job' }>['what'], Level>> = {
  error: 'error',
  dead: 'error',
  rejected: 'warn',
  retrying: 'warn',
  requeued: 'warn',
  lost: 'warn',
  cannot_open: 'warn',
  dropped: 'warn',
}

function describeJob(event: Extract<WorkerEvent, { type: 'job' }>): LogLine {
  const words = [event.what.replace('_', ' ').padEnd(9), event.task, event.request_id.slice(0, 8)]
  if (event.attempt > 1) words.push(`attempt ${event.attempt}`)
  if (event.took_ms !== undefined) words.push(`in ${formatDuration(event.took_ms)}`)
  const why = event.error?.message ?? event.reason
  const { what, task, request_id, attempt, took_ms, error, reason } = event
  return {
    level: troubles[what] ?? 'info',
    text: words.join(' ') + (why === undefined ? '' : `: ${why}`),
    fields: { what, task, request_id, attempt, took_ms, code: error?.code, reason: error?.message ?? reason },
  }
}
