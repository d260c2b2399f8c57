/**
 * The global WebSocket on Node, which tells nothing of why it could not be opened and gives nobody its TCP socket: diagnostics
 * channels do.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Duplex } from 'node:stream'
import { subprotocols } from '../../stomp-versions.ts'
import type { StompSocket } from '../session/link.ts'
import { readLastWords } from './node-last-words.ts'
import { tlsAdvice } from './tls-advice.ts'

const failed = 'undici:client:connectError'
const connected = 'undici:client:connected'

/** The message of a channel when a connection came to be, or did not. */
interface Connected {
  readonly socket: Duplex
  readonly connectParams: { readonly hostname: string; readonly port: string }
}
interface ConnectError extends Pick<Connected, 'connectParams'> {
  readonly error: Error
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/**
 * Opens a WebSocket.
 * @param url `ws:` or `wss:`
 * @returns one whose error event has as `error` that of the network or TLS
 */
export function openNodeWebSocket(url: URL): StompSocket {
  const socket = new WebSocket(url, subprotocols)
  const isOurs = ({ connectParams }: Pick<Connected, 'connectParams'>): boolean =>
    bare(connectParams.hostname) === bare(url.hostname) && connectParams.port === url.port
  let found: Error | undefined
  const onConnectError = (message: unknown): void => {
    if (isOurs(message as ConnectError)) found = (message as ConnectError).error
  }
  const onConnected = (message: unknown): void => {
    if (isOurs(message as Connected)) readLastWords((message as Connected).socket)
  }
  const stop = (): void => {
    unsubscribe(failed, onConnectError)
    unsubscribe(connected, onConnected)
  }
  subscribe(failed, onConnectError)
  subscribe(connected, onConnected)
  socket.addEventListener('open', stop)
  socket.addEventListener('close', stop)
  socket.addEventListener('error', event => {
    stop()
    if (found === undefined) return
    const error = found
    found = undefined
    event.stopImmediatePropagation()
    socket.dispatchEvent(
      Object.assign(new Event('error'), { error, message: error.message, ...tlsAdvice(url.protocol, error) }),
    )
  })
  return socket as StompSocket
}
