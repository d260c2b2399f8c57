/** A worker's events in words, one line each, and how they are logged. */
import { formatDuration } from '../shared/duration.ts'
import { createLog, type LogLine } from '../shared/log.ts'
import { withoutPassword } from '../shared/stomp/sockets/address.ts'
import type { WorkerEvent, WorkerOptions } from './options.ts'

/**
 * The log of a worker that was given no `onEvent`: each event by LogTape, under `drover` and `worker`, with its fields. It says
 * nothing until the program configures LogTape.
 * @param now ms since the epoch
 */
export function createWorkerLog(url: WorkerOptions['url'], now: () => number): (event: WorkerEvent) => void {
  const log = createLog('worker', now)
  const tell = newLines(url)
  return event => {
    const line = tell(event)
    if (line !== undefined) log(event.type, line)
  }
}

/**
 * Describes events, and leaves out one that says the same as the one before: a broker that stays away is told of once.
 * @param why the reason that there is no connection, in words. Default: those of the error
 */
export function newLines(url: WorkerOptions['url'], why?: (reason: Error) => string) {
  let last = ''
  return (event: WorkerEvent): LogLine | undefined => {
    const line = describeWorkerEvent(event, url, why)
    if (line === undefined || line.text === last) return undefined
    last = line.text
    return line
  }
}

/** @returns `undefined` for an event that nobody needs to read */
export function describeWorkerEvent(
  event: WorkerEvent,
  url: WorkerOptions['url'],
  why: (reason: Error) => string = ({ message }) => message,
): LogLine | undefined {
  switch (event.type) {
    case 'connection':
      return describeConnection(event.state, url, why)
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
      const { message, error, request_id } = event
      const reason = error instanceof Error ? `: ${error.message}` : ''
      return {
        level: 'warn',
        text: `${message}${reason}`,
        ...(request_id === undefined ? {} : { fields: { request_id } }),
      }
    }
  }
}

function describeConnection(
  state: Extract<WorkerEvent, { type: 'connection' }>['state'],
  url: WorkerOptions['url'],
  why: (reason: Error) => string,
): LogLine | undefined {
  switch (state.at) {
    case 'connecting':
      return undefined
    case 'open':
      return {
        level: 'info',
        text: `connected to ${withoutPassword(String(url))}`,
        fields: { session: state.session.id },
      }
    case 'waiting':
      return { level: 'warn', text: `${why(state.reason)}; connecting again` }
    case 'closed':
      return undefined // the reason of its end is thrown
  }
}

const troubles: Partial<Record<Extract<WorkerEvent, { type: 'job' }>['what'], LogLine['level']>> = {
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
