import { expect, test } from 'vitest'
import { otherProtocol } from './other-protocol.ts'

test.for([
  ['CONNECTED\nversion:1.2\n', undefined],
  ['\r\n\nCONNECTED\n', undefined],
  ['ERROR\n', undefined],
  ['CONN', undefined],
  ['\n', undefined],
  ['AMQP\x00\x00\x09\x01', 'answered as AMQP'],
  ['AMQP\x03\x01\x00\x00', 'answered as AMQP'],
  ['HTTP/1.1 400 Bad Request', 'answered as HTTP'],
  ['SSH-2.0-OpenSSH_9.2p1', 'answered as SSH'],
  ['\x15\x03\x01\x00\x02', "answered as TLS: is this the broker's STOMP port (61613), and this an address without TLS"],
  ['220 mail.example ESMTP', 'something else than STOMP ("220 mail.example ESMTP")'],
  ['J\x00\x00\x00\x0a8', 'something else than STOMP ("J")'],
] as const)('bytes that begin with %j are told from STOMP', ([first, sentence]) => {
  const found = otherProtocol(new TextEncoder().encode(first))
  if (sentence === undefined) expect(found).toBeUndefined()
  else expect(found).toContain(sentence)
})
