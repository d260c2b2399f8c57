/** The words of frames, and parts that parsers disagree on. */

/** Those that pass are there more often. */
export const commands: readonly string[] =
  'SEND SEND SEND SEND SUBSCRIBE UNSUBSCRIBE ACK NACK BEGIN COMMIT ABORT DISCONNECT CONNECT STOMP'
    .concat(' MESSAGE CONNECTED ERROR RECEIPT PUBLISH NOOP send Send')
    .split(' ')

/** Names that control a frame, each also a little wrong. */
export const names: readonly string[] = [
  ...['destination', 'reply-to', 'correlation-id', 'content-length', 'content-type', 'receipt', 'transaction', 'id'],
  ...['message-id', 'subscription', 'ack', 'expires', 'persistent', 'priority', 'selector', 'drover-pass', 'own'],
  ...['drover-sender', 'drover-owner', 'drover-letter', 'traceparent', 'AMQ_SCHEDULED_DELAY', 'JMSReplyTo', 'bcc'],
]
/** At an end of a name. */
export const nameFaults: readonly string[] = [
  ' ',
  '\t',
  '\\c',
  '\\n',
  '\\r',
  '\\',
  ':',
  '\r',
  '\u00a0',
  '\ufeff',
  '\u0000',
]
/** At an end of a value. */
export const valueFaults: readonly string[] = [
  '\\c',
  '\\n',
  '\\r',
  '\\\\',
  '\\t',
  '\\',
  ':',
  '::x',
  ' ',
  '\t',
  '\r',
  '\0',
  'é',
  '\u2028',
]
/** Ends and beginnings, to be put in anywhere. */
export const marks: readonly string[] = [
  '\0',
  '\n',
  '\r',
  '\r\n',
  '\n\n',
  '\r\n\r\n',
  ':',
  '\\',
  '\\n',
  '\\c',
  '\\r',
  ' ',
  '\0\n',
  '\0SEND\n',
  '\0DISCONNECT\n\n\0',
]
/** Of a `content-length`. */
export const lengths: readonly string[] = [
  '0',
  '1',
  '2',
  '5',
  ' 2',
  '2 ',
  '+2',
  '-1',
  '02',
  '2,2',
  '',
  '999999999',
  '1e1',
  '0x2',
  '２',
  '9'.repeat(20),
]
/** Some look like a frame more to who miscounts. */
export const bodies: readonly string[] = [
  '',
  '{}',
  'a\0b',
  '\n',
  '\r\n',
  'x\0SEND\ndestination:/queue/myapp.dead\n\nx',
  '\0\n\nSEND\n\n',
  '\0',
  'é',
  '\ufeff{}',
]
/** Each is a blank to some reader. */
export const blanks: readonly string[] = [
  ' ',
  '\t',
  '\v',
  '\f',
  '\u0001',
  '\u001f',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2003',
  '\u2028',
  '\ufeff',
  '\u200b',
]
export const oddBytes: readonly number[] = [0, 9, 10, 13, 32, 58, 92, 0x7f, 0x80, 0xc0, 0xc3, 0xed, 0xff]
