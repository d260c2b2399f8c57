/** WebSocket close codes that a program can act on; an ERROR frame with the sentence goes before each. */
import type { ErrorCode } from '../../shared/contract/errors.ts'

export const closeCodes = {
  normal: 1000,
  tooLarge: 1009,
  brokerFailure: 1011,
  restarting: 1012,
  tryLater: 1013,
  protocol: 4400,
  notAuthenticated: 4401,
  forbidden: 4403,
  noConnect: 4408,
  replaced: 4409,
  tooMany: 4429,
} as const

/** The code with which a connection ends after an ERROR. */
export function closeCodeOf(code: ErrorCode): number {
  switch (code) {
    case 'not_authenticated':
      return closeCodes.notAuthenticated
    case 'forbidden':
      return closeCodes.forbidden
    case 'frame_too_large':
      return closeCodes.tooLarge
    case 'session_replaced':
      return closeCodes.replaced
    case 'too_many_attempts':
    case 'too_many_messages':
      return closeCodes.tooMany
    case 'broker_unreachable':
    case 'keys_unavailable':
    case 'queue_full':
    case 'slow_reader':
    case 'store_failed':
      return closeCodes.tryLater
    case 'broker_error':
    case 'config_invalid':
    case 'connection_lost':
      return closeCodes.brokerFailure
    case 'closed':
      return closeCodes.restarting
    case 'timed_out':
      return closeCodes.noConnect
    default:
      return closeCodes.protocol
  }
}
