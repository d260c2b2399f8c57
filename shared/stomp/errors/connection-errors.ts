/** Errors for a connection that is not there. */
import { DroverError } from '../../contract/errors.ts'
import type { StompState } from '../stomp.ts'

/** Errors of Deno over an answer that is no WebSocket's. Node, like a page, says nothing of it. */
const noWebSocket = /closed before message|invalid HTTP|status code/i

/**
 * @param found the runtime's error or its message; a page has none
 * @param event of the socket, which may say more: in `said` in other words, in `advice` where to look
 */
export function unreachable(
  address: string,
  found: unknown,
  event: { readonly said?: string; readonly advice?: string } = {},
): DroverError {
  const text = textOf(found)
  const { said = text, advice = whereToLook(address, text) } = event
  return new DroverError('broker_unreachable', `Cannot reach ${address}${said && `: ${said}`}; ${advice}`, {
    cause: found,
  })
}

function whereToLook(address: string, found: string): string {
  if (!/^wss?:/.test(address) || (found !== '' && !noWebSocket.test(found)))
    return 'check that it runs and that the address is right'
  const isSecure = address.startsWith('wss:')
  const trusted = isSecure && found === '' ? ', that its certificate is trusted here' : ''
  const stomp = isSecure ? 'stomp+ssl:' : 'stomp:'
  return `check that it runs, that the address is right${trusted} and that this port takes WebSocket (a broker's STOMP port is ${stomp})`
}

/** Of a name with several addresses the error itself says nothing. */
export function textOf(found: unknown): string {
  if (found instanceof AggregateError && found.message === '') return textOf(found.errors[0])
  return found instanceof Error ? found.message : typeof found === 'string' ? found : ''
}

export function notConnected(state: StompState): DroverError {
  if (state.at === 'closed')
    return new DroverError('closed', 'The connection is closed for good', { cause: state.reason })
  const why = state.at === 'waiting' ? `: ${state.reason.message}` : ''
  return new DroverError('connection_lost', `There is no connection at present${why}`)
}
