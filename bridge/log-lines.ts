/** A bridge's events in words, one line each, and how they are logged. */
import { systemClock } from '../shared/clock.ts'
import { formatDuration } from '../shared/duration.ts'
import { createLog, type LogLine } from '../shared/log.ts'
import type { BridgeEvent, OnEvent } from './events.ts'

/**
 * The log of a bridge that was given no `onEvent`: each event by LogTape, under `drover` and `bridge`, with its fields. It says
 * nothing until the program configures LogTape.
 * @param now ms since the epoch. Default `Date.now`
 */
export function createBridgeLog(now: () => number = systemClock.now): OnEvent {
  const log = createLog('bridge', now)
  let isAway = false
  return event => {
    if (event.type === 'broker_lost' || event.type === 'broker_reached') {
      // A probe, a session or the command may find it out
      if (isAway === (event.type === 'broker_lost')) return
      isAway = !isAway
    }
    const { type, ...fields } = event
    log(type, { ...describeBridgeEvent(event), fields })
  }
}

/** Describes an event. */
export function describeBridgeEvent(event: BridgeEvent): LogLine {
  switch (event.type) {
    case 'listening':
      return { level: 'info', text: `listening on ${event.url}` }
    case 'session_opened':
      return { level: 'info', text: `${event.owner} connected from ${event.address} (${sessions(event.sessions)})` }
    case 'session_closed':
      return {
        level: 'info',
        text: `${event.owner ?? 'somebody'} at ${event.address} left: ${event.reason} (${describeSession(event)}; ${sessions(event.sessions)})`,
      }
    case 'refused': {
      const detail = event.detail === undefined ? '' : ` [${event.detail}]`
      return {
        level: 'warn',
        text: `refused ${event.owner ?? event.address}${fromPage(event)}: ${event.code}: ${event.message}${detail}`,
      }
    }
    case 'session_slowed': {
      const { owner, address, limit, wait_ms, count } = event
      return {
        level: 'warn',
        text: `${owner} at ${address}${fromPage(event)} sends faster than ${limit}, and is held back for ${wait_ms} ms (${count} times by now)`,
      }
    }
    case 'job_dispatched': {
      const { owner, address, task, request_id, destination, is_retry } = event
      return {
        level: 'info',
        text: `${owner} at ${address}${fromPage(event)} ${is_retry ? 'sent the dead job again' : 'dispatched'}: ${task} ${request_id} to ${destination}`,
      }
    }
    case 'broker_error':
      return { level: 'warn', text: `the broker refused ${event.owner}: ${event.message}` }
    case 'broker_lost':
      return { level: 'error', text: event.message }
    case 'broker_reached':
      return { level: 'info', text: 'the broker takes this bridge now' }
    case 'header_left_out':
      return {
        level: 'warn',
        text: `left out headers that STOMP cannot say, for ${event.owner}: ${event.headers.join(', ').slice(0, 200)} (${event.count} by now)`,
      }
    case 'pass_misfit': {
      const went = event.destination.startsWith('/topic/') ? 'was dropped' : 'went to the dead queue'
      return {
        level: 'warn',
        text: `a job of ${event.destination} ${went} on its way to ${event.owner}: its drover-pass ${event.reason} (${event.count} by now)`,
      }
    }
    case 'message_dropped':
      return {
        level: 'warn',
        text: `dropped messages that may be lost, for nobody reads ${event.destination} fast enough (${event.count} messages by now)`,
      }
    case 'end_dropped':
      return {
        level: 'warn',
        text: `dropped outcomes or dead letters, for nobody reads ${event.destination} (${event.count} by now)`,
      }
    case 'store_failed':
      return { level: 'error', text: `${event.message}; senders of persistent messages are refused until it can` }
    case 'store_recovered':
      return { level: 'info', text: 'the broker keeps messages on its disk again' }
    case 'queue_purged':
      return {
        level: 'warn',
        text: `${event.owner} at ${event.address} took ${event.messages} messages out of ${event.queue}, for good`,
      }
    case 'queue_moved':
      return {
        level: 'warn',
        text: `${event.owner} at ${event.address} moved ${event.messages} messages from ${event.from} to ${event.to}`,
      }
    case 'revoked':
      return { level: 'warn', text: `${event.owner} at ${event.address} revoked tokens: ${event.what}` }
    case 'issuer_keys':
      return { level: 'warn', text: event.message }
    case 'token_given':
      return { level: 'info', text: `gave ${event.owner} at ${event.address} a token, by ${event.by}` }
  }
}

const fromPage = ({ origin }: { readonly origin?: string }): string => (origin === undefined ? '' : ` on ${origin}`)

type SessionClosed = Extract<BridgeEvent, { type: 'session_closed' }>

function describeSession({
  duration_ms,
  frames_in,
  bytes_in,
  frames_out,
  bytes_out,
  close_code,
}: SessionClosed): string {
  const code = close_code === undefined ? '' : `, ${close_code}`
  return `${formatDuration(duration_ms)}, in ${frames_in} ${frames_in === 1 ? 'frame' : 'frames'} of ${bytes_in} B, out ${frames_out} of ${bytes_out} B${code}`
}

function sessions(count: number): string {
  return count === 1 ? '1 session' : `${count} sessions`
}
