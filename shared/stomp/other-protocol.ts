/**
 * Whether what answers on a TCP port speaks something else than STOMP, as its other ports do.
 * @param first bytes that it sent
 * @returns a question that says so, or nothing
 */
export function otherProtocol(first: Uint8Array): string | undefined {
  const [, name] = /^(AMQP|HTTP)(?=[/\0-\x03])/.exec(String.fromCharCode(...first.subarray(0, 5))) ?? []
  return name && `it answered as ${name}: is this the broker's STOMP port (61613)?`
}
