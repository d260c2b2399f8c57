/** The facts of a refused frame that its operator is told, beside the reason. */
import { type ScannedFrame, type StompVersion, unescapeHeader } from '../../shared/frames/mod.ts'
import { readDestination } from '../../shared/stomp/destinations.ts'

export interface RefusedFrame {
  readonly destination?: string
  readonly task?: string
  readonly request_id?: string
}

/** The sender may have written anything there, of any length. */
const mostCharacters = 300

/**
 * Reads them.
 * @param version in which it came; absent: it is not known yet, and nothing of a login is told
 * @param namespace whose tasks are known by their destinations
 */
export function factsOf(
  frame: ScannedFrame,
  version: StompVersion | undefined,
  namespace: string | undefined,
): RefusedFrame {
  if (namespace === undefined || (frame.command !== 'SEND' && frame.command !== 'SUBSCRIBE')) return {}
  const destination = headerText(frame, 'destination', version)
  if (destination === undefined) return {}
  const purpose = readDestination(namespace, destination)
  const requestId = frame.command === 'SEND' ? headerText(frame, 'correlation-id', version) : undefined
  return {
    destination: destination.slice(0, mostCharacters),
    ...(purpose !== undefined && 'task' in purpose ? { task: purpose.task } : {}),
    ...(requestId === undefined ? {} : { request_id: requestId.slice(0, mostCharacters) }),
  }
}

/** A header's value, unescaped; `undefined` for one that has an escape that is none. */
export function headerText(frame: ScannedFrame, name: string, version: StompVersion = '1.0'): string | undefined {
  const value = frame.header(name)
  if (value === undefined) return undefined
  try {
    return version === '1.0' ? value.trim() : unescapeHeader(value, version)
  } catch {
    return undefined
  }
}
