/** Errors for a connection that is not there. */
import { DroverError } from '../contract/errors.ts'
import type { StompState } from './stomp.ts'

export function unreachable(address: string, found: unknown): DroverError {
  const text = found instanceof Error ? found.message : typeof found === 'string' ? found : ''
  const message = `Cannot reach ${address}${text && `: ${text}`}; check that it runs and that the address is right`
  return new DroverError('broker_unreachable', message, { cause: found })
}

export function notConnected(state: StompState): DroverError {
  if (state.at === 'closed')
    return new DroverError('closed', 'The connection is closed for good', { cause: state.reason })
  const why = state.at === 'waiting' ? `: ${state.reason.message}` : ''
  return new DroverError('connection_lost', `There is no connection at present${why}`)
}
