/**
 * Advice for a socket of Node or Deno that could not be opened because of TLS. A page is told no error of a socket, and does not
 * download this.
 */
import { textOf } from '../errors/connection-errors.ts'

/** Fields for a socket's error event, where TLS is the reason. */
export interface TlsAdvice {
  /** In place of the runtime's words. */
  readonly said?: string
  readonly advice?: string
}

const authority =
  'name an authority of your own by --tls-ca, or for all programs by NODE_EXTRA_CA_CERTS on Node and DENO_CERT on Deno'
const ours = 'name the certificate of this side and its key by --tls-cert and --tls-key'

/** Also where a runtime does not say so. */
export const refusedHandshake = 'the server there refused the handshake of TLS'

/** The meaning of the words of Node's OpenSSL and Deno's rustls; the first that fits counts. */
const kinds: readonly (readonly [RegExp, (plain: string, words: string) => TlsAdvice])[] = [
  [
    /wrong version number|packet length too long|unexpected message|InvalidContentType|corrupt message/i,
    plain => ({
      said: 'the server there does not speak TLS',
      advice: `check the port, or take ${plain} where it is meant to be without TLS`,
    }),
  ],
  [
    /before secure TLS connection was established|tls handshake eof|unexpected end of file/i,
    plain => ({
      said: 'the server there ended the connection before TLS had begun',
      advice: `check that this port has TLS, and take ${plain} where it is meant to be without`,
    }),
  ],
  [
    /certificate.?required|did not return a certificate/i,
    () => ({ said: 'the server there asks for a certificate of this side', advice: ours }),
  ],
  [
    /alert:? ?\w*(?:unknown.?ca|(?:bad|unsupported|unknown).?certificate|certificate.?(?:expired|revoked|unknown))/i,
    (_plain, words) => ({
      said: `the server there does not take the certificate of this side (${words})`,
      advice: 'check that it has not expired, and that its authority is known there (--tls-cert)',
    }),
  ],
  [
    /alert handshake failure|alert:? HandshakeFailure|alert number 40|refused the handshake/i,
    () => ({
      said: refusedHandshake,
      advice: `it may ask for a certificate (${ours}), or for another version of TLS`,
    }),
  ],
  [
    /altnames|NotValidForName|not valid for name/i,
    () => ({
      advice: 'check its certificate and the name in the address (name the one that it has by --tls-server-name)',
    }),
  ],
  [
    /certificate.*expired|: Expired|not.?valid.?yet/i,
    () => ({
      advice: 'check its certificate and the name in the address (it has to be renewed there, or a clock is wrong)',
    }),
  ],
  // Each other sentence about one has the word
  [/certificate/i, () => ({ advice: `check its certificate and the name in the address (${authority})` })],
]

/**
 * @param protocol of the address; only `wss:` and `stomp+ssl:` have a certificate
 * @param found the runtime's error, or its message
 */
export function tlsAdvice(protocol: string, found: unknown): TlsAdvice {
  if (protocol !== 'wss:' && protocol !== 'stomp+ssl:') return {}
  const text = textOf(found)
  const kind = kinds.find(([words]) => words.test(text))?.[1]
  return kind === undefined ? {} : kind(protocol === 'wss:' ? 'ws:' : 'stomp:', wordsOf(text))
}

/** A reason for an end without a word, besides a login that is not taken. */
export const silentEnd = (protocol: string): string =>
  protocol === 'stomp:'
    ? 'as a port with TLS also does, where stomp+ssl: is meant'
    : 'as a broker also does that does not take the certificate of this side'

/** OpenSSL's own sentence in `40DD…:error:0A000418:SSL routines:ssl3_read_bytes:tlsv1 alert unknown ca:../deps/…`. */
const wordsOf = (text: string): string =>
  /error:[0-9A-F]+:[^:]*:[^:]*:([^:]+)/i.exec(text)?.[1] ?? text.replace(/^.*(?=received fatal alert)/, '')
