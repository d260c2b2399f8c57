/** The global WebSocket on Node, which tells nothing of why it could not be opened: a diagnostics channel does. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { type StompSocket, subprotocols } from './link.ts'

const channel = 'undici:client:connectError'

/** What is published there when no connection came to be. */
interface ConnectError {
  readonly error: Error
  readonly connectParams: { readonly hostname: string; readonly port: string }
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '')

/**
 * Opens a WebSocket.
 * @param url `ws:` or `wss:`
 * @returns one whose error event has as `error` what the network or TLS said
 */
export function openNodeWebSocket(url: URL): StompSocket {
  const socket = new WebSocket(url, subprotocols)
  let found: Error | undefined
  const onConnectError = (message: unknown): void => {
    const { error, connectParams } = message as ConnectError
    if (bare(connectParams.hostname) === bare(url.hostname) && connectParams.port === url.port) found = error
  }
  const stop = (): void => void unsubscribe(channel, onConnectError)
  subscribe(channel, onConnectError)
  socket.addEventListener('open', stop)
  socket.addEventListener('close', stop)
  socket.addEventListener('error', event => {
    stop()
    if (found === undefined) return
    const error = found
    found = undefined
    event.stopImmediatePropagation()
    socket.dispatchEvent(Object.assign(new Event('error'), { error, message: error.message }))
  })
  return socket as StompSocket
}
