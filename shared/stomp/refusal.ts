/** What an ERROR frame says, as a DroverError. */
import { DroverError, type ErrorCode } from '../contract/errors.ts'
import type { Headers } from './stomp.ts'

// One pattern for all brokers: an ERROR in answer to CONNECT comes before anything tells which broker it is.
const badCredentials = /password|credential|authenticat|validate user|invalid user|login (failed|refused)/i
const notAllowed =
  /not authori[sz]ed|not allowed|access[ _](refused|denied)|does not have permission|permission denied|forbidden/i

/**
 * Reads an ERROR frame.
 * @param frame a bridge says the code in `drover-code`; for a broker it is told from the text
 * @param isConnected false for the answer to CONNECT, where a refusal is about who it is and not about a destination
 */
export function readError(frame: { headers: Headers; body: string }, isConnected: boolean): DroverError {
  const { 'drover-code': code } = frame.headers
  // Before CONNECTED stompjs unescapes nothing, and some servers escape already.
  const message = (frame.headers.message ?? '').replaceAll('\\c', isConnected ? '\\c' : ':')
  const text = sentence(message, frame.body.trim())
  if (code !== undefined) return new DroverError(code as ErrorCode, text)
  const found = `${message}\n${frame.body}`
  if (!isConnected && (badCredentials.test(found) || notAllowed.test(found))) {
    return new DroverError('not_authenticated', `The broker did not accept these credentials: ${text}`)
  }
  return new DroverError(notAllowed.test(found) ? 'forbidden' : 'broker_error', `The broker refused: ${text}`)
}

/** The `message` header, and the body where it is one more line and not a stack trace. */
function sentence(message: string, body: string): string {
  const detail = body.includes('\n') ? '' : body.slice(0, 300)
  if (message === '') return detail || 'an ERROR without a message'
  return detail === '' || detail.includes(message) || message.includes(detail) ? message : `${message}: ${detail}`
}
