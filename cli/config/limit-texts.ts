/** The limits of a bridge that are numbers, in the words of the reference. */
import type { Limits } from 'drover/bridge'

/** Numbers alone: the bounds of frames follow from each other. */
export type NumberLimit = { [Name in keyof Limits]: Limits[Name] extends number ? Name : never }[keyof Limits]

export const limitTexts: Readonly<Record<NumberLimit, string>> = {
  headersMs: 'How long a request may take to send its headers.',
  requestMs: 'How long a request may take in all.',
  connectMs: 'How long a new session may take to send CONNECT.',
  brokerMs: 'How long the broker may take to answer CONNECT.',
  readyMs: 'How long `/ready` answers by the last login at the broker, and how long it waits for one.',
  maxUnfinishedBytes:
    'Bytes of frames that have begun and not ended, of all sessions together. As many past `max_unsent_bytes` may wait for sessions that read slowly.',
  maxOwnerUnfinishedBytes: 'The same of the sessions of one owner.',
  maxHeldBytes: 'Bytes of frames of a session that wait until the broker has answered.',
  maxUnsentBytes: 'Bytes that a session has yet to read, before its side of the broker is paused.',
  stalledMs: 'How long a session may take nothing while bytes wait for it.',
  maxBrokerUnsentBytes: 'Bytes that the broker has yet to take from a session, before the session is paused.',
  maxBrokerBacklogBytes: 'The same where a session cannot be paused, before it is ended.',
  maxSessions: 'Sessions in all.',
  maxOwnerSessions: 'Sessions of one owner.',
  maxAddressSessions: 'Sessions of one address, which is never this machine itself.',
  maxUnauthenticated: 'Connections that have not logged in yet. Past it the oldest gives way.',
  maxUnauthenticatedOfAddress: 'The same of one address, of IPv6 its first 64 bits. Behind a proxy that is everybody.',
  maxSubscriptions: 'Subscriptions of one session.',
  maxOwnerSubscriptions: 'The same of one owner.',
  maxAddressSubscriptions: 'The same of one address.',
  maxOwnerReplyQueues: 'Reply queues of masters that the sessions of one owner read.',
  maxAddressReplyQueues: 'The same of one address.',
  maxTransactions: 'Open transactions of one session.',
  maxOwnerTransactions: 'The same of one owner.',
  maxAddressTransactions: 'The same of one address.',
  maxOwnerTransactionBytes:
    'Bytes of frames in the open transactions of one owner. The broker holds them until COMMIT.',
  maxAddressTransactionBytes: 'The same of one address.',
  maxUnacknowledged: 'Unacknowledged messages of one session that the bridge remembers.',
  maxPrefetch: 'Unacknowledged messages of one subscription, where the broker counts messages.',
  maxPrefetchBytes: 'Unacknowledged bytes of one subscription, where the broker counts bytes.',
  maxOwnerMessagesPerSecond:
    'Messages that one owner may send in a second. Past it the sessions are read from more slowly.',
  maxOwnerBytesPerSecond: 'The same in bytes.',
  maxAddressMessagesPerSecond: 'Messages of one address in a second.',
  maxAddressBytesPerSecond: 'The same in bytes.',
  burstMs: 'For how long messages that were not sent may be sent later, at once.',
  maxSlowedMs:
    'The longest that a session may have to be held back for that. One that would have to wait longer is ended.',
  maxDelayMs: 'The longest delay of a job.',
  heartBeatMs: 'The heart-beat interval that the bridge offers and asks for.',
  quietMs: 'The shortest time that a peer may be silent.',
  tokenMs: 'How long a token lasts when nothing else was asked for.',
  maxTokenMs: 'How long a token may last.',
  signInMs: 'How long the sign-in link works.',
}
