/**
 * Advice for a socket of Node or Deno that could not be opened because of TLS. A page is told no error of a socket, and does not
 * download this.
 */
import { textOf } from '../errors/connection-errors.ts'

const authority = 'name an authority of your own by NODE_EXTRA_CA_CERTS on Node, by DENO_CERT on Deno'

/** Errors of Node's OpenSSL and Deno's rustls over an answer that is not TLS. */
const noTls = /wrong version number|packet length too long|unexpected message|InvalidContentType|corrupt message/i

/** Fields for a socket's error event, where TLS is the reason. */
export interface TlsAdvice {
  /** In place of the runtime's words. */
  readonly said?: string
  readonly advice?: string
}

/**
 * @param protocol of the address; only `wss:` and `stomp+ssl:` have a certificate
 * @param found the runtime's error, or its message
 */
export function tlsAdvice(protocol: string, found: unknown): TlsAdvice {
  const text = textOf(found)
  if (noTls.test(text)) {
    const plain = protocol === 'wss:' ? 'ws:' : 'stomp:'
    const advice = `check the port, or take ${plain} where it is meant to be without TLS`
    return { said: 'the server there does not speak TLS', advice }
  }
  // Each of Node's and Deno's sentences about one has the word
  if (/certificate/i.test(text)) return { advice: `check its certificate and the name in the address (${authority})` }
  return {}
}
