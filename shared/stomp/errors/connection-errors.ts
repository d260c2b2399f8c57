/** Errors for a connection that is not there. */
import { DroverError } from '../../contract/errors.ts'
import type { StompState } from '../stomp.ts'
import { isNoTls, whatToCheck } from './certificate.ts'

export function unreachable(address: string, found: unknown): DroverError {
  const text = textOf(found)
  const said = isNoTls(text) ? 'the server there does not speak TLS' : text
  const message = `Cannot reach ${address}${said && `: ${said}`}; ${whatToCheck(address, text)}`
  return new DroverError('broker_unreachable', message, { cause: found })
}

/** Of a name with several addresses the error itself says nothing. */
function textOf(found: unknown): string {
  if (found instanceof AggregateError && found.message === '') return textOf(found.errors[0])
  return found instanceof Error ? found.message : typeof found === 'string' ? found : ''
}

export function notConnected(state: StompState): DroverError {
  if (state.at === 'closed')
    return new DroverError('closed', 'The connection is closed for good', { cause: state.reason })
  const why = state.at === 'waiting' ? `: ${state.reason.message}` : ''
  return new DroverError('connection_lost', `There is no connection at present${why}`)
}
