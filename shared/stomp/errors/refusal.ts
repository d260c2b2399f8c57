/** ERROR frames as DroverErrors. */
import { DroverError, type ErrorCode } from '../../contract/errors.ts'
import type { Headers } from '../stomp.ts'
import { withoutNames } from './error-text.ts'

// One pattern for all brokers: an ERROR in answer to CONNECT comes before anything tells which broker it is.
const badCredentials = /password|credential|authenticat|validate user|invalid user|login (failed|refused)/i
const notAllowed =
  /not authori[sz]ed|not allowed|access[ _](refused|denied)|does not have permission|permission denied|forbidden/i

/** Refusals that only another configuration of the broker mends, with that one. As `badCredentials`, for all brokers at once. */
const misconfigured: readonly { readonly pattern: RegExp; readonly advice: string }[] = [
  {
    // Artemis, where the configuration fixes the kind of the address
    pattern: /not allowed to specify (any|multi)cast semantics/i,
    advice:
      'give the broker address settings that make /queue/{namespace}.# ANYCAST and /topic/{namespace}.# MULTICAST, and delete that address',
  },
  {
    // RabbitMQ, where the queue is there already, with other arguments
    pattern: /inequivalent arg/i,
    advice: 'the queue is there already, made otherwise: delete it, and the policy or program that makes it so',
  },
]

const noRoom =
  /usage manager|\b(store|memory|disk|address\b.*) is full|resourceallocation|the broker (holds \d+ bytes|has no room)|\bopen transactions\b/i

/**
 * Whether a broker refused for want of room, which comes back: Classic with `sendFailIfNoSpace`, Artemis with the policy FAIL,
 * the embedded one when its room for messages or for open transactions is full as a whole, and a bridge for its broker.
 */
export function saysNoRoom(message: string): boolean {
  return noRoom.test(withoutNames(message))
}

/**
 * Reads an ERROR frame.
 * @param frame a bridge says the code in `drover-code`; for a broker it is told from the text
 * @param isConnected false for the answer to CONNECT, where a refusal is about the login and not about a destination
 */
export function readError(frame: { headers: Headers; body: string }, isConnected: boolean): DroverError {
  const { 'drover-code': code } = frame.headers
  // Before CONNECTED stompjs unescapes nothing, and some servers escape already.
  const message = (frame.headers.message ?? '').replaceAll('\\c', isConnected ? '\\c' : ':')
  const text = sentence(message, frame.body.trim())
  if (code !== undefined) return new DroverError(code as ErrorCode, text)
  const found = withoutNames(`${message}\n${frame.body}`)
  if (!isConnected && (badCredentials.test(found) || notAllowed.test(found))) {
    return new DroverError('not_authenticated', `The broker did not accept these credentials: ${text}`)
  }
  const wrong = misconfigured.find(({ pattern }) => pattern.test(found))
  if (wrong) return new DroverError('config_invalid', `The broker refused: ${text}; ${wrong.advice}`)
  return new DroverError(notAllowed.test(found) ? 'forbidden' : 'broker_error', `The broker refused: ${text}`)
}

/** The `message` header, and the body where it is one more line and not a stack trace. */
function sentence(message: string, body: string): string {
  const detail = body.includes('\n') ? '' : body.slice(0, 300)
  if (message === '') return detail || 'an ERROR without a message'
  return detail === '' || detail.includes(message) || message.includes(detail) ? message : `${message}: ${detail}`
}
