import { expect, test } from 'vitest'
import { errorForBrowser } from './errors-for-browsers.ts'

const stack = `java.lang.SecurityException: User foo is not authorized to write to: queue://other.secrets
\tat org.apache.activemq.security.AuthorizationBroker.send(AuthorizationBroker.java:207)
\tat org.apache.activemq.broker.region.AbstractRegion.send(AbstractRegion.java:1)`

// As the brokers say them
test.each([
  ['User foo is not authorized to write to: queue://other.secrets', stack, 'forbidden'],
  ['AMQ229032: User: foo does not have permission=SEND on address other.secrets', '', 'forbidden'],
  [
    'access_refused',
    "ACCESS_REFUSED - access to queue 'other.secrets' in vhost '/' refused for user 'foo'",
    'forbidden',
  ],
  ['User name [foo] or password is invalid.', stack, 'broker_error'],
  ['Bad CONNECT', 'Access refused for user bridge at host-17.internal', 'forbidden'],
  [
    'Usage Manager Memory Limit reached. Stopping producer (ID:host-17.internal-1) to prevent flooding queue://other.secrets',
    '',
    'queue_full',
  ],
  ['The maximum data length was exceeded', '', 'frame_too_large'],
  ['The maximum header length was exceeded', stack.replace(/not authorized/g, 'x'), 'frame_too_large'],
  ['The maximum number of headers was exceeded', '', 'frame_too_large'],
  [
    'precondition_failed',
    "PRECONDITION_FAILED - inequivalent arg 'x-expires' for queue 'other.secrets'",
    'config_invalid',
  ],
  ['precondition_failed', 'PRECONDITION_FAILED - unknown delivery tag 1', 'frame_invalid'],
  [
    'Poison ack cannot be transacted: MessageAck {commandId = 5, destination = queue://other.secrets}',
    stack,
    'frame_invalid',
  ],
  ['AMQ339025 failed to ack because no message with id 25,20', '', 'frame_invalid'],
  ['AMQ339026 subscription id v does not match w', '', 'frame_invalid'],
  ['Subscription not found', 'Message with id "T_w@@session-x@@1" has no subscription', 'frame_invalid'],
  [
    'org.apache.activemq.transport.stomp.ProtocolException: No such id',
    stack.replace(/not authorized/g, 'x'),
    'broker_error',
  ],
  ['', '', 'broker_error'],
])('%j is told in one plain sentence', (message, body, code) => {
  const error = errorForBrowser(message, body)
  if (code !== 'broker_error') expect(error.code).toBe(code)
  expect(error.message).not.toMatch(/java|org\.|\bat \w+\.|Exception|host-17|other\.secrets|foo|AMQ\d|\n/)
  expect(error.message.length).toBeGreaterThan(20)
})

/** Names that a task, a namespace, an owner or a master may have, and that look like words of a broker. */
const names = ['not.authorized', 'queue.full', 'access.denied', 'a.Security', 'login.too-large.limit']

// As the brokers say them
test.for(names)('an ERROR means the same when a destination is called %s', name => {
  const codes = (said: readonly (readonly [string, string?])[]) =>
    said.map(([message, body = '']) => errorForBrowser(message, body).code)
  expect(
    codes([
      [`User foo is not authorized to write to: queue://myapp.tasks.${name}`],
      [`AMQ229032: User: foo does not have permission=SEND on address myapp.${name}`],
      ['access_refused', `ACCESS_REFUSED - access to queue 'myapp.${name}' in vhost '/' refused for user 'foo'`],
    ]),
  ).toEqual(['forbidden', 'forbidden', 'forbidden'])
  expect(
    codes([
      [`Usage Manager Memory Limit reached. Stopping producer to prevent flooding queue://myapp.${name}`],
      [`AMQ229102: Address "myapp.${name}" is full.`],
      [
        'precondition_failed',
        `PRECONDITION_FAILED - inequivalent arg 'x-expires' for queue 'myapp.${name}' in vhost '/'`,
      ],
      [`Not allowed to specify MULTICAST semantics on [ANYCAST] address myapp.${name}`],
      ['not_found', `NOT_FOUND - no queue 'myapp.${name}' in vhost '/'`],
      [`Destination topic://myapp.${name} is being deleted`],
    ]),
  ).toEqual(['queue_full', 'queue_full', 'config_invalid', 'config_invalid', 'broker_error', 'broker_error'])
})
