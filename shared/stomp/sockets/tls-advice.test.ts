import { expect, test } from 'vitest'
import { unreachable } from '../errors/connection-errors.ts'
import { tlsAdvice } from './tls-advice.ts'

const usual = 'check that it runs and that the address is right'
const certificate = 'check its certificate and the name in the address ('

test.for([
  ['wss://a/', new Error('self-signed certificate'), `Cannot reach wss://a/: self-signed certificate; ${certificate}`],
  ['wss://a/', new Error("Hostname/IP does not match certificate's altnames: no"), certificate],
  ['wss://a/', new Error('certificate has expired'), certificate],
  [
    'wss://a/',
    new Error('unable to verify the first certificate; if it is installed, try --use-system-ca'),
    certificate,
  ],
  ['stomp+ssl://a/', new Error('unable to get local issuer certificate'), certificate],
  ['wss://a/', 'NetworkError: invalid peer certificate: UnknownIssuer', certificate],
  [
    'wss://a/',
    undefined,
    'Cannot reach wss://a/; check that it runs, that the address is right, that its certificate is',
  ],
  ['wss://a/', new TypeError(''), 'that its certificate is trusted here'],
  ['ws://a/', undefined, "right and that this port takes WebSocket (a broker's STOMP port is stomp:)"],
  ['wss://a/', undefined, "and that this port takes WebSocket (a broker's STOMP port is stomp+ssl:)"],
  ['ws://a/', 'failed to connect to WebSocket: invalid HTTP version parsed', "(a broker's STOMP port is stomp:)"],
  ['ws://a/', 'failed to connect to WebSocket: Connection refused (os error 111)', `111); ${usual}`],
  [
    'wss://a/',
    new Error(
      '40CD095CC27F0000:error:0A00010B:SSL routines:tls_validate_record_header:wrong version number:../deps:77:\n',
    ),
    'Cannot reach wss://a/: the server there does not speak TLS; check the port, or take ws: where',
  ],
  ['wss://a/', new Error('connect ECONNREFUSED 127.0.0.1:9'), `: connect ECONNREFUSED 127.0.0.1:9; ${usual}`],
  [
    'stomp://localhost/',
    new AggregateError([new Error('connect ECONNREFUSED ::1:9')]),
    `: connect ECONNREFUSED ::1:9; ${usual}`,
  ],
] as const)('%s that fails of %s says where to look', ([address, found, sentence]) => {
  expect(unreachable(address, found, tlsAdvice(new URL(address).protocol, found)).message).toContain(sentence)
})
