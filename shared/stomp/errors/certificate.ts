/** Advice for a connection that could not be opened: TLS or another port may be the reason. */

const authority = 'name an authority of your own by NODE_EXTRA_CA_CERTS on Node, by DENO_CERT on Deno'

/** Errors of Node's OpenSSL and Deno's rustls over an answer that is not TLS. */
const noTls = /wrong version number|packet length too long|unexpected message|InvalidContentType|corrupt message/i

/** Errors of Deno over an answer that is no WebSocket's. Node, like a page, says nothing of it. */
const noWebSocket = /closed before message|invalid HTTP|status code/i

/** @returns whether the other side does not speak TLS, by the runtime's error */
export const isNoTls = (found: string): boolean => noTls.test(found)

/**
 * @param address where to; only `wss:` and `stomp+ssl:` have a certificate
 * @param found the runtime's error, which is empty in a page
 */
export function whatToCheck(address: string, found: string): string {
  if (isNoTls(found))
    return `check the port, or take ${address.startsWith('wss:') ? 'ws:' : 'stomp:'} where it is meant to be without TLS`
  // Each of Node's and Deno's sentences about one has the word
  if (/certificate/i.test(found)) return `check its certificate and the name in the address (${authority})`
  if (/^wss?:/.test(address) && (found === '' || noWebSocket.test(found))) {
    const isSecure = address.startsWith('wss:')
    const trusted = isSecure && found === '' ? ', that its certificate is trusted here' : ''
    const stomp = isSecure ? 'stomp+ssl:' : 'stomp:'
    return `check that it runs, that the address is right${trusted} and that this port takes WebSocket (a broker's STOMP port is ${stomp})`
  }
  return 'check that it runs and that the address is right'
}
