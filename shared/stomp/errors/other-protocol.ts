/** The frames of a STOMP server begin so, behind any line ends. */
const commands = ['CONNECTED', 'ERROR', 'MESSAGE', 'RECEIPT']
/** Others by how they begin; a TLS port answers plain text with an alert. */
const others: readonly (readonly [RegExp, string])[] = [
  [/^AMQP/, 'AMQP'],
  [/^HTTP\//, 'HTTP'],
  [/^SSH-/, 'SSH'],
  [/^[\x15\x16]\x03/, 'TLS'],
]

/**
 * Whether a server speaks something else than STOMP on this TCP port, as a broker's other ports do.
 * @param first bytes that it sent
 * @returns a question that says so, or nothing
 */
export function otherProtocol(first: Uint8Array): string | undefined {
  const text = String.fromCharCode(...first.subarray(0, 40)).replace(/^[\r\n]+/, '')
  if (commands.some(command => command.startsWith(text.slice(0, command.length)))) return undefined
  const name = others.find(([pattern]) => pattern.test(text))?.[1]
  const found = name ?? `something else than STOMP (${JSON.stringify(text.replace(/[^ -~].*$/s, ''))})`
  const advice = name === 'TLS' ? ', and this an address without TLS (stomp:, where stomp+ssl: is meant)' : ''
  return `it answered as ${found}: is this the broker's STOMP port (61613)${advice}?`
}
